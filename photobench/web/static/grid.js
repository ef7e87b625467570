// Many small photos to sweep over. Only the rows on the screen exist; 100,000 photos scroll as 100 do.
import { later, on, tell } from "./bus.js";
import { decide } from "./decide.js";
import { at, fill, make, put, style } from "./dom.js";
import { named, percent, t } from "./i18n.js";
import { classKeys } from "./keys.js";
import * as lists from "./list.js";
import * as pictures from "./pictures.js";
import { Selection } from "./selection.js";
import * as store from "./store.js";

const SPARE_ROWS = 2;
const WORDS_REM = 2.5;
const KEY = "photobench.cell";
const selection = new Selection();
const cells = new Map(); // place -> element
let layout = { columns: 1, side: 160, row: 200, seen: 1 };
let openOne = () => {};
let isWhole = false;
export let isOpen = false;

export function startGrid(showOne) {
  openOne = showOne;
  at("cell-size").value = localStorage.getItem(KEY) ?? at("cell-size").value;
  at("cell-size").addEventListener("input", () => {
    localStorage.setItem(KEY, at("cell-size").value);
    relayout();
  });
  new ResizeObserver(relayout).observe(at("cells"));
  at("cells").addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
  at("cells").addEventListener("click", click);
  at("cells").addEventListener("dblclick", event => { if (placeOf(event) !== null) openOne(); });
  at("of").addEventListener("change", () => lists.change({ of: at("of").value }));
  at("colour").addEventListener("change", () => lists.change({ colour: at("colour").value }));
  at("grid-tools").addEventListener("click", event => {
    const button = event.target.closest("button[data-do]");
    if (!button) return;
    const code = button.dataset.do;
    act(/^\d+$/.test(code) ? { code: Number(code) } : code, event);
    at("cells").focus();
  });
  on("list", render);
  on("decisions", later(() => { if (isOpen) repaint(); }));
}

export function open() {
  isOpen = true;
  if (!store.hasFindings() && lists.isOfFindings()) lists.change({ of: "photos" });
  else render();
  at("cells").focus({ preventScroll: true });
}

export const close = () => { isOpen = false; };

export function render() {
  if (!isOpen) return;
  selection.move(lists.list.place);
  selection.chosen.clear();
  at("of").value = lists.filter.of;
  at("colour").value = lists.filter.colour;
  at("colour-part").hidden = store.session.attributes.length < 2;
  at("colour-part").classList.toggle("unused", lists.isOfFindings()); // its place stays
  at("grid-none").hidden = !lists.isEmpty();
  put(at("grid-none"), lists.isEmpty() ? t(lists.whyEmpty()) : "");
  relayout();
  reveal();
  showTools();
}

/** How many columns fit, and how high all rows are together. */
function relayout() {
  const box = at("cells");
  if (!isOpen || !box.clientWidth) return;
  const first = Math.floor(box.scrollTop / layout.row) * layout.columns;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const columns = Math.max(2, Math.floor(box.clientWidth / (Number(at("cell-size").value) / 16 * rem)));
  const side = Math.floor(box.clientWidth / columns);
  layout = { columns, side, row: side + WORDS_REM * rem, seen: Math.ceil(box.clientHeight / (side + WORDS_REM * rem)) };
  style(box, { "--cell": `${side}px` });
  style(at("height"), { "--height": `${Math.ceil(lists.list.entries.length / columns) * layout.row}px` });
  box.scrollTop = Math.floor(first / columns) * layout.row;
  repaint();
}

function repaint() {
  for (const cell of cells.values()) cell.remove();
  cells.clear();
  draw();
  showSelection();
}

/** Makes the cells that came into sight and drops those that left it. */
function draw() {
  const box = at("cells");
  const top = Math.floor(box.scrollTop / layout.row) - SPARE_ROWS;
  const from = Math.max(0, top * layout.columns);
  const to = Math.min(lists.list.entries.length, (top + layout.seen + 1 + 2 * SPARE_ROWS) * layout.columns);
  for (const [place, cell] of cells) {
    if (place >= from && place < to) continue;
    pictures.letGo(cell.firstChild);
    cell.remove();
    cells.delete(place);
  }
  const middle = (from + to) / 2, fresh = [];
  for (let place = from; place < to; place++) if (!cells.has(place)) fresh.push(place);
  fresh.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle)); // what is in sight is asked for before the rows around it
  for (const place of fresh) cells.set(place, cellOf(place));
  box.append(...fresh.map(place => cells.get(place)));
}

function cellOf(place) {
  const photo = lists.photoAt(place);
  const entry = lists.list.entries[place];
  const [first, second] = lists.isOfFindings() ? wordsOfFinding(entry) : wordsOfPhoto(photo);
  const cell = make("div", { class: "cell", role: "option", id: `cell-${place}`, "aria-posinset": place + 1, "aria-setsize": lists.list.entries.length },
    pictures.thumb(photo, layout.side, ""), make("span", { class: "words" }, first), make("span", { class: "words" }, second));
  cell.setAttribute("aria-label", [t("photo_number", { count: photo }), cell.children[1].textContent, cell.children[2].textContent].join(", "));
  style(cell, { transform: `translate(${(place % layout.columns) * layout.side}px, ${Math.floor(place / layout.columns) * layout.row}px)` });
  mark(cell, place);
  return cell;
}

