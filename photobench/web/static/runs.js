// The runs tab: every run with its interval, one of them as the reference for others, and what changed between them.
import { fill, make, put } from "./dom.js";
import { percent } from "./i18n.js";
import { makeTable } from "./runs/table.js";
import { makeVersus } from "./runs/versus.js";
import { w } from "./runs/words.js";

const SOON_MS = 300;
let hooks, parts, table, versus, told = null;
let isOpen = false, every = false, waits = null, asked = "", language = "";
let chosen = []; // names; the first is the reference
const tags = new Set();

export function start(element, given) {
  hooks = given;
  document.head.append(make("link", { rel: "stylesheet", href: "/static/runs.css" }));
  parts = {
    title: make("h2"), about: make("p", { class: "muted" }), search: make("input", { type: "search", autocomplete: "off", spellcheck: "false", oninput: show }),
    tags: make("span", { class: "row", role: "group" }), every: make("input", { type: "checkbox", onchange: () => { every = parts.every.checked; load(); } }), everyText: make("span"),
    measure: make("p", { class: "measure-now", role: "status" }), table: make("div"), tray: make("div", { class: "tray", role: "region" }), versus: make("section", { class: "versus-part" }), status: make("p", { class: "said", role: "status" }), none: make("div", { class: "empty", hidden: true }),
  };
  table = makeTable(parts.table, { toggle, mistakes: hooks.showMistakes });
  versus = makeVersus(parts.versus, hooks);
  parts.all = make("div", { class: "all" }, make("header", {}, parts.title, parts.about),
    make("div", { class: "tools-of-runs" }, make("label", {}, make("span", { class: "said" }), parts.search), parts.tags, make("label", { class: "check" }, parts.every, parts.everyText)), parts.measure, parts.table);
  fill(element, make("div", { class: "runs-room" }, parts.none, make("div", { class: "columns" }, parts.all, parts.versus), parts.tray, parts.status));
  hooks.on("runs", version => { if (isOpen && version !== told?.version) load(); });
  hooks.on("away", why => { if (isOpen && !why) load(); });
}

/** To open it is to type `photobench runs`: what has no interval is measured. News of a training measure nothing: it takes the workspace. */
export async function open() {
  isOpen = true;
  const named = (hooks.address.read().compare ?? "").split(",").filter(Boolean);
  if (`${named}` !== `${chosen}`) [chosen, asked] = [named, ""];
  await load();
  if (told?.unmeasured) measure();
}

export const close = () => { isOpen = false; };

export function act(action) {
  if (action !== "search") return false;
  parts.search.focus();
  return true;
}

/** What the server knows of the runs. */
async function load() {
  try {
    take(await hooks.api.get("runs", { every }));
  } catch (error) {
    hooks.notice(error.message, { isLoud: true });
  }
}

async function measure() {
  fill(parts.measure, w("measuring"));
  parts.measure.hidden = false;
  try {
    take(await hooks.api.post("runs/measure", { every }));
    if (told.unmeasured) parts.measure.append(` ${w("not_measured")}`);
  } catch (error) {
    show();
    hooks.notice(error.message, { isLoud: true });
  }
}

function take(answer) {
  told = answer;
  hooks.store.session.runs = told.witnesses; // so that their mistakes can be asked for
  const known = new Set(told.runs.map(({ name }) => name));
  if (!every && chosen.some(name => !known.has(name)) && told.hidden) {
    every = parts.every.checked = true; // a link may name a fold
    return load();
  }
  if (chosen.some(name => !known.has(name))) choose(chosen.filter(name => known.has(name)));
  show();
  compare();
}

