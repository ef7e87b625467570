// Photos, decoded before they are shown: an image that is only put into the page takes no time to paint.
import * as api from "./api.js";
import { isAway } from "./away.js";
import { on } from "./bus.js";
import { t } from "./i18n.js";
import * as store from "./store.js";

const MOST_KEPT = 14;
const NOTHING = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"; // a pixel that is not seen
const kept = new Map(); // address -> { image, promise }, the least used first

/** The decoded photo where it is ready, else null. */
export const ready = address => touch(address)?.image ?? null;

/** Fetches and decodes; the answer is an image, or null where it cannot be shown. What is only for later lets a decision pass. */
export function fetched(address, priority = "low") {
  const entry = touch(address) ?? begin(address, priority);
  return entry.promise;
}

function touch(address) {
  const entry = kept.get(address);
  if (entry) {
    kept.delete(address);
    kept.set(address, entry);
  }
  return entry;
}

function begin(address, priority) {
  const entry = { image: null, promise: null };
  entry.promise = decoded(address, priority).then(image => {
    entry.image = image;
    if (image === null) kept.delete(address);
    return image;
  });
  kept.set(address, entry);
  while (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
  return entry;
}

async function decoded(address, priority) {
  const image = Object.assign(new Image(), { decoding: "sync", fetchPriority: priority, draggable: false, src: address });
  try {
    await image.decode();
    return image;
  } catch {
    return null;
  }
}

/** In place of a picture. `details`: of the photo, where they are known. */
export function whyMissing(photo, details) {
  if (store.photos.usable[photo] && isAway()) return t("photo_waits");
  return details?.reason ? t("unreadable", { reason: details.reason }) : t("no_picture");
}

/** A small square in a list, loaded by the browser and kept by it for a year; empty where the photo cannot be read, or as long as the server is not there. */
export function thumb(photo, pixels, name, loading = "eager") {
  const image = new Image();
  image.loading = loading;
  image.className = "thumb";
  image.decoding = "async";
  image.alt = name;
  image.draggable = false;
  image.addEventListener("error", () => lose(image));
  if (store.photos.usable[photo]) image.src = api.square(photo, pixels);
  return image;
}

/** An empty square, for a browser draws the sign of a broken picture also where the address is taken away; `data-lost` is where it is to come from. */
function lose(image) {
  image.dataset.lost = image.getAttribute("src");
  image.src = NOTHING;
}

on("back", () => {
  for (const image of document.querySelectorAll("img[data-lost]")) {
    image.src = image.dataset.lost;
    delete image.dataset.lost;
  }
});

/** It is not needed any more: where it is still on its way, others need not wait for it. */
export const letGo = image => image.removeAttribute("src");
