// Where two runs differ: in which photos, for which groups, and the photos themselves.
import { make } from "../dom.js";
import { percent, said as inWords } from "../i18n.js";
import { thumb } from "../pictures.js";
import { around, bar, isSure, verdictMark } from "./bars.js";
import { said, signed, w } from "./words.js";

const SMALL_PX = 160;

export function showWhere(element, first, row, hooks) {
  element.append(...[parts(row), people(row, hooks), photos(row, hooks)].filter(Boolean));
}

/** What is beyond doubt first, then the largest losses. */
const inOrder = found => [...found].sort((one, other) => isSure(other.gain) - isSure(one.gain) || one.gain.value - other.gain.value);

function parts({ parts: found }) {
  const on = around(found.map(({ gain }) => gain));
  const [shown, rest] = [true, false].map(isOpen => inOrder(found.filter(({ open }) => open === isOpen)));
  return make("section", {}, make("h3", {}, w("where")), make("p", { class: "muted" }, found.length ? w("where_text") : w("no_part")),
    shown.length > 0 && partsTable(shown, on),
    rest.length > 0 && make("details", {}, make("summary", {}, w("more_parts", { count: rest.length })), partsTable(rest, on)));
}

const HEADS = ["part", "told", "photos", "before", "after", "change"];

const partsTable = (found, on) => make("div", { class: "scroll" }, make("table", { class: "parts" },
  make("thead", {}, make("tr", {}, HEADS.map(name => make("th", { scope: "col", class: name === "before" || name === "after" ? "number" : name }, w(name))))),
  make("tbody", {}, found.map(one => make("tr", {}, make("th", { scope: "row" }, nameOf(one)), make("td", {}, one.kind === "all together" ? w("all_together") : one.kind),
    make("td", {}, w("groups", { photos: one.num_photos, groups: one.num_groups })),
    make("td", { class: "number", "data-title": w("before") }, percent(one.first)), make("td", { class: "number", "data-title": w("after") }, percent(one.other)),
    make("td", { class: "change" }, make("span", { class: "measure" }, make("span", { class: "value number" }, signed(100 * one.gain.value, 1)), bar(one.gain, on, { kind: one.gain.kind }), isSure(one.gain) && verdictMark(one.gain.kind))))))));

const nameOf = ({ name, reasons }) => (reasons.length ? inWords({ text: name, reasons }) : name.startsWith("box: ") ? w("box", { how: name.slice(5) }) : name);

function people({ people: found }, { showOnly, store }) {
  if (!found) return null;
  const list = (title, groups) => groups.length > 0 && make("div", {}, make("h4", {}, w(title)), make("ul", { class: "groups" }, groups.map(one => make("li", {},
    one.photo === null ? make("span", {}, one.group) : make("button", { type: "button", class: "quiet", "aria-label": w("see_group", { name: one.group }), onclick: () => showOnly(store.groupOf(one.photo)) }, one.group),
    make("span", { class: "muted number" }, w("of_right", { ...one, count: one.num_photos }))))));
  return make("section", {}, make("h3", {}, w("people")), make("p", {}, said("people_of", found.words, found)),
    make("div", { class: "two" }, list("got_worse", found.worst), list("got_better", found.best)));
}

function photos({ name, changed }, hooks) {
  const kinds = [["lost", changed.worse], ["won", changed.better]];
  return make("section", {}, make("h3", {}, w("changed")), kinds.map(([title, { total, photos: shown }]) => [
    make("h4", {}, w(title, { name, count: total })),
    shown.length < total && make("p", { class: "muted small" }, w("first_of", { count: shown.length })),
    total === 0 ? make("p", { class: "muted small" }, w("no_photo")) : make("ul", { class: "tiles" }, shown.map(one => tile(one, hooks)))]).flat());
}

function tile({ photo, path, truth, said: [before, after] }, { peek }) {
  const words = [make("span", { class: "line" }, w("label", { value: truth })), answer(before, truth), answer(after, truth)];
  if (photo === null) return make("li", { title: path }, make("span", { class: "muted small" }, w("gone")), words);
  return make("li", {}, make("button", { type: "button", class: "picture", title: path, onclick: () => peek(photo) }, thumb(photo, SMALL_PX, "", "lazy"), words));
}

const answer = ({ name, probability }, truth) => make("span", { class: `line ${name === truth ? "right" : "wrong"}` }, `${name === truth ? "✓" : "✗"} ${name}, ${percent(probability)}`);
