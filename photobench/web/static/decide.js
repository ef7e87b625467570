// From a key or a click to an order for the outbox, and what follows when it is written, refused, contradicted, taken back.
import { on, tell } from "./bus.js";
import { t } from "./i18n.js";
import { notice } from "./notices.js";
import * as outbox from "./outbox.js";
import * as store from "./store.js";

let hint = () => {}; // closes the word on why nothing was decided: it is of one photo, and goes with it
on("place", () => hint());
const done = []; // orders of this page, the latest last: what undo takes back first

/**
 * Decides `action` ("accept", "keep", "exclude" or { code }) of a target:
 * { findings, photos, attribute, wholeGroup }: findings may be empty where photos are looked at without them.
 * Answers whether something was decided; where not, a notice says why.
 */
export function decide(action, target) {
  const made = action.code === undefined ? MAKERS[action](target) : relabel(action.code, target);
  if (typeof made === "string") {
    hint = notice(made);
    return false;
  }
  const order = { to: "decide", known: store.cursor, at: target.findings[0] ?? null, photo: target.photos[0], ...made };
  for (const [photo, field, value] of order.topics) store.assume(order, photo, field, value);
  done.push(order);
  outbox.add(order);
  tell("decisions", []);
  return true;
}

const MAKERS = { accept, keep, exclude };

function accept({ findings, wholeGroup, photos }) {
  const fitting = findings.filter(finding => store.fixOf(finding) !== "look");
  if (!fitting.length) return t("suggests_nothing");
  if (wholeGroup) return acceptForGroup(fitting, photos);
  const topics = fitting.map(finding => [store.findings.photo[finding], store.fieldOf(finding), suggestionOf(finding)]);
  return { send: { do: "accept", findings: fitting }, topics };
}

function acceptForGroup(fitting, photos) {
  const [field, value] = [store.fieldOf(fitting[0]), suggestionOf(fitting[0])];
  const isOne = fitting.every(finding => store.fieldOf(finding) === field && suggestionOf(finding) === value);
  return isOne ? setAll(withGroups(photos), field, value, fitting) : t("suggestions_differ");
}

const suggestionOf = finding => (store.fixOf(finding) === "exclude" ? true : store.suggestedOf(finding));

function keep({ findings, photos, attribute, wholeGroup }) {
  if (findings.length && !wholeGroup) {
    const topics = findings.map(finding => keptTopic(store.findings.photo[finding], store.fieldOf(finding)));
    return { send: { do: "keep", findings }, topics };
  }
  const field = findings.length ? store.fieldOf(findings[0]) : attribute;
  const all = (wholeGroup ? withGroups(photos) : photos).filter(store.canBeLabelled);
  return { send: { do: "keep", photos: all, field, findings }, topics: all.map(photo => keptTopic(photo, field)) };
}

const keptTopic = (photo, field) =>
  [photo, field, field === "exclude" ? store.isLeftOut(photo) : store.session.attributes.some(one => one.name === field) ? store.labelOf(photo, field) : ""];

function exclude({ findings, photos, wholeGroup }) {
  return setAll(wholeGroup ? withGroups(photos) : photos, "exclude", true, findings);
}

function relabel(code, { findings, photos, attribute, wholeGroup }) {
  if (!attribute) return t("no_attribute");
  const value = store.valuesOf(attribute)[code];
  if (value === undefined) return t("no_such_class");
  return setAll(wholeGroup ? withGroups(photos) : photos, attribute, value, findings);
}

function setAll(photos, field, value, findings) {
  const fitting = [...new Set(photos)].filter(store.canBeLabelled);
  if (!fitting.length) return t("only_predicted");
  return { send: { do: "set", photos: fitting, field, new: value, findings }, topics: fitting.map(photo => [photo, field, value]) };
}

export const withGroups = photos => [...new Set(photos.flatMap(photo => store.groupOf(photo)))];

