// What points can be coloured by: labels as they stand, the split, findings, the mistakes of a run.
import { HIDDEN } from "./scatter.js";
import { w } from "./words.js";

const PALETTE = ["#3f7ac2", "#cf7f22", "#2b9481", "#9a70c0", "#c2608f", "#84892f", "#b5534b", "#4b8ca8", "#8a7355", "#6a78d1", "#5b9148", "#b0803a"];
const GREY = "#98a0a9", LOUD = "#d1432f";
const MOST = PALETTE.length;

/** Names of all ways: { value, text }. */
export function ways({ session }) {
  return [
    ...session.attributes.map(({ name }) => ({ value: `label ${name}`, text: name })),
    { value: "split", text: w("split") },
    ...(session.num_findings ? [{ value: "finding", text: w("finding") }] : []),
    ...session.runs.map(name => ({ value: `run ${name}`, text: `${w("mistakes")} ${name}` })),
  ];
}

/** { codes, values: [{ text, colour, count }] } of these photos; a code is a place in `values`. */
export async function coloured(way, photos, { store, api }) {
  const [kind, ...rest] = way.split(" ");
  const name = rest.join(" ");
  if (kind === "label") return byLabel(photos, name, store);
  if (kind === "split") return named(photos, photo => store.session.splits[store.photos.split[photo]] || "–", null);
  if (kind === "finding") return named(photos, photo => (store.photos.findings[photo] ? w("suspected") : w("rest")), w("suspected"));
  const wrong = new Set((await api.get("mistakes", { run: name })).photo);
  return named(photos, photo => (wrong.has(photo) ? w("mistake") : w("rest")), w("mistake"));
}

/** In the order of the declaration, the most frequent ones where they are too many. */
function byLabel(photos, name, store) {
  const order = store.valuesOf(name);
  const found = named(photos, photo => store.labelOf(photo, name) || w("unlabelled"), null, order);
  return found;
}

function named(photos, textOf, loud, order = []) {
  const texts = photos.map(textOf), counts = new Map();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const place = text => { const at = order.indexOf(text); return at < 0 ? order.length : at; };
  const frequent = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
  const kept = frequent.slice(0, counts.size > MOST ? MOST - 1 : MOST).sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  const codeOf = new Map(kept.map((text, code) => [text, code]));
  const values = kept.map((text, code) => ({ text, count: counts.get(text), colour: loud === null ? tint(text, code) : text === loud ? LOUD : GREY }));
  if (counts.size > kept.length) values.push({ text: w("others"), colour: GREY, count: texts.filter(text => !codeOf.has(text)).length });
  return { codes: texts.map(text => codeOf.get(text) ?? kept.length), values };
}

const tint = (text, code) => (text === w("unlabelled") || text === "–" ? GREY : PALETTE[code]);

/** For the graphics card: hidden values are not drawn. */
export function forCard({ codes, values }, hidden) {
  const isHidden = values.map(({ text }) => hidden.has(text));
  const palette = values.map(({ colour }) => [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16) / 255).concat(colour === GREY ? 0.4 : 0.8));
  return { codes: Uint8Array.from(codes, code => (isHidden[code] ? HIDDEN : code)), palette };
}
