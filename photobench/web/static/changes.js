// After a session: what changed, by class; the latest decisions, each with its undo; and whether it was worth it.
import * as api from "./api.js";
import { on } from "./bus.js";
import { shown } from "./decide.js";
import { at, fill, make, put } from "./dom.js";
import { locale, number, percent, t } from "./i18n.js";
import { notice } from "./notices.js";
import * as outbox from "./outbox.js";
import * as pictures from "./pictures.js";
import * as progress from "./progress.js";
import * as store from "./store.js";

const MOST_LATEST = 50;
const THUMB_PX = 44;
let stream = null;
let isOpen = false;

export function startChanges(peek) {
  at("since").addEventListener("change", render);
  at("what-if").addEventListener("click", begin);
  at("what-if-stop").addEventListener("click", () => api.post("what-if/stop").catch(error => notice(error.message, { isLoud: true })));
  at("latest").addEventListener("click", event => {
    const { undo, photo } = event.target.closest("button")?.dataset ?? {};
    if (undo) outbox.add({ to: "undo", keep: false, of: { own: [Number(undo)], topics: [] }, topics: [] });
    else if (photo) peek(Number(photo));
  });
  on("decisions", fresh => { if (isOpen && fresh.length) render(); });
}

export function open() {
  isOpen = true;
  render();
  follow();
}

export function close() {
  isOpen = false;
  stream?.close();
  stream = null;
}

export async function render() {
  const said = await api.get("progress", at("since").value === "now" ? { since: progress.begun } : {}).catch(() => null);
  if (!said || !isOpen) return;
  put(at("changes-title"), said.changed ? t("changed_title", { count: said.changed }) : t("nothing_changed"));
  fill(at("changes-cards"), cards(said));
  at("changes-table").hidden = !said.changes.length;
  fill(at("changes-rows"), said.changes.map(row => make("tr", {}, make("td", {}, fieldName(row.field)), make("td", {}, shownCell(row.old)),
    make("td", {}, row.field === "exclude" ? t("left_out") : shownCell(row.new)), make("td", { class: "number" }, number(row.photos)))));
  showLatest();
}

const fieldName = field => (field === "exclude" ? t("field_exclude") : field === "group" ? t("field_group") : field);
const shownCell = value => (value === null || value === "" ? "–" : shown(value));

function cards(said) {
  const { estimate } = said;
  const all = [
    [t("card_reviewed"), number(said.reviewed), t("card_left", { count: said.left })],
    said.ruled ? [t("card_ruled"), number(said.ruled), t("card_unseen")] : null,
    [t("card_changed"), number(said.changed), t("card_mine", { count: said.mine })],
    said.suggested ? [t("card_accepted"), percent(said.accepted / said.suggested), t("card_of", { part: said.accepted, count: said.suggested })] : null,
    estimate ? [t("card_wrong"), `≈ ${number(estimate.wrong)}`, t("between", estimate)] : null,
  ];
  return all.filter(Boolean).map(([label, value, note]) => make("li", {}, make("span", { class: "label" }, label), make("span", { class: "value" }, value), make("span", { class: "note" }, note)));
}

function showLatest() {
  const recent = store.log.slice(-MOST_LATEST).reverse();
  at("latest-part").hidden = !recent.length;
  const time = new Intl.DateTimeFormat(locale(), { dateStyle: "short", timeStyle: "short" });
  fill(at("latest"), recent.map(one => make("tr", {},
    make("td", { class: "of" }, make("div", {}, pictureOf(one), make("span", { class: "path" }, one.path))),
    make("td", { class: "field-of" }, fieldName(one.field)), make("td", { class: "change" }, changeOf(one)),
    make("td", { class: "who-of" }, one.who === store.session.who ? t("you") : one.who), make("td", { class: "when" }, time.format(new Date(one.when))),
    make("td", { class: "back number" }, isStanding(one) && make("button", { type: "button", "data-undo": one.number }, t("undo"))))));
}

/** Small; a click shows it large. None where the photo is gone. */
const pictureOf = ({ photo }) => photo !== null &&
  make("button", { type: "button", class: "picture", "data-photo": photo, "aria-label": t("photo_number", { count: photo }) }, pictures.thumb(photo, THUMB_PX, ""));

/** What was before and what came; a label that was looked at and is right stays what it was. */
function changeOf({ old, new: now }) {
  if (now !== null && now === old) return t("kept_value", { value: shown(now) });
  return typeof now === "boolean" && old === null ? shown(now) : `${shownCell(old)} → ${shown(now)}`;
}

const isStanding = one => one.photo !== null && one.new !== null && store.stands(one.photo, one.field)?.number === one.number;

async function begin() {
  try {
    await api.post("what-if");
  } catch (error) {
    notice(error.message, { isLoud: true });
    return;
  }
  follow();
}

/** The output of the comparison, from its first line on, whoever began it. */
function follow() {
  stream?.close();
  stream = api.events("what-if/events");
  put(at("output"), "");
  put(at("result"), "");
  stream.addEventListener("line", ({ data }) => {
    at("output").hidden = at("what-if-stop").hidden = false;
    at("what-if").disabled = true;
    at("output").append(`${JSON.parse(data)}\n`);
    at("output").scrollTop = at("output").scrollHeight;
  });
  stream.addEventListener("end", ({ data }) => {
    const { code, result } = JSON.parse(data);
    put(at("result"), result || (code > 0 ? t("what_if_failed", { code }) : ""));
    idle();
  });
  stream.onerror = idle;
}

function idle() {
  stream?.close();
  stream = null;
  at("what-if").disabled = false;
  at("what-if-stop").hidden = true;
}
