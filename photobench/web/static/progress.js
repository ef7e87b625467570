// How far the person is, how fast, how often the suggestion was right, and what is still wrong in the rest.
import * as api from "./api.js";
import { later, on } from "./bus.js";
import { at, fill, make, put, style } from "./dom.js";
import { number, percent, t } from "./i18n.js";
import * as lists from "./list.js";
import * as store from "./store.js";

const WAIT_MS = 1000;
let latest = null;
let waits = null;
export const begun = new Date().toISOString();

export function startProgress() {
  const soon = later(show);
  on("decisions", () => {
    soon();
    waits ??= setTimeout(refresh, WAIT_MS);
  });
  on("list", soon);
  on("place", soon);
  refresh();
}

export async function refresh() {
  clearTimeout(waits);
  waits = null;
  latest = await api.get("progress").catch(() => latest);
  show();
}

export const known = () => latest;

/** What the columns know is shown at once, the server's figures a second later. */
export function show() {
  const [left, reviewed, ruled] = store.reviewed.counts;
  const share = reviewed / Math.max(reviewed + left, 1); // of what is a person's to do: a rule looks at nothing
  at("track").parentElement.hidden = !store.hasFindings();
  style(at("track"), { "--share": share.toFixed(3) }); // a step that nobody sees moves nothing
  at("track").parentElement.setAttribute("aria-valuenow", Math.round(100 * share));
  fill(at("progress-words"), store.hasFindings() ? words(left, reviewed, ruled) : nothing());
  const { entries, place } = lists.list;
  put(at("place"), entries.length ? t("place", { place: place + 1, count: entries.length }) : "");
}

function words(left, reviewed, ruled) {
  const said = [figure(number(reviewed), t("reviewed")), figure(number(left), t("left"))];
  if (ruled) said.push(figure(number(ruled), t("ruled")));
  if (latest?.per_minute) said.push(figure(number(Math.round(latest.per_minute)), t("per_minute")));
  if (latest?.per_minute && left) said.push(figure(minutes(left / latest.per_minute), t("to_go")));
  if (latest?.suggested) said.push(figure(percent(latest.accepted / latest.suggested), t("accepted")));
  if (latest?.estimate) said.push(figure(`≈ ${number(latest.estimate.wrong)}`, t("still_wrong", latest.estimate)));
  return said;
}

/** Where there is nothing to review: why. */
const nothing = () => (store.session.no_findings ? [make("span", {}, t("no_audit_yet")), make("code", {}, "photobench audit")] : make("span", {}, t("no_suspicion")));

const figure = (value, label) => make("span", {}, make("b", {}, value), ` ${label}`);

function minutes(value) {
  if (value < 1) return t("under_a_minute");
  return value < 90 ? t("minutes", { count: Math.round(value) }) : t("hours", { count: number(Math.round(value / 6) / 10) });
}