/** Takes back the latest order of this page, or, before them, what this person decided last. Answers the order, or null. */
export function undo() {
  const of = done.pop() ?? null;
  if (of && outbox.withdraw(of)) store.forget(of);
  else {
    const order = { to: "undo", keep: false, of, topics: of?.topics ?? [] };
    for (const [photo, field] of order.topics) store.assume(order, photo, field, null);
    outbox.add(order);
  }
  tell("decisions", []);
  return of;
}

/** What the outbox asks and tells. `bringBack(finding, photo)` shows it again. */
export const handlers = bringBack => ({
  body(order) {
    if (order.to === "undo") return undoing(order);
    return { ...order.send, known: contradicted(order) ? order.known : store.cursor };
  },

  needless(order) {
    store.forget(order);
    tell("decisions", []);
  },

  written(order, answer) {
    store.forget(order);
    store.take(answer);
    order.own = answer.own.length ? answer.own : writtenBefore(order);
    if (order.to === "undo" && !order.of) bringBackUndone(answer, bringBack);
    tell("decisions", []);
  },

  refused(order, error) {
    store.forget(order);
    if (error.body.decisions) store.take(error.body);
    const place = done.indexOf(order);
    if (place >= 0) done.splice(place, 1);
    tell("decisions", []);
    if (error.status === 409 && isTheSame(order, error.body.conflicts ?? [])) return;
    if (order.to === "undo") notice(error.message, { isLoud: error.status !== 422 });
    else sayRefused(order, error, bringBack);
  },
});

/** Takes back the order that it names, if that decided anything; else whatever this person decided last. */
function undoing({ of }) {
  if (!of) return { known: store.cursor };
  return of.own?.length ? { known: store.cursor, numbers: of.own } : null;
}

/** Its decisions where an earlier answer was lost on the way: then they stand already, and the later answer names none. */
function writtenBefore(order) {
  const here = order.topics.map(([photo, field]) => store.stands(photo, field));
  return here.filter(one => one && one.who === store.session.who && one.number > order.known).map(one => one.number);
}

/** Whether another person decided on the same after the key was pressed: then the server is told what was known at that time. */
function contradicted(order) {
  const topics = new Set(order.topics.map(([photo, field]) => `${photo} ${field}`));
  const since = store.log.slice(store.log.findLastIndex(one => one.number <= order.known) + 1);
  return since.some(one => one.who !== store.session.who && topics.has(`${one.photo} ${one.field}`));
}

/** The others decided just what was decided here. */
function isTheSame(order, conflicts) {
  const wanted = new Map(order.topics.map(([photo, field, value]) => [`${photo} ${field}`, value]));
  return conflicts.length > 0 && conflicts.every(one => one.stands === wanted.get(`${one.photo} ${one.field}`));
}

function sayRefused(order, error, bringBack) {
  bringBack(order.at, order.photo);
  const conflict = error.body.conflicts?.[0];
  const text = conflict ? t("conflict", { who: conflict.who, value: shown(conflict.stands) }) : t("not_written", { why: error.message });
  const again = () => outbox.add(renewed(order));
  notice(text, { isLoud: true, stays: true, actions: [{ text: t(conflict ? "mine_instead" : "try_again"), act: again }, { text: t("leave_it") }] });
}

function renewed(order) {
  const fresh = { ...order, known: store.cursor, isTried: false };
  for (const [photo, field, value] of fresh.topics) store.assume(fresh, photo, field, value);
  done.push(fresh);
  return fresh;
}

/** From the answer itself: the store may know these decisions already, from the stream of events. */
function bringBackUndone({ decisions, own }, bringBack) {
  const last = decisions.findLast(one => own.includes(one.number));
  if (last && last.photo !== null) bringBack(store.findingsAt(last.photo, last.field)[0] ?? null, last.photo);
}

export const shown = value => (value === true ? t("left_out") : value === false ? t("kept") : value === null ? t("taken_back") : value);
