// Starts the page, leads from view to view, and keeps in touch with the server.
import * as api from "./api.js";
import * as away from "./away.js";
import { on, tell } from "./bus.js";
import * as changes from "./changes.js";
import * as decide from "./decide.js";
import { at, fill, make, put } from "./dom.js";
import * as filters from "./filters.js";
import * as grid from "./grid.js";
import * as help from "./help.js";
import { choose, language, languages, said, t, translate } from "./i18n.js";
import * as keys from "./keys.js";
import { startListening } from "./listening.js";
import * as lists from "./list.js";
import { notice } from "./notices.js";
import * as outbox from "./outbox.js";
import { peek } from "./peek.js";
import * as progress from "./progress.js";
import * as question from "./question.js";
import * as queue from "./queue.js";
import * as store from "./store.js";
import { startTheme } from "./theme.js";

const rooms = {}; // modules of tabs, once they were opened
const VIEWS = { queue, grid, changes, explore: room("explore"), runs: room("runs") };
const WIDE = ["changes", "explore", "runs"]; // without filters at the side
let view = "";

async function start() {
  startTheme();
  startLanguage();
  translate();
  help.startHelp();
  history.replaceState(null, "", location.pathname + location.hash); // the token is not left in the address bar
  try {
    await store.load();
  } catch (error) {
    return sayNoStart(error);
  }
  document.title = `${store.session.name} · photobench review`;
  put(at("project"), store.session.name);
  put(at("who"), store.session.who);
  fill(at("colour"), store.session.attributes.map(({ name }) => make("option", { value: name }, name)));
  for (const note of store.session.notes) notice(said(note), { stays: true });
  queue.startQueue(peek);
  grid.startGrid(openOne);
  filters.startFilters();
  changes.startChanges(peek);
  startOutbox();
  const wanted = await lists.read();
  show(VIEWS[wanted] ? wanted : "queue");
  progress.startProgress();
  keys.listen(act);
  keys.handBack();
  document.addEventListener("keydown", selectAll);
  for (const button of document.querySelectorAll("button[data-view]")) button.addEventListener("click", () => show(button.dataset.view));
  at("none-clear").addEventListener("click", lists.clear);
  at("toggle-filters").addEventListener("click", () => at("filters").classList.toggle("open"));
  document.querySelector("main").addEventListener("pointerdown", () => at("filters").classList.remove("open"));
  addEventListener("hashchange", async () => show((await lists.read()) ?? view));
  startListening();
  document.body.dataset.ready = "true";
}

function startLanguage() {
  const names = { en: "English", ko: "한국어" };
  fill(at("language"), languages.map(name => make("option", { value: name }, names[name])));
  at("language").value = language();
  at("language").addEventListener("change", () => {
    choose(at("language").value);
    translate();
    question.rebuild();
    filters.render();
    progress.show();
    away.show();
    VIEWS[view].open();
  });
}

/** Decisions that a crash or a closed lid left in this browser are sent now. */
function startOutbox() {
  const bringBack = (finding, photo) => {
    if (view !== "grid") show("queue");
    lists.show(finding, photo);
  };
  const left = outbox.start(store.session, decide.handlers(bringBack));
  for (const order of left) for (const [photo, field, value] of order.topics) store.assume(order, photo, field, value);
  const stale = outbox.dropStale();
  if (stale) notice(t("stale_waiting", { count: stale }), { isLoud: true, stays: true });
  if (left.length) notice(t("sent_again", { count: left.length }), { isLoud: true });
}

function show(name) {
  if (view !== name) VIEWS[view]?.close();
  view = document.body.dataset.view = name;
  for (const section of document.querySelectorAll("main > .view")) section.hidden = section.id !== name;
  for (const button of document.querySelectorAll(".tabs button")) button.toggleAttribute("aria-current", false);
  document.querySelector(`.tabs [data-view="${name}"]`).setAttribute("aria-current", "page");
  at("page").classList.toggle("wide", WIDE.includes(name));
  at("filters").classList.remove("open");
  VIEWS[name].open();
  lists.remember();
}

/** A photo of the grid in the queue, where it is a finding; else at large. */
function openOne() {
  if (lists.isOfFindings()) show("queue");
  else if (lists.current() !== null) peek(lists.current());
}

function act(action, event) {
  if (action === "help") return help.showHelp() ?? true;
  if (!help.keysAreOn() && event.key.length === 1) return false;
  if (action === "search") return VIEWS[view].act?.(action, event) || at("search").focus(), true;
  if (action === "undo") return undo();
  if (action === "view") return show(view === "grid" ? "queue" : "grid"), true;
  if (action === "escape" && document.activeElement.matches("input, select")) return document.activeElement.blur(), true;
  return VIEWS[view].act?.(action, event) ?? false;
}

function selectAll(event) {
  const isWanted = view === "grid" && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a" && !event.target.matches("input");
  if (isWanted && grid.act("all", event)) event.preventDefault();
}

function undo() {
  const order = decide.undo();
  if (order && view === "queue") lists.show(order.at, order.photo);
  notice(t("undone"));
  return true;
}

on("undo", undo);

/** Leaving while something waits: the browser asks first. It would be sent at the next visit too. */
addEventListener("beforeunload", event => { if (outbox.numWaiting() && away.isAway()) event.preventDefault(); });

function sayNoStart(error) {
  at("outage").hidden = false;
  put(at("outage"), error.status === 401 ? t("away_token") : error.message);
}

/**
 * A tab that is a module of its own, loaded when it is first opened: `start(element, hooks)`, and, if it has them, `open()`, `close()` and
 * `act(action, event)`. The hooks are the page's parts that it may use: data, words, decisions, `showOnly(photos)` and `showMistakes(run)`,
 * which open photos as a grid, and `address`, what it keeps in the page's address.
 */
function room(name) {
  return { open: () => openRoom(name), close: () => rooms[name]?.close?.(), act: (...given) => rooms[name]?.act?.(...given) ?? false };
}

async function openRoom(name) {
  if (!rooms[name]) {
    const module = await import(`./${name}.js`).catch(() => null);
    if (!module) return put(at(name), t("no_room"));
    if (!rooms[name]) module.start(at(name), { api, store, t, on, peek, decide: decide.decide, undo, notice, showOnly, showMistakes, address });
    rooms[name] = module;
  }
  if (view === name) rooms[name].open?.();
}

const address = { read: () => lists.beside, write: values => { Object.assign(lists.beside, values); lists.remember(); } };

async function showOnly(photos) {
  await lists.showOnly(photos);
  show("grid");
}

async function showMistakes(run) {
  await lists.showMistakes(run);
  show("grid");
}

start();
