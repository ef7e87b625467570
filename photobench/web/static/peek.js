// Another photo at large, over the page: one of the group, a neighbour, one that was decided.
import * as api from "./api.js";
import { on } from "./bus.js";
import { details } from "./details.js";
import { at, fill, make, put } from "./dom.js";
import { t } from "./i18n.js";
import * as lists from "./list.js";
import { offerLook } from "./looked.js";
import * as pictures from "./pictures.js";
import * as store from "./store.js";

let shown = null; // the photo that was asked for last

export function peek(photo) {
  put(at("peek-path"), "\u00a0");
  fill(at("peek-labels"));
  fill(at("peek-picture"));
  offerLook(at("peek-look"), photo, lists.saidByRun(photo).length ? lists.filter.run : "");
  if (!at("peek").open) at("peek").showModal();
  return show(photo);
}

async function show(photo) {
  shown = photo;
  const [image, found] = await Promise.all([pictures.fetched(api.whole(photo, Math.max(innerWidth, innerHeight)), "high"), details(photo).catch(() => null)]);
  if (shown !== photo) return;
  fill(at("peek-picture"), image ?? make("p", { class: "muted" }, pictures.whyMissing(photo, found)));
  if (image) image.alt = found?.path ?? "";
  put(at("peek-path"), found?.path ?? "");
  fill(at("peek-labels"), store.session.attributes.flatMap(({ name }) => [make("dt", {}, name), make("dd", {}, store.labelOf(photo, name) || t("no_label"))]));
}

on("back", () => { if (at("peek").open && !at("peek-picture").querySelector("img")) show(shown); });
