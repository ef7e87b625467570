// The table of all runs: what each reaches, with its interval, what it cost, and in what it differs.
import { fill, make, put } from "../dom.js";
import { axis, bar, scale } from "./bars.js";
import { duration, knows, megabytes, score, w } from "./words.js";

const MOST_OPTIONS = 4;
const rank = value => (value === null || value === undefined ? -Infinity : value);

/** Columns that can be sorted by: a value of a run, and whether the largest comes first. */
const COLUMNS = {
  run: { by: run => run.name },
  macro_f1: { by: run => rank(run.macro_f1.value ?? run.so_far), isDown: true },
  accuracy: { by: run => rank(run.accuracy.value), isDown: true },
  on: { by: run => run.num_photos, isDown: true },
  time: { by: run => rank(run.seconds), isDown: true },
  size: { by: run => run.size_bytes, isDown: true },
};
const HEADS = ["choose", "run", "macro_f1", "accuracy", "on", "time", "size", "differs", "mistakes"];
const NUMBERS = new Set(["accuracy", "time", "size"]);

/** `{ show(), columns }`: `act` has `toggle(name)`, `mistakes(name)`; `state()` answers what is to be shown. */
export function makeTable(element, act) {
  let sorted = { by: "run", isDown: false };
  const head = make("tr", { role: "row" });
  const body = make("tbody", { role: "rowgroup" });
  const none = make("p", { class: "muted" });
  const order = make("select", { onchange: () => sort(order.value) });
  const table = make("table", { class: "all-runs", role: "table" }, make("thead", { role: "rowgroup" }, head), body);
  fill(element, make("label", { class: "order" }, make("span"), order), make("div", { class: "scroll" }, table), none);
  let latest = null;

  function sort(by) {
    const isDown = sorted.by === by ? !sorted.isDown : Boolean(COLUMNS[by].isDown);
    sorted = { by, isDown };
    show(latest);
  }

  /** `state`: { runs, all, best, chosen, witnesses, line }. */
  function show(state) {
    latest = state;
    const on = scale(state.all.map(run => run.macro_f1).concat(state.all.map(run => ({ value: run.so_far, low: null, high: null }))));
    table.setAttribute("aria-label", w("title", { count: state.runs.length }));
    keepFocus(element, () => {
      fill(head, HEADS.map(name => heading(name, on)));
      fill(body, inOrder(state.runs).map(run => row(run, state, on)));
    });
    put(element.querySelector(".order span"), w("order"));
    fill(order, Object.keys(COLUMNS).map(name => make("option", { value: name }, w(name))));
    order.value = sorted.by;
    put(none, state.runs.length ? "" : w("nothing"));
  }

  function heading(name, on) {
    const isSorted = sorted.by === name;
    const given = { scope: "col", role: "columnheader", class: NUMBERS.has(name) ? "number" : name, "aria-sort": COLUMNS[name] ? (isSorted ? (sorted.isDown ? "descending" : "ascending") : "none") : null };
    if (!COLUMNS[name]) return make("th", given, make("span", { class: name === "differs" ? "" : "said" }, w(name)));
    const button = make("button", { type: "button", class: "sort", "data-keep": `sort ${name}`, onclick: () => sort(name) }, w(name), make("span", { class: "arrow", "aria-hidden": "true" }, isSorted ? (sorted.isDown ? "↓" : "↑") : ""));
    return make("th", given, button, name === "macro_f1" && axis(on));
  }

  function inOrder(runs) {
    const { by } = COLUMNS[sorted.by];
    const way = sorted.isDown ? -1 : 1;
    return [...runs].sort((one, other) => {
      const [first, second] = [by(one), by(other)];
      return (first < second ? -way : first > second ? way : 0) || (one.name < other.name ? -1 : 1);
    });
  }

  function row(run, { best, chosen, witnesses, line }, on) {
    const isReference = chosen[0] === run.name && chosen.length > 0;
    const isChosen = chosen.includes(run.name);
    const given = { role: "row", class: [isChosen ? "chosen" : "", run.status === "running" ? "running" : ""].join(" ").trim() };
    return make("tr", given,
      cell("choose", make("input", { type: "checkbox", checked: isChosen, disabled: run.status !== "", "aria-label": w("choose_run", { name: run.name }), "data-keep": `choose ${run.name}`, onchange: () => act.toggle(run.name) })),
      make("th", { scope: "row", role: "rowheader", class: "run" }, make("span", { class: "name", title: run.name }, run.name), make("span", { class: "marks" }, marks(run, run.name === best, isReference))),
      cell("macro_f1", make("span", { class: "measure" }, make("span", { class: "value number" }, score(run.macro_f1.value ?? run.so_far)), bar(run.macro_f1.value === null ? { value: run.so_far, low: null, high: null } : run.macro_f1, on, { line, kind: isChosen ? "strong" : "" }), make("span", { class: "ends number" }, run.macro_f1.value === null ? (run.so_far === null ? "" : w("so_far")) : ends(run.macro_f1)))),
      cell("number", run.accuracy.value === null ? "" : make("span", { title: ends(run.accuracy) }, score(run.accuracy.value)), "accuracy"),
      cell("on", run.on ? (run.num_photos ? w("on_photos", { on: word(run.on), count: run.num_photos }) : word(run.on)) : "", "on"),
      cell("number", run.seconds === null ? "" : duration(run.seconds), "time"),
      cell("number", megabytes(run.size_bytes), "size"),
      cell("differs", options(run.differs), "differs"),
      cell("mistakes", witnesses.includes(run.name) && make("button", { type: "button", class: "quiet small", "data-keep": `mistakes ${run.name}`, "aria-label": w("mistakes_of", { name: run.name }), onclick: () => act.mistakes(run.name) }, w("mistakes"))));
  }

  return { show };
}

const word = name => (knows(name) ? w(name) : name);

/** `title`: what the cell is, where there is no heading above it. */
const cell = (kind, content, title = "") => make("td", { role: "cell", class: kind, "data-title": title && w(title) }, content);

function marks(run, isBest, isReference) {
  const status = run.status ? word(run.status) : run.purpose ? w("made") : "";
  return [
    isReference && make("span", { class: "mark reference" }, w("reference")),
    isBest && make("span", { class: "mark" }, w("highest")),
    status && make("span", { class: `mark ${run.status}` }, run.purpose ? w("for", { status, purpose: run.purpose }) : status),
    run.status && run.epochs > 0 && make("span", { class: "small muted" }, run.status === "running" && run.most_epochs ? w("epoch", { done: run.epochs, count: run.most_epochs }) : w("epochs", { done: run.epochs })),
    run.within && make("span", { class: "small muted" }, w("within", { name: run.within })),
    ...run.tags.map(tag => make("span", { class: "mark tag" }, tag)),
  ];
}

const ends = ({ low, high }) => (low === null ? w("unknown") : w("between", { low: score(low), high: score(high) }));

function options(differs) {
  const shown = differs.slice(0, MOST_OPTIONS).map(text => make("span", { class: "option" }, text.replace(" = ", "\u00a0= ")));
  if (differs.length <= MOST_OPTIONS) return shown;
  return [...shown, make("span", { class: "muted small", title: differs.slice(MOST_OPTIONS).join("\n") }, w("more", { count: differs.length - MOST_OPTIONS }))];
}

/** What had the focus has it again after `change`, known by its data-keep. */
function keepFocus(element, change) {
  const kept = element.contains(document.activeElement) ? document.activeElement.dataset.keep : undefined;
  change();
  if (kept) [...element.querySelectorAll("[data-keep]")].find(one => one.dataset.keep === kept)?.focus({ preventScroll: true });
}
