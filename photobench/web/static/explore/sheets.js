// Class sheets: of every class some photos, drawn by lot, and a way to all of them.
import { fill, make } from "../dom.js";
import { thumb } from "../pictures.js";
import { w } from "./words.js";

const EACH = 24;
const THUMB_PX = 96;
let attribute = "";

export function showSheets(element, { store, showOnly, peek }) {
  const names = store.session.attributes.map(({ name }) => name);
  attribute = names.includes(attribute) ? attribute : names[0];
  const select = make("select", { onchange: () => { attribute = select.value; showSheets(element, { store, showOnly, peek }); } }, names.map(name => make("option", { value: name }, name)));
  select.value = attribute;
  const rows = store.valuesOf(attribute).map(value => [value, photosWith(value, store)]);
  fill(element, make("label", { class: "by" }, make("span", {}, w("sheet_of")), select),
    rows.map(([value, photos]) => make("section", { class: "sheet" },
      make("header", {}, make("h3", {}, value), make("span", { class: "muted" }, w("photos", { count: photos.length })),
        make("button", { type: "button", class: "small", hidden: !photos.length, onclick: () => showOnly(photos) }, w("see_all", { count: photos.length }))),
      make("div", { class: "tiles" }, byLot(photos).map(photo => make("button", { type: "button", class: "picture", onclick: () => peek(photo) }, thumb(photo, THUMB_PX, value, "lazy")))))));
}

function photosWith(value, store) {
  const found = [];
  for (let photo = 0; photo < store.session.num_photos; photo++) if (store.labelOf(photo, attribute) === value && store.photos.usable[photo]) found.push(photo);
  return found;
}

/** The same ones each time, from all over the class. */
function byLot(photos) {
  const key = photo => Math.imul(photo + 1, 2654435761) >>> 0;
  return [...photos].sort((a, b) => key(a) - key(b)).slice(0, EACH);
}
