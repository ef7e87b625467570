// The photo at large, with its box and what is cut out of it, and below it the photos that it is compared with.
import * as api from "./api.js";
import { on } from "./bus.js";
import { at, fill, make, put, style } from "./dom.js";
import { named, percent, said, t } from "./i18n.js";
import * as pictures from "./pictures.js";
import * as store from "./store.js";

const MOST_FELLOWS = 24;
const THUMB_PX = 76;
const CUT_PX = 160;
const LARGE_PX = 512;
let shown = { photo: null, details: null };
let isZoomed = false;
let room = { width: 0, height: 0 };

export function startStage(peek) {
  new ResizeObserver(([{ contentRect }]) => {
    room = contentRect;
    fit();
    if (shown.photo !== null && store.photos.usable[shown.photo]) arrive(address()); // another size may fill the room
  }).observe(at("frame"));
  on("away", () => { if (isLacking()) showMissing(); });
  on("back", () => { if (isLacking()) place(); });
  at("cut").addEventListener("click", zoom);
  for (const strip of document.querySelectorAll(".strip"))
    strip.addEventListener("click", event => {
      const button = event.target.closest("button");
      if (button) peek(Number(button.dataset.photo));
    });
}

/** The photo itself, at once where it was decoded ahead. */
export function showPhoto(photo) {
  shown = { photo, details: shown.photo === photo ? shown.details : null };
  isZoomed = false;
  place();
}

/** Decodes ahead what `showPhoto` will show. */
export const fetchPhoto = photo => pictures.fetched(whole(photo));

/** Cut out and whole in turns. */
export function zoom() {
  isZoomed = !isZoomed;
  place();
  return true;
}

function place() {
  if (!store.photos.usable[shown.photo]) return showMissing();
  const image = pictures.ready(address());
  paint(image);
  if (!image) arrive(address());
}

const address = () => (isZoomed ? api.square(shown.photo, LARGE_PX) : whole(shown.photo));

function whole(photo) {
  if (!room.width) room = at("frame").getBoundingClientRect();
  return api.whole(photo, Math.max(room.width, room.height));
}

/** Paints what was not decoded ahead, unless another photo is wanted by then. */
async function arrive(wanted) {
  const image = await pictures.fetched(wanted, "high");
  if (wanted !== address()) return;
  if (image) paint(image);
  else showMissing();
}

function paint(image) {
  at("missing").hidden = true;
  fill(at("picture"), image);
  if (image) image.alt = shown.details?.path ?? t("photo_number", { count: shown.photo });
  fit();
  showBox();
}

/** A photo is wanted, and is not there. */
const isLacking = () => shown.photo !== null && !at("missing").hidden;

function showMissing() {
  fill(at("picture"));
  put(at("missing"), pictures.whyMissing(shown.photo, shown.details));
  at("missing").hidden = false;
  showBox();
}

/** The pictures' frame has the photo's proportions, so that a box in fractions lies where it belongs. */
function fit() {
  const image = at("picture").firstChild;
  if (!image || !room.width) return;
  const { naturalWidth: width, naturalHeight: height } = image;
  const scale = Math.min(room.width / width, room.height / height);
  style(at("pictures"), { "--width": `${width * scale}px`, "--height": `${height * scale}px` });
}

function showBox() {
  const { details } = shown;
  const hasBox = details !== null && details.box !== null && details.box_how !== "whole";
  at("box").hidden = !hasBox || isZoomed || !at("picture").firstChild;
  at("cut").hidden = !hasBox || isZoomed || !store.photos.usable[shown.photo];
  if (!hasBox) return;
  showCut();
  const [x1, y1, x2, y2, angle] = details.box;
  style(at("box"), { left: `${100 * x1}%`, top: `${100 * y1}%`, width: `${100 * (x2 - x1)}%`, height: `${100 * (y2 - y1)}%`, "--angle": `${angle}deg` });
}

function showCut() {
  if (at("cut").dataset.photo === `${shown.photo}` || !store.photos.usable[shown.photo]) return;
  at("cut").dataset.photo = shown.photo;
  fill(at("cut"), pictures.thumb(shown.photo, CUT_PX, ""));
}

/** What is known of the photo beside its pixels. */
export function showDetails(details) {
  shown.details = details;
  put(at("path"), details.path);
  put(at("facts"), [details.split && named(details.split), details.group_photos.length > 1 && t("group_named", { name: details.group }), details.width && `${details.width} × ${details.height}`].filter(Boolean).join(" · "));
  if (!store.photos.usable[details.photo]) put(at("missing"), pictures.whyMissing(details.photo, details));
  showBox();
  if (at("picture").firstChild) at("picture").firstChild.alt = details.path;
}

let strips = ""; // what they show, so that they are made anew only for something new

/** The photos that it is compared with. `related` are those that the finding speaks of. */
export function showFellows(details, attribute, related) {
  const fellows = details.group_photos.filter(photo => photo !== details.photo);
  const named = related.filter(photo => !fellows.includes(photo));
  const isLabel = attribute !== ""; // then the reason names neighbours, which belong among the others
  const neighbours = details.neighbours.filter(one => isLabel || !named.includes(one.photo));
  const near = neighbours.map(one => one.photo);
  const spoken = named.filter(photo => !near.includes(photo));
  const given = attribute ? store.labelOf(details.photo, attribute) : null;
  const all = [...fellows, ...spoken, ...near];
  const wanted = JSON.stringify([details.photo, given, all, attribute && all.map(photo => store.labelOf(photo, attribute)), document.documentElement.lang]);
  if (strips === wanted) return;
  strips = wanted;
  const item = (photo, note) => thumbOf(photo, attribute, given, note);
  strip("fellows", fellows.slice(0, MOST_FELLOWS).map(photo => item(photo)), fellows.length);
  strip("related", spoken.map(photo => item(photo)), spoken.length);
  strip("near", neighbours.map(one => item(one.photo, percent(one.cosine))), near.length);
  put(at("near-note"), near.length ? "" : said(store.session.no_neighbours ?? { text: "" }));
  at("others").hidden = !fellows.length && !spoken.length && !near.length && !store.session.no_neighbours;
  for (const list of document.querySelectorAll(".strip")) list.scrollLeft = 0; // at the end, for the page is laid out for it
}

function strip(name, items, count) {
  const part = at(`${name}-part`);
  part.hidden = !count && !(name === "near" && store.session.no_neighbours);
  put(at(`${name}-count`), count ? ` ${count}` : "");
  fill(at(name), items);
}

function thumbOf(photo, attribute, given, note = "") {
  const label = attribute ? store.labelOf(photo, attribute) : "";
  const isSame = label === given || !label;
  const name = [t("photo_number", { count: photo }), label, note, attribute && !isSame ? t("differs") : ""].filter(Boolean).join(", ");
  return make("li", {},
    make("button", { type: "button", "data-photo": photo, "aria-label": name },
      pictures.thumb(photo, THUMB_PX, ""),
      make("span", { class: isSame ? "label same" : "label differs" }, attribute ? label || "–" : ""),
      note && make("span", { class: "label same" }, note)));
}

/** While nothing is known yet of a photo, nothing of the one before is shown. */
export function forget() {
  strips = "";
  for (const name of ["path", "facts"]) put(at(name), "\u00a0");
  for (const name of ["fellows", "related", "near"]) fill(at(name));
  at("cut").hidden = at("box").hidden = true;
}
