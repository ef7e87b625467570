// What is asked of the photo: the reasons in words, a button and a key for every class, and what else can be done.
import { at, fill, make, put, style } from "./dom.js";
import { shown } from "./decide.js";
import { because, locale, named, percent, t } from "./i18n.js";
import { classKeys } from "./keys.js";
import * as store from "./store.js";

const MANY = 8;
let built = ""; // the attribute whose buttons are there

export function startQuestion(act) {
  at("question").addEventListener("click", event => {
    const button = event.target.closest("button[data-do]");
    if (!button) return;
    if (event.detail > 0) button.blur(); // a click with the mouse: the next Space is a key again, not this button
    const code = button.dataset.do;
    act(/^\d+$/.test(code) ? { code: Number(code) } : code);
  });
}

/** All that the columns say of a finding; the rest follows with its details. */
export function ask(finding) {
  const attribute = store.attributeOf(finding);
  put(at("kind"), named(store.kindOf(finding)));
  put(at("kind-attribute"), attribute && ` · ${attribute}`);
  put(at("kind-score"), ` · ${t("score", { share: percent(store.findings.score[finding]) })}`);
  showSentence(finding, attribute);
  buildClasses(attribute);
  const suggests = store.fixOf(finding) !== "look";
  at("do-accept").disabled = !suggests;
  put(at("accept-text"), suggests ? acceptText(finding) : t("no_suggestion"));
  put(at("keep-text"), attribute ? t("keep_value", { value: store.labelOf(store.findings.photo[finding], attribute) || t("no_label") }) : t("keep_it"));
}

const ASKED = { relabel: "ask_label", exclude: "ask_exclude", group: "ask_group" };

/** Of the label as it stands: somebody, or a rule, may have decided since the audit. */
function showSentence(finding, attribute) {
  const [photo, suggested] = [store.findings.photo[finding], store.suggestedOf(finding)];
  const given = attribute ? store.labelOf(photo, attribute) : store.givenOf(finding);
  const fix = store.fixOf(finding);
  const isDone = fix === "exclude" ? store.isLeftOut(photo) : fix !== "look" && store.standsNow(photo, store.fieldOf(finding)) === suggested;
  const key = fix === "look" ? (attribute ? "ask_look_label" : "ask_look") : ASKED[fix];
  put(at("sentence"), t(isDone ? `${key}_done` : key, { attribute, given: given || t("no_label"), suggested, before: store.givenOf(finding) || t("no_label") }));
}

function acceptText(finding) {
  const fix = store.fixOf(finding);
  return fix === "exclude" ? t("leave_out") : fix === "group" ? t("join_group", { name: store.suggestedOf(finding) }) : t("accept_value", { value: store.suggestedOf(finding) });
}

function buildClasses(attribute) {
  if (built === attribute) return;
  built = attribute;
  const values = store.valuesOf(attribute);
  const keys = classKeys(values.length);
  at("classes").classList.toggle("many", values.length > MANY);
  fill(at("classes"), values.map((value, code) =>
    make("button", { type: "button", "data-do": code, "aria-keyshortcuts": keys[code] || null },
      make("kbd", { hidden: !keys[code] }, keys[code].toUpperCase()), make("span", {}, value, make("span", { class: "tag" })), make("span", { class: "share" }))));
}

/** Which class stands, which is suggested, and what the model says of each. */
export function showClasses(finding, details) {
  const attribute = store.attributeOf(finding);
  const photo = store.findings.photo[finding];
  const probabilities = details?.probabilities?.attributes[attribute];
  const stands = attribute && store.labelOf(photo, attribute);
  store.valuesOf(attribute).forEach((value, code) => {
    const button = at("classes").children[code];
    const isSuggested = store.fixOf(finding) === "relabel" && value === store.suggestedOf(finding);
    button.classList.toggle("suggested", isSuggested);
    put(button.querySelector(".tag"), [value === stands && t("stands"), isSuggested && t("suggested")].filter(Boolean).join(", "));
    put(button.querySelector(".share"), probabilities ? percent(probabilities[code]) : "");
    style(button, { "--share": probabilities ? probabilities[code] : 0 });
  });
  put(at("judge"), judge(details, attribute));
}

function judge(details, attribute) {
  if (!details || !attribute) return "";
  if (!details.probabilities) return t("no_probabilities");
  const { by, name } = details.probabilities;
  return [t(`by_${by}`, { name }), details.probabilities.held_out ? "" : t("has_learned")].filter(Boolean).join(" ");
}

export function showEvidence(finding, details) {
  const one = findingIn(details, finding);
  put(at("evidence"), (one ? because(one) : "").replaceAll(" %", "\u00a0%")); // a number and its sign stay on one line
  const others = details ? details.findings.length - 1 : 0;
  put(at("also"), others > 0 ? t("also", { count: others, kinds: [...new Set(details.findings.filter(other => other.finding !== finding).map(other => named(other.kind)))].join(", ") }) : "");
}

/** Photos that the finding speaks of. */
export const relatedOf = (finding, details) => findingIn(details, finding)?.related ?? [];

const findingIn = (details, finding) => details?.findings.find(one => one.finding === finding);

/** What was decided already, by whom and when. */
export function showStanding(finding) {
  const photo = store.findings.photo[finding];
  const field = store.isLeftOut(photo) ? "exclude" : store.fieldOf(finding);
  const now = store.standsNow(photo, field);
  at("standing").hidden = now === null;
  if (now === null) return;
  const decided = store.stands(photo, field);
  const isOn = decided && decided.stands === now;
  if (isOn && decided.by_rule) put(at("standing"), t("decided_by_rule", { value: shown(now), when: clock(decided.when) }));
  else put(at("standing"), isOn ? t("decided_by", { value: shown(now), who: decided.who === store.session.who ? t("you") : decided.who, when: clock(decided.when) }) : t("decided", { value: shown(now) }));
}

const clock = when => new Intl.DateTimeFormat(locale(), { dateStyle: "short", timeStyle: "short" }).format(new Date(when));

export const rebuild = () => { built = null; };

/** A short mark on what was pressed, so that the hand sees what it did. */
export function press(action) {
  const button = document.querySelector(`#question [data-do="${action.code ?? action}"]`);
  button?.classList.add("pressed");
  setTimeout(() => button?.classList.remove("pressed"), 160);
}
