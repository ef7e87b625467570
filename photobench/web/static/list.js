// The list that is gone through: findings or photos, filtered and sorted, and the place in it. Kept in the address, so a reload comes back to it.
import * as api from "./api.js";
import { later, on, tell } from "./bus.js";
import { t } from "./i18n.js";
import { notice } from "./notices.js";
import { sift } from "./sift.js";
import * as store from "./store.js";

export const SORTS = ["score", "unsure", "label", "group", "photo"];
const STATUSES = ["open", "reviewed", "ruled"];
const EMPTY = { of: "findings", status: ["open"], check: [], kind: [], attribute: [], given: [], suggested: [], split: [], label: [],
  least: 0, search: "", run: "", sort: "score", colour: "" };

/** What is chosen: names, so that an address means the same when the codes are others. `colour`: the attribute that photos are labelled by. */
export const filter = { ...EMPTY };
/** Entries of the list in their order, findings or photos, and which of them is looked at. */
export const list = { entries: new Int32Array(0), place: 0, counts: {}, only: null };
/** What another tab keeps in the address: name -> text. */
export const beside = {};

let count = () => {}; // adds a finding to the counts, or takes it out of them
let searched = null; // Set of photos that the search found, null without one
let mistaken = null; // Map of photos that the chosen run got wrong, the surest mistake first: photo -> what it said, { attribute: code }

export const isOfFindings = () => filter.of === "findings";
export const current = () => list.entries[list.place] ?? null;
export const photoAt = place => (isOfFindings() ? store.findings.photo[list.entries[place]] : list.entries[place]) ?? null;
export const isEmpty = () => list.entries.length === 0;
/** Why it is empty: the key of a text. */
export function whyEmpty() {
  if (!isOfFindings()) return "nothing_fits";
  if (store.session.no_findings) return "no_audit";
  if (!store.session.num_findings) return "no_suspicion";
  const { counts } = store.reviewed;
  return counts[store.OPEN] ? "nothing_fits" : counts[store.RULED] ? "all_decided" : "all_done";
}
export const isFiltered = () => Object.keys(EMPTY).some(name => !["of", "sort", "colour"].includes(name) && `${filter[name]}` !== `${EMPTY[name]}`);

export function clear() {
  const { of, sort, colour } = filter;
  Object.assign(filter, EMPTY, { of, sort, colour });
  list.only = null;
  return apply();
}

/** Changes what is chosen and makes the list again. */
export async function change(values) {
  if (values.of && values.of !== filter.of) [list.entries, list.place] = [new Int32Array(0), 0];
  Object.assign(filter, values);
  if (filter.colour === "" && store.session.attributes.length) filter.colour = store.session.attributes[0].name;
  await apply();
}

/** Only these photos, chosen elsewhere; until the filters are cleared. */
export async function showOnly(photos) {
  list.only = new Set(photos);
  await change({ ...EMPTY, of: "photos", colour: filter.colour });
}

/** The photos that a run got wrong, the surest mistake first. */
export async function showMistakes(run) {
  list.only = null;
  await change({ ...EMPTY, of: "photos", colour: filter.colour, run });
}

let asked = "";
async function apply() {
  const wanted = JSON.stringify([filter.search, filter.run]);
  if (wanted !== asked) {
    asked = wanted;
    const found = await Promise.all([find(filter.search), mistakes(filter.run)]);
    if (asked !== wanted && asked !== "") return; // something else was asked for meanwhile
    [searched, mistaken] = found;
  }
  remake();
}

const find = text => (text.trim() ? photosOf("search", { q: text.trim() }, ({ photos }) => new Set(photos)) : null);
const mistakes = run => (run ? photosOf("mistakes", { run }, ({ photo, said }) => new Map(photo.map((one, place) => [one, answerAt(said, place)]))) : null);
const answerAt = (said, place) => Object.fromEntries(Object.entries(said).map(([name, codes]) => [name, codes[place]]));

/** What the chosen run says of a photo that it got wrong, of the labels that it got wrong; none where no run is chosen. */
export function saidByRun(photo) {
  const said = Object.entries(mistaken?.get(photo) ?? {}).map(([name, code]) => [name, store.valuesOf(name)[code]]);
  return said.filter(([name, value]) => value !== store.labelOf(photo, name)).map(([, value]) => value);
}

/** Photos as `made` makes them of the answer; all of them, with a word on why, where the server has no answer. */
async function photosOf(name, values, made) {
  try {
    return made(await api.get(name, values));
  } catch (error) {
    notice(error.message, { isLoud: true });
    asked = "";
    return null;
  }
}

function remake() {
  const before = current();
  const { kept, counts } = sifted();
  list.counts = counts;
  list.entries = sorted(kept);
  list.place = Math.max(0, list.entries.indexOf(before));
  write();
  tell("list");
}

/** Counts anew, without moving anything. Findings are counted as they change; of photos any label may have. */
export const recount = later(() => {
  if (!isOfFindings()) list.counts = sifted().counts;
  tell("counts");
});
on("decisions", recount);
on("leaves", finding => count(finding, -1));
on("comes", finding => count(finding, 1));

