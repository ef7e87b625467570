// The explore tab: the map of the photos, sheets of every class, and a model that can be asked about any photo.
import { fill, make, put } from "./dom.js";
import { showAsk } from "./explore/ask.js";
import { makeMap } from "./explore/map.js";
import { showSheets } from "./explore/sheets.js";
import { w } from "./explore/words.js";

const PARTS = ["map", "sheets", "ask"];
let hooks, element, parts, map = null, chosen = "map", isOpen = false, stale = true;
const rooms = {}, buttons = {};

export function start(given, hooksOfPage) {
  [element, hooks] = [given, hooksOfPage];
  document.head.append(make("link", { rel: "stylesheet", href: "/static/explore.css" }));
  for (const name of PARTS) {
    rooms[name] = make("div", { class: `room ${name}`, hidden: true });
    buttons[name] = make("button", { type: "button", onclick: () => show(name) });
  }
  parts = make("nav", { class: "parts" }, Object.values(buttons));
  fill(element, make("div", { class: "explore" }, parts, Object.values(rooms)));
  hooks.on("decisions", () => { stale = true; if (isOpen && chosen === "map") later(); });
}

export function open() {
  isOpen = true;
  show(chosen);
}

export const close = () => { isOpen = false; };

function show(name) {
  chosen = name;
  parts.setAttribute("aria-label", w("parts"));
  for (const part of PARTS) {
    rooms[part].hidden = part !== name;
    put(buttons[part], w(part));
    buttons[part].toggleAttribute("aria-current", part === name);
  }
  if (name === "map") showMap();
  if (name === "sheets") showSheets(rooms.sheets, hooks);
  if (name === "ask") showAsk(rooms.ask, hooks);
}

/** It is made once; its colours follow what is decided. */
function showMap() {
  if (map === null) map = makeMap(rooms.map, hooks);
  else map.refresh();
  stale = false;
}

let waits = false;
function later() {
  if (waits) return;
  waits = true;
  setTimeout(() => { waits = false; if (isOpen && stale && chosen === "map") showMap(); }, 400);
}
