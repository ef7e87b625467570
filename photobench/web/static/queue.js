// One finding after the other: the photo, the question, the key, the next. The next ones are fetched and decoded while this one is looked at.
import { later, on, tell } from "./bus.js";
import { decide, shown, withGroups } from "./decide.js";
import { details, ahead, known } from "./details.js";
import { at, put } from "./dom.js";
import { t } from "./i18n.js";
import * as lists from "./list.js";
import { notice } from "./notices.js";
import * as question from "./question.js";
import * as stage from "./stage.js";
import * as store from "./store.js";

const AHEAD = 6;
const DETAILS_AHEAD = 24;
let isWhole = false; // the next decision is for the whole group
let painted = null; // the finding on the screen
export let isOpen = false;

export function startQueue(peek) {
  stage.startStage(peek);
  question.startQuestion(act);
  on("list", render);
  on("place", render);
  on("decisions", fresh => {
    if (!isOpen || painted === null) return;
    sayOthers(fresh);
    again();
  });
  on("back", () => { again(); soon(); }); // what could not be asked for meanwhile
}

export function open() {
  isOpen = true;
  if (!lists.isOfFindings()) lists.change({ of: "findings" });
  else render();
}

export function close() {
  isOpen = false;
}

/** Shows the current finding; called at every step, so it does little: what it needs was fetched before. */
export function render() {
  if (!isOpen || !lists.isOfFindings()) return;
  const finding = lists.current();
  at("finding").hidden = finding === null;
  at("none").hidden = finding !== null;
  setWhole(false);
  if (finding === null) return showNone();
  painted = finding;
  const photo = store.findings.photo[finding];
  stage.showPhoto(photo);
  refresh(finding);
  soon();
}

/** What is said of a finding, and what is asked. */
function refresh(finding) {
  const photo = store.findings.photo[finding];
  const found = known(photo);
  question.ask(finding);
  question.showStanding(finding);
  question.showClasses(finding, found);
  question.showEvidence(finding, found);
  showGroup(photo);
  if (found) return stage.showDetails(found);
  stage.forget();
  details(photo).then(late => { if (late && painted === finding) repaint(); }, () => {});
}

function repaint() {
  if (!isOpen || painted === null) return;
  refresh(painted);
  showFellows();
}
const again = later(repaint);

/** What may come a picture after the photo: those beside it, and those after it. */
const soon = later(() => {
  if (!isOpen || painted === null) return;
  showFellows();
  prefetch();
});

function showFellows() {
  const found = known(store.findings.photo[painted]);
  if (found) stage.showFellows(found, store.attributeOf(painted), question.relatedOf(painted, found));
}

function showGroup(photo) {
  const count = store.session.has_groups ? store.groupOf(photo).length : 1;
  at("do-group").disabled = count < 2;
  put(at("group-text"), count > 1 ? t("whole_group", { count }) : t("no_group"));
}

function setWhole(value) {
  isWhole = value;
  at("do-group").setAttribute("aria-pressed", value);
  at("finding").classList.toggle("group-on", value);
}

/** The next photos and what is known of them, in the order in which they will be needed. */
function prefetch() {
  const places = [];
  for (let place = lists.list.place, step = 0; step < AHEAD; step++) {
    place = lists.nextOpen(place);
    if (place === null || places.includes(place)) break;
    places.push(place);
  }
  const { entries, place } = lists.list;
  const near = [place - 1, place + 1, ...places].filter(one => one >= 0 && one < entries.length);
  const soon = near.map(one => store.findings.photo[entries[one]]);
  for (const photo of soon) if (store.photos.usable[photo]) stage.fetchPhoto(photo);
  const further = Array.from(entries.subarray(place, place + DETAILS_AHEAD), finding => store.findings.photo[finding]);
  ahead([...soon, ...further]);
}

/** What a key or a button does here; answers whether it did something. */
export function act(action) {
  if (action === "next" || action === "previous") return step(action === "next" ? 1 : -1);
  if (action === "first" || action === "last") return lists.go(action === "first" ? 0 : lists.list.entries.length - 1), true;
  if (action === "escape") return setWhole(false), true;
  if (action === "undo") return tell("undo"), true;
  if (painted === null || lists.current() === null) return false;
  if (action === "group") return toggleGroup();
  if (action === "zoom") return stage.zoom();
  if (action.code === undefined && !["accept", "keep", "exclude"].includes(action)) return false;
  settle(action);
  return true;
}

function step(by) {
  lists.go(lists.list.place + by);
  return true;
}

function toggleGroup() {
  if (at("do-group").disabled) notice(t("no_group"));
  else setWhole(!isWhole);
  return true;
}

function settle(action) {
  const finding = lists.current();
  const photo = store.findings.photo[finding];
  const target = { findings: [finding], photos: [photo], attribute: store.attributeOf(finding), wholeGroup: isWhole };
  const num = isWhole ? withGroups([photo]).length : 1;
  question.press(action);
  if (!decide(action, target)) return;
  if (num > 1) notice(t("group_done", { count: num }));
  const next = lists.nextOpen(lists.list.place);
  if (next === null) lists.change({}); // the list is made again, and is empty or holds what others left
  else lists.go(next);
}

/** Another person decided on what is looked at here. */
function sayOthers(fresh) {
  const photo = store.findings.photo[painted];
  const field = store.fieldOf(painted);
  const other = fresh.findLast(one => one.photo === photo && [field, "exclude"].includes(one.field) && one.who !== store.session.who);
  if (other) notice(t("other_decided", { who: other.who, value: shown(other.stands) }), { isLoud: true });
}

function showNone() {
  painted = null;
  const { session } = store;
  const why = lists.whyEmpty();
  const isAll = why === "all_done" || why === "all_decided";
  put(at("none-title"), t(why));
  put(at("none-text"), why === "no_suspicion" ? "" : t(`${why}_text`, { count: store.reviewed.counts[store.RULED] }));
  at("none-command").hidden = !session.no_findings;
  put(at("none-command"), "photobench audit");
  at("none-clear").hidden = isAll || !session.num_findings;
  at("none-changes").hidden = !isAll;
  at("none-grid").hidden = !session.no_findings;
}
