// What the server told: photos and findings as columns, and every decision. Columns are arrays with an entry per photo or finding.
import * as api from "./api.js";
import { tell } from "./bus.js";

export let session;
export let photos;
export let findings;
export let cursor = 0;
export const log = []; // decisions, the oldest first
export const [OPEN, REVIEWED, RULED] = [0, 1, 2]; // places of STATUSES in list.js
export const reviewed = { flags: new Uint8Array(0), counts: [0, 0, 0] }; // a flag for each finding; how many have each

const standing = new Map(); // "photo field" -> the decision that stands there
const assumed = new Map(); // "photo field" -> { order, value }: pressed here, not yet on the server's disk
const groups = new Map(); // number of a group -> its photos
const findingsOn = new Map(); // "photo field" and "photo" -> findings there
const NO_FINDINGS = { photo: [], check: [], kind: [], attribute: [], score: [], given: [], suggested: [], fix: [], cluster: [], field: [],
  checks: [], kinds: [], attributes: [], values: [], fixes: [], fields: [] };

const topic = (photo, field) => `${photo} ${field}`;

export async function load() {
  session = await api.session();
  api.know(session);
  const [allPhotos, allFindings, decided] = await Promise.all([
    api.get("photos"), session.num_findings ? api.get("findings") : NO_FINDINGS, api.get("decisions", { after: 0 })]);
  photos = allPhotos;
  findings = allFindings;
  reviewed.flags = new Uint8Array(findings.photo.length);
  reviewed.counts = [findings.photo.length, 0, 0];
  findings.photo.forEach((photo, finding) => {
    push(findingsOn, topic(photo, fieldOf(finding)), finding);
    push(findingsOn, `${photo}`, finding);
  });
  if (session.has_groups) photos.group.forEach((group, photo) => push(groups, group, photo));
  take(decided);
}

function push(map, key, value) {
  if (map.has(key)) map.get(key).push(value);
  else map.set(key, [value]);
}

/** Takes over a list of decisions; what is known already is skipped. Answers the new ones. */
export function take({ cursor: upTo, decisions }) {
  const fresh = decisions.filter(one => one.number > cursor);
  for (const one of fresh) {
    log.push(one);
    if (one.photo !== null) settle(one);
  }
  cursor = Math.max(cursor, upTo);
  if (fresh.length) tell("decisions", fresh);
  return fresh;
}

function settle(one) {
  if (one.stands === null) standing.delete(topic(one.photo, one.field));
  else standing.set(topic(one.photo, one.field), one);
  markFindings(one.photo, one.field);
}

/** Shows what was pressed before the server has it; `value` null takes back. */
export function assume(order, photo, field, value) {
  assumed.set(topic(photo, field), { order, value });
  markFindings(photo, field);
}

/** What was assumed because of this order is true now, or never will be. */
export function forget(order) {
  for (const [photo, field] of order.topics) {
    if (assumed.get(topic(photo, field))?.order !== order) continue;
    assumed.delete(topic(photo, field));
    markFindings(photo, field);
  }
}

/** A finding is decided when something stands on its photo and field, or the photo is left out; and reviewed where that was no rule, which looks at nothing. */
function markFindings(photo, field) {
  const isOut = isLeftOut(photo);
  for (const finding of findingsOn.get(field === "exclude" ? `${photo}` : topic(photo, field)) ?? [])
    mark(finding, flagOf(photo, isOut ? "exclude" : fieldOf(finding)));
}

const flagOf = (photo, field) => (standsNow(photo, field) === null ? OPEN : isByRule(photo, field) ? RULED : REVIEWED);

/** Whoever counts findings takes this one out where it was and counts it again where it is. */
function mark(finding, flag) {
  if (reviewed.flags[finding] === flag) return;
  tell("leaves", finding);
  reviewed.counts[reviewed.flags[finding]]--;
  reviewed.counts[flag]++;
  reviewed.flags[finding] = flag;
  tell("comes", finding);
}

/** The decision that stands there, as the server last said. */
export const stands = (photo, field) => standing.get(topic(photo, field));

/** What stands there, with what was pressed a moment ago; null where nothing was decided. */
export function standsNow(photo, field) {
  const place = topic(photo, field);
  return assumed.has(place) ? assumed.get(place).value : standing.get(place)?.stands ?? null;
}

/** Whether a rule decided what stands there, and nobody has looked since. */
export const isByRule = (photo, field) => !assumed.has(topic(photo, field)) && standing.get(topic(photo, field))?.by_rule === true;

/** Those that a decision there settles, or else all on the photo. */
export const findingsAt = (photo, field) => findingsOn.get(topic(photo, field)) ?? findingsOn.get(`${photo}`) ?? [];

export const hasFindings = () => session.num_findings > 0;
export const isReviewed = finding => reviewed.flags[finding] === REVIEWED;
export const isDecided = finding => reviewed.flags[finding] !== OPEN;

export const fieldOf = finding => findings.fields[findings.field[finding]];

/** The attribute in question; "" where it is about no label of the project: about the photo, or its group. */
export function attributeOf(finding) {
  const name = findings.attributes[findings.attribute[finding]] ?? "";
  return valuesOf(name).length ? name : "";
}

export const fixOf = finding => findings.fixes[findings.fix[finding]];
export const givenOf = finding => findings.values[findings.given[finding]] ?? "";
export const suggestedOf = finding => findings.values[findings.suggested[finding]] ?? "";
export const checkOf = finding => findings.checks[findings.check[finding]];
export const kindOf = finding => findings.kinds[findings.kind[finding]];

export const valuesOf = attribute => session.attributes.find(one => one.name === attribute)?.values ?? [];

/** The label as it stands today; "" where there is none. */
export const labelOf = (photo, attribute) =>
  standsNow(photo, attribute) ?? valuesOf(attribute)[photos.labels[attribute]?.[photo]] ?? "";

/** The labels of all photos as they stand, as codes; −1 where there is none. */
export function labelCodes(attribute) {
  const values = valuesOf(attribute);
  const codes = Int16Array.from(photos.labels[attribute] ?? []);
  for (const place of new Set([...standing.keys(), ...assumed.keys()])) {
    const photo = parseInt(place, 10);
    if (place === topic(photo, attribute)) codes[photo] = values.indexOf(labelOf(photo, attribute));
  }
  return codes;
}

export const isLeftOut = photo => standsNow(photo, "exclude") === true;

/** Photos of the same group, this one among them; only itself where groups are not known. */
export const groupOf = photo => groups.get(photos.group[photo]) ?? [photo];

/** Photos that can have a label: those that are only to be predicted cannot. */
export const canBeLabelled = photo => session.splits[photos.split[photo]] !== "predict";