function show() {
  if (!told) return;
  const isEmpty = told.runs.length === 0;
  parts.none.hidden = !isEmpty;
  parts.all.hidden = isEmpty;
  fill(parts.none, make("div", {}, make("h2", {}, w("none")), make("p", {}, `${w("none_text")} `, make("code", {}, "photobench train"))));
  put(parts.title, w("title", { count: told.runs.length }));
  put(parts.about, [told.best && w("best", { name: told.best }), w("claim", { share: percent(told.confidence) })].filter(Boolean).join(" "));
  parts.search.placeholder = w("search_short");
  parts.search.setAttribute("aria-label", w("search"));
  put(parts.everyText, every ? w("every_shown") : w("every", { count: told.hidden }));
  parts.every.parentElement.hidden = !every && told.hidden === 0;
  showTags();
  showMeasure();
  table.show({ ...told, all: told.runs, runs: told.runs.filter(fits), chosen, line: line() });
  showTray();
  if (language !== document.documentElement.lang) versus.again();
  language = document.documentElement.lang;
}

/** Across all rows, the score of the reference; of the highest where none is chosen. */
const line = () => told.runs.find(({ name }) => name === (chosen[0] ?? told.best))?.macro_f1.value ?? null;

function fits(run) {
  const wanted = parts.search.value.trim().toLowerCase();
  const texts = [run.name, ...run.tags, ...run.differs];
  return (!wanted || texts.some(text => text.toLowerCase().includes(wanted))) && (!tags.size || run.tags.some(tag => tags.has(tag)));
}

function showTags() {
  const known = [...new Set(told.runs.flatMap(run => run.tags))].sort();
  for (const tag of tags) if (!known.includes(tag)) tags.delete(tag);
  parts.tags.setAttribute("aria-label", w("tags"));
  const focused = parts.tags.contains(document.activeElement) ? document.activeElement.textContent : null;
  fill(parts.tags, known.map(tag => make("button", { type: "button", class: "tag", "aria-pressed": `${tags.has(tag)}`, onclick: () => { if (!tags.delete(tag)) tags.add(tag); show(); } }, tag)));
  if (focused) [...parts.tags.children].find(one => one.textContent === focused)?.focus();
}

function showMeasure() {
  parts.measure.hidden = told.unmeasured === 0;
  fill(parts.measure, w("unmeasured", { count: told.unmeasured }), " ", make("button", { type: "button", class: "small", onclick: measure }, w("measure")));
}

function toggle(name) {
  choose(chosen.includes(name) ? chosen.filter(one => one !== name) : [...chosen, name]);
  show();
  clearTimeout(waits);
  waits = setTimeout(compare, SOON_MS);
}

function choose(names) {
  chosen = names;
  hooks.address.write({ compare: chosen.join(",") });
}

function showTray() {
  parts.tray.hidden = chosen.length === 0;
  parts.tray.setAttribute("aria-label", w("comparison"));
  if (!chosen.length) return fill(parts.tray);
  const clear = make("button", { type: "button", class: "quiet", onclick: () => { choose([]); show(); compare(); } }, w("clear"));
  if (chosen.length === 1) return fill(parts.tray, make("span", {}, w("choose_more", { name: chosen[0] })), clear);
  const reference = make("select", { onchange: () => { choose([reference.value, ...chosen.filter(name => name !== reference.value)]); show(); compare(); } }, chosen.map(name => make("option", { value: name }, name)));
  reference.value = chosen[0];
  fill(parts.tray, make("label", {}, w("chosen", { count: chosen.length - 1 }), ` ${w("against")} `, reference),
    make("button", { type: "button", class: "main", onclick: goToComparison }, w("to_comparison")), clear);
}

function goToComparison() {
  parts.versus.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth", block: "start" });
  parts.versus.querySelector("h2")?.focus({ preventScroll: true });
}

/** Asks for what is chosen, unless it is shown already; an answer to another choice is not shown. */
async function compare() {
  const wanted = chosen.length > 1 ? chosen.join(",") : "";
  if (wanted === asked) return;
  asked = wanted;
  if (!wanted) return versus.clear();
  versus.wait();
  put(parts.status, w("comparing"));
  const [first, ...others] = chosen;
  try {
    const answer = await hooks.api.post("runs/compare", { first, others });
    if (asked !== wanted) return;
    versus.show(answer);
    put(parts.status, parts.versus.querySelector("h2").textContent);
  } catch (error) {
    if (asked === wanted) versus.fail(error.message);
  }
}