function wordsOfFinding(finding) {
  const fix = store.fixOf(finding);
  const to = fix === "relabel" || fix === "group" ? store.suggestedOf(finding) : fix === "exclude" ? t("out_short") : "";
  const photo = store.findings.photo[finding];
  const decided = store.isLeftOut(photo) ? true : store.standsNow(photo, store.fieldOf(finding));
  if (decided !== null) return [make("b", {}, decided === true ? t("left_out") : decided === false ? t("kept") : decided), t("reviewed_short")];
  const given = store.givenOf(finding);
  return [make("span", {}, given, to && given ? " → " : "", make("span", { class: "to" }, to)), `${percent(store.findings.score[finding])} ${named(store.kindOf(finding))}`];
}

function wordsOfPhoto(photo) {
  const { colour } = lists.filter;
  const count = store.photos.findings[photo];
  const said = lists.saidByRun(photo);
  if (said.length && !store.isLeftOut(photo)) return [store.labelOf(photo, colour), make("span", { class: "to" }, t("run_says", { value: said.join(" · ") }))];
  return [store.labelOf(photo, colour) || t("no_label"), store.isLeftOut(photo) ? t("left_out") : count ? t("suspicions", { count }) : ""];
}

function mark(cell, place) {
  const entry = lists.list.entries[place];
  cell.setAttribute("aria-selected", selection.has(entry));
  cell.classList.toggle("current", place === selection.place);
  cell.classList.toggle("decided", lists.isOfFindings() ? store.isDecided(entry) : store.isLeftOut(entry));
}

function showSelection() {
  for (const [place, cell] of cells) mark(cell, place);
  at("cells").setAttribute("aria-activedescendant", `cell-${selection.place}`);
  put(at("selected"), selection.chosen.size ? t("chosen", { count: selection.chosen.size }) : t(lists.isOfFindings() ? "suspicions" : "of_all", { count: lists.list.entries.length }));
  showTools();
}

function placeOf(event) {
  const cell = event.target.closest(".cell");
  return cell ? Number(cell.id.slice(5)) : null;
}

function click(event) {
  const place = placeOf(event);
  if (place === null) return;
  const entry = lists.list.entries[place];
  if (event.shiftKey) selection.extend(place, lists.list.entries);
  else if (event.ctrlKey || event.metaKey || event.pointerType === "touch") selection.toggle(place, entry);
  else {
    selection.move(place);
    selection.toggle(place, entry);
  }
  lists.go(selection.place);
  showSelection();
}

/** Scrolls so that the place of the keys is seen. */
function reveal() {
  const box = at("cells");
  const top = Math.floor(selection.place / layout.columns) * layout.row;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + layout.row > box.scrollTop + box.clientHeight) box.scrollTop = top + layout.row - box.clientHeight;
  draw();
}

const STEPS = { next: () => 1, previous: () => -1, down: () => layout.columns, up: () => -layout.columns,
  "page-down": () => layout.columns * Math.max(1, layout.seen - 1), "page-up": () => -layout.columns * Math.max(1, layout.seen - 1),
  first: () => -Infinity, last: () => Infinity };

/** What a key or a button does here; answers whether it did something. */
export function act(action, event) {
  if (STEPS[action]) return move(STEPS[action](), event.shiftKey);
  if (action === "escape" || action === "all") return choose(action);
  if (action === "undo") return tell("undo"), true;
  if (action === "zoom") return openOne(), true;
  if (action === "group") return setWhole(!isWhole), true;
  if (lists.isEmpty() || (action.code === undefined && !["accept", "keep", "exclude"].includes(action))) return false;
  settle(action);
  return true;
}

function move(by, isChoosing) {
  const place = Math.min(Math.max(selection.place + by, 0), Math.max(lists.list.entries.length - 1, 0));
  if (isChoosing) selection.extend(place, lists.list.entries);
  else selection.move(place);
  lists.go(place);
  reveal();
  showSelection();
  return true;
}

function choose(what) {
  if (what === "all") selection.all(lists.list.entries);
  else {
    selection.chosen.clear();
    setWhole(false);
  }
  showSelection();
  return true;
}

function setWhole(value) {
  isWhole = value;
  at("grid-group").setAttribute("aria-pressed", value);
}

/** The attribute that class keys speak of: that of every chosen finding, or none where they differ. */
function attribute() {
  if (!lists.isOfFindings()) return lists.filter.colour;
  const names = new Set(selection.entries(lists.list.entries).map(store.attributeOf));
  return names.size === 1 ? [...names][0] : "";
}

function settle(action) {
  const entries = selection.entries(lists.list.entries);
  const findings = lists.isOfFindings() ? entries : [];
  const photos = lists.isOfFindings() ? entries.map(finding => store.findings.photo[finding]) : entries;
  if (!decide(action, { findings, photos, attribute: attribute(), wholeGroup: isWhole })) return;
  setWhole(false);
  const last = selection.chosen.size ? lists.list.entries.findLastIndex(entry => selection.has(entry)) : selection.place;
  selection.move(lists.nextOpen(last) ?? last);
  lists.go(selection.place);
  reveal();
  showSelection();
}

let toolsOf = null;

/** A button per class of the attribute in question; where no one is, that. Nothing else moves. */
function showTools() {
  const name = attribute();
  const values = store.valuesOf(name);
  at("grid-accept").disabled = !lists.isOfFindings();
  at("grid-group").hidden = !store.session.has_groups;
  const wanted = `${name} ${lists.isEmpty()} ${document.documentElement.lang}`;
  if (toolsOf === wanted) return;
  toolsOf = wanted;
  const keys = classKeys(values.length);
  const buttons = values.map((value, code) =>
    make("button", { type: "button", "data-do": code, title: t("label_as", { value }) }, make("kbd", { hidden: !keys[code] }, keys[code].toUpperCase()), make("span", {}, value)));
  fill(at("grid-classes"), buttons.length || lists.isEmpty() ? buttons : make("span", { class: "muted" }, t("no_attribute")));
}
