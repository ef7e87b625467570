// The choices on the left: each with how many there would be. Counts follow every decision; nothing jumps.
import { on } from "./bus.js";
import { at, fill, make, put } from "./dom.js";
import { named, number, percent, t } from "./i18n.js";
import * as lists from "./list.js";
import * as store from "./store.js";

const FACETS = { findings: ["status", "check", "kind", "attribute", "given", "suggested", "split"], photos: ["label", "split"] };
const FOLDED = new Set(["kind", "suggested"]); // closed at first
const LABELS = new Set(["given", "suggested"]);
const TYPING_MS = 250;
const PAGE_NAMES = new Set(["status", "check", "kind", "split"]); // values that are the program's own words
let built = "";

export function startFilters() {
  at("clear").addEventListener("click", lists.clear);
  let waits;
  at("search").addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(() => lists.change({ search: at("search").value }), TYPING_MS);
  });
  at("least").addEventListener("input", () => lists.change({ least: Number(at("least").value) }));
  at("sort").addEventListener("change", () => lists.change({ sort: at("sort").value }));
  at("run").addEventListener("change", () => lists.change({ run: at("run").value }));
  at("facets").addEventListener("change", event => choose(event.target));
  on("list", render);
  on("counts", showCounts);
}

function choose({ name, value, checked }) {
  const before = lists.filter[name];
  lists.change({ [name]: checked ? [...before, value] : before.filter(one => one !== value) });
}

export function render() {
  const wanted = `${lists.filter.of} ${document.documentElement.lang} ${lists.filter.colour} ${lists.filter.attribute} ${lists.filter.run} ${store.session.runs}`;
  if (built !== wanted) build();
  built = wanted;
  const { filter } = lists;
  if (document.activeElement !== at("search")) at("search").value = filter.search;
  at("least").value = filter.least;
  put(at("least-shown"), filter.least ? `≥ ${percent(filter.least / 100)}` : t("any"));
  at("sort").value = filter.sort;
  at("run").value = filter.run;
  at("clear").disabled = !lists.isFiltered() && lists.list.only === null;
  for (const input of at("facets").querySelectorAll("input")) input.checked = filter[input.name].includes(input.value);
  at("only").hidden = lists.list.only === null;
  put(at("only"), lists.list.only ? t("only", { count: lists.list.only.size }) : "");
  showCounts();
}

function build() {
  const isOfFindings = lists.isOfFindings();
  at("least-part").hidden = !isOfFindings || !store.hasFindings();
  at("run-part").hidden = !store.session.runs.length;
  fill(at("run"), make("option", { value: "" }, t("any")), store.session.runs.map(run => make("option", { value: run }, run)));
  const sorts = isOfFindings ? lists.SORTS : ["score", "label", "group"];
  fill(at("sort"), sorts.map(name => make("option", { value: name }, t(isOfFindings || name !== "score" ? `sort_${name}` : lists.isRanked() ? "sort_sure" : "sort_source"))));
  const dims = new Map(lists.dims().map(dim => [dim.name, dim]));
  fill(at("facets"), FACETS[lists.filter.of].map(name => facet(dims.get(name))));
}

function facet({ name, names, codes }) {
  const present = new Set(codes);
  const fits = LABELS.has(name) ? isLabel(lists.filter.attribute) : () => true;
  const shown = names.map((value, code) => ({ value, code })).filter(({ value, code }) => (present.has(code) && fits(value)) || (name === "status" && value !== "ruled"));
  if (codes.length === 0 || (shown.length < 2 && name !== "status")) return null;
  const title = name === "label" ? lists.filter.colour : t(`facet_${name}`);
  const items = shown.map(({ value, code }) => make("label", {},
    make("input", { type: "checkbox", name, value }),
    make("span", {}, nameOf(name, value)), make("span", { class: "count", "data-facet": name, "data-code": code })));
  const group = { role: "group", "aria-label": title };
  if (FOLDED.has(name)) return make("details", { open: lists.filter[name].length > 0, "aria-label": title }, make("summary", {}, title), make("div", {}, items));
  return make("div", group, make("h2", {}, title), items);
}

/** Whether a value is a label of the chosen attributes, or of any: `given` and `suggested` also name groups. */
function isLabel(chosen) {
  const attributes = store.session.attributes.filter(({ name }) => !chosen.length || chosen.includes(name));
  const values = new Set(attributes.flatMap(({ values }) => values));
  return value => values.has(value);
}

function nameOf(name, value) {
  if (name === "status") return t(`status_${value}`);
  if (name === "split" && value === "") return t("no_split");
  return PAGE_NAMES.has(name) ? named(value) : value;
}

function showCounts() {
  for (const element of at("facets").querySelectorAll(".count")) {
    const count = lists.list.counts[element.dataset.facet]?.[element.dataset.code] ?? 0;
    put(element, number(count));
    element.parentElement.classList.toggle("none", count === 0);
  }
}
