// Runs against one of them, on the photos that all held out: how much better each is, and whether that is more than noise.
import { fill, make } from "../dom.js";
import { percent, said as saidBy } from "../i18n.js";
import { around, bar, isSure, verdictMark } from "./bars.js";
import { showWhere } from "./where.js";
import { chance, duration, listed, said, score, signed, w } from "./words.js";

/** `{ show(told), wait(), fail(sentence), clear() }` in `element`. */
export function makeVersus(element, hooks) {
  let latest = null, detailed = "";

  function show(told) {
    latest = told;
    const [first, ...others] = told.rows;
    const row = others.find(({ name }) => name === detailed) ?? others.find(({ gain }) => isSure(gain)) ?? others[0];
    const details = make("section", { class: "details" });
    const heading = make("h2", { tabindex: "-1" }, headline(told));
    fill(element, heading, told.notes.map(note => make("p", { class: "muted" }, saidBy(note))), table(told),
      others.length > 1 && make("p", { class: "small muted" }, w("all_at_once")),
      others.length > 1 && choice(others, row), details);
    detail(details, first, row, told);
  }

  function choice(others, row) {
    const buttons = others.map(({ name }) => make("button", { type: "button", "aria-pressed": `${name === row.name}`, onclick: () => { detailed = name; show(latest); focusOn(name); } }, name));
    return make("div", { class: "row choice", role: "group", "aria-label": w("details") }, make("span", { class: "muted" }, w("details")), buttons);
  }

  const focusOn = name => [...element.querySelectorAll(".choice button")].find(one => one.textContent === name)?.focus();

  function detail(details, first, row, told) {
    const values = { ...row, first: first.name, photos: told.num_photos, groups: told.num_groups, times: [first, row].map(one => duration(one.seconds)) };
    fill(details, make("h3", {}, w("detail", { name: row.name, first: first.name })), make("p", {}, said("verdict_of", row.verdict, values)));
    showWhere(details, first.name, row, hooks);
  }

  return {
    show,
    again: () => latest && show(latest),
    wait: () => { latest = null; fill(element, make("p", { class: "waits" }, w("comparing"))); },
    fail: sentence => { latest = null; fill(element, make("p", { class: "outage", role: "alert" }, sentence)); },
    clear: () => { latest = null; fill(element); },
  };
}

function headline({ rows: [first, ...others], num_photos }) {
  const sentences = ["better", "worse"].flatMap(kind => {
    const names = others.filter(({ gain }) => gain.kind === kind).map(({ name }) => name);
    return names.length ? [w(`is_${kind}`, { names: listed(names), count: names.length, first: first.name })] : [];
  });
  return sentences.join(" ") || w("cannot_tell", { others: listed(others.map(({ name }) => name)), first: first.name, photos: num_photos });
}

function table({ rows, confidence }) {
  const [first, ...others] = rows;
  const on = around(others.map(({ gain }) => gain));
  const heads = ["run", "macro_f1", "difference", "interval", "probability", "verdict"];
  return make("div", { class: "scroll" }, make("table", { class: "versus" },
    make("caption", { class: "said" }, w("comparison")),
    make("thead", {}, make("tr", {}, heads.map(name => make("th", { scope: "col", class: name === "macro_f1" || name === "probability" ? "number" : name }, name === "interval" ? `${w(name)}, ${percent(confidence)}` : w(name))))),
    make("tbody", {}, make("tr", {}, make("th", { scope: "row" }, first.name), make("td", { class: "number" }, score(first.score.value)), make("td", { class: "muted", colspan: "4" }, w("reference"))),
      others.map(row => against(row, on)))));
}

function against({ name, score: reached, gain }, on) {
  const ends = gain.low === null ? w("unknown") : w("between", { low: signed(gain.low), high: signed(gain.high) });
  return make("tr", {}, make("th", { scope: "row" }, name), make("td", { class: "number", "data-title": w("macro_f1") }, score(reached.value)),
    make("td", { class: "change" }, make("span", { class: "measure" }, make("span", { class: "value number" }, signed(gain.value)), bar(gain, on, { kind: gain.kind }))),
    make("td", { class: "number ends" }, ends), make("td", { class: "number", "data-title": w("probability") }, chance(gain.probability)),
    make("td", {}, verdictMark(gain.kind)));
}