export function dims() {
  const { findings, photos, session } = store;
  const splits = { name: "split", names: session.splits };
  if (!isOfFindings()) {
    return [{ name: "label", names: store.valuesOf(filter.colour), codes: store.labelCodes(filter.colour) }, { ...splits, codes: photos.split }];
  }
  return [
    { name: "status", names: STATUSES, codes: store.reviewed.flags },
    { name: "check", names: findings.checks, codes: findings.check },
    { name: "kind", names: findings.kinds, codes: findings.kind },
    { name: "attribute", names: findings.attributes, codes: findings.attribute },
    { name: "given", names: findings.values, codes: findings.given },
    { name: "suggested", names: findings.values, codes: findings.suggested },
    { ...splits, codes: splitsOfFindings() },
  ];
}

let splitCodes = null;
const splitsOfFindings = () => (splitCodes ??= Int8Array.from(store.findings.photo, photo => store.photos.split[photo]));

function sifted() {
  const num = isOfFindings() ? store.findings.photo.length : store.session.num_photos;
  const all = dims();
  const { kept, counts, add } = sift(num, all.map(allowedOf), passes());
  count = isOfFindings() ? add : () => {};
  return { kept, counts: Object.fromEntries(all.map(({ name }, dim) => [name, counts[dim]])) };
}

function allowedOf({ name, names, codes }) {
  const codesChosen = filter[name].map(one => names.indexOf(one)).filter(code => code >= 0);
  return { codes, size: names.length, allowed: codesChosen.length ? new Set(codesChosen) : null };
}

/** What no choice of values says: the score, the search, the run, a selection. */
function passes() {
  const { photo, score } = store.findings;
  const sets = [searched, mistaken, list.only].filter(Boolean);
  const least = filter.least / 100;
  if (!isOfFindings()) return one => sets.every(set => set.has(one));
  return one => score[one] >= least && sets.every(set => set.has(photo[one]));
}

/** Whether photos are shown as mistakes of a run: then the surest come first. */
export const isRanked = () => mistaken !== null && !isOfFindings();

function sorted(kept) {
  const { findings, photos } = store;
  const rank = new Map([...(mistaken?.keys() ?? [])].map((photo, place) => [photo, place]));
  const photoOf = isOfFindings() ? findings.photo : Array.from({ length: store.session.num_photos }, (_, photo) => photo);
  const labels = isOfFindings() ? findings.given : store.labelCodes(filter.colour);
  const by = {
    score: isRanked() ? one => rank.get(one) : null, // as they come: the most suspicious first, photos in the order of the source
    unsure: isOfFindings() ? one => findings.score[one] : null,
    label: one => labels[one],
    group: one => photos.group[photoOf[one]],
    photo: one => photoOf[one],
  }[filter.sort];
  if (!by) return kept;
  const keys = new Float64Array(photoOf.length);
  for (const one of kept) keys[one] = by(one);
  return kept.sort((one, other) => keys[one] - keys[other] || one - other);
}

/** Moves to a place of the list; beyond its ends it stays. */
export function go(place) {
  list.place = Math.min(Math.max(place, 0), Math.max(list.entries.length - 1, 0));
  write();
  tell("place");
}

/** The next entry that is not reviewed, from the top again where there is none below; null where none is left. */
export function nextOpen(from) {
  if (!isOfFindings()) return from + 1 < list.entries.length ? from + 1 : null;
  const num = list.entries.length;
  for (let step = 1; step <= num; step++) if (!store.isReviewed(list.entries[(from + step) % num])) return (from + step) % num;
  return null;
}

/** Goes to a finding, or else to the photo, and takes it into the list where the filters keep it out. */
export function show(finding, photo) {
  const entry = isOfFindings() ? finding : photo;
  if (entry === null) return;
  let place = list.entries.indexOf(entry);
  if (place < 0) {
    place = Math.min(list.place, list.entries.length);
    list.entries = Int32Array.from([...list.entries.subarray(0, place), entry, ...list.entries.subarray(place)]);
    tell("list");
  }
  go(place);
}

/** The filter and the place in the address. */
const write = later(() => {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (`${value}` !== `${EMPTY[name]}`) said.set(name, Array.isArray(value) ? JSON.stringify(value) : value);
  if (current() !== null) said.set("at", current());
  for (const [name, text] of Object.entries(beside)) if (text) said.set(name, text);
  said.set("view", document.body.dataset.view ?? "queue");
  history.replaceState(null, "", `${location.pathname}#${said}`);
});

/** Takes over what the address says; what does not fit is left out. Answers the view that it names. */
export async function read() {
  const said = new URLSearchParams(location.hash.slice(1));
  const values = {};
  for (const [name, standard] of Object.entries(EMPTY)) {
    const text = said.get(name);
    if (text !== null) values[name] = Array.isArray(standard) ? array(text) : typeof standard === "number" ? Number(text) || 0 : text;
  }
  if (!SORTS.includes(values.sort)) delete values.sort;
  if (values.run && !store.session.runs.includes(values.run)) delete values.run;
  for (const [name, text] of said) if (!(name in EMPTY) && name !== "at" && name !== "view") beside[name] = text;
  await change(values);
  const place = list.entries.indexOf(Number(said.get("at") ?? -1));
  const first = list.entries.length && isOfFindings() && store.isReviewed(list.entries[0]) ? nextOpen(0) : 0;
  go(place >= 0 ? place : first ?? 0);
  return said.get("view");
}

function array(text) {
  try {
    const value = JSON.parse(text);
    return Array.isArray(value) ? value.filter(one => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export const remember = write;
