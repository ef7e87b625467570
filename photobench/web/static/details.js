// What the server knows of single photos, asked for a few at a time and ahead of need. What is decided of them is in the store.
import * as api from "./api.js";

const MOST_KEPT = 400;
const MOST_ASKED = 50;
const kept = new Map(); // photo -> its details, the oldest first
const coming = new Map(); // photo -> promise

export const known = photo => kept.get(photo) ?? null;

/** The details of a photo, from here or from the server. */
export async function details(photo) {
  if (!kept.has(photo)) await ask([photo]);
  return kept.get(photo) ?? null;
}

/** Asks for those of them that are neither here nor on their way. */
export function ahead(photos) {
  const lacking = [...new Set(photos)].filter(photo => !kept.has(photo) && !coming.has(photo)).slice(0, MOST_ASKED);
  if (lacking.length) ask(lacking).catch(() => {});
}

async function ask(photos) {
  const [single] = photos;
  if (photos.length === 1 && coming.has(single)) return coming.get(single);
  const asked = request(photos);
  for (const photo of photos) coming.set(photo, asked);
  try {
    await asked;
  } finally {
    for (const photo of photos) coming.delete(photo);
  }
}

async function request(photos) {
  const answer = await api.get(`photo/${photos.join(",")}`);
  for (const one of Array.isArray(answer) ? answer : [answer]) keep(one);
}

function keep(one) {
  kept.delete(one.photo);
  kept.set(one.photo, one);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
}
