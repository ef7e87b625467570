// Intervals as bars on one scale, so that what overlaps is seen. Places are shares of the width, given to CSS.
import { make, style } from "../dom.js";
import { w } from "./words.js";

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25];
const MOST_STEPS = 5;

/** Round ends and steps that hold all of the figures: { low, high, ticks }, between 0 and 1. */
export function scale(figures) {
  const values = figures.flatMap(({ value, low, high }) => [value, low, high]).filter(one => one !== null);
  const [least, most] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const step = STEPS.find(one => Math.ceil(most / one) - Math.floor(least / one) <= MOST_STEPS) ?? STEPS.at(-1);
  const first = Math.max(0, Math.floor(least / step));
  const last = Math.max(first + 1, Math.ceil(most / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step);
  return { low: ticks[0], high: ticks.at(-1), ticks };
}

/** From −reach to +reach, with all differences in it. */
export function around(gains) {
  const ends = gains.flatMap(({ value, low, high }) => [value, low, high]).filter(one => one !== null).map(Math.abs);
  const reach = Math.max(0.01, ...ends);
  return { low: -reach, high: reach, ticks: [0] };
}

const place = (value, { low, high }) => `${((100 * (Math.min(Math.max(value, low), high) - low)) / (high - low)).toFixed(2)}%`;

/** A point with its interval; hollow where there is none. The numbers are beside it, so it is not read aloud. */
export function bar({ value, low, high }, on, { kind = "", line = null } = {}) {
  const element = make("span", { class: `bar-of ${kind} ${low === null ? "hollow" : ""}`, "aria-hidden": "true" });
  for (const tick of on.ticks) element.append(style(make("u"), { "--at": place(tick, on) }));
  if (line !== null) element.append(style(make("s"), { "--at": place(line, on) }));
  if (low !== null) element.append(style(make("i"), { "--from": place(low, on), "--to": place(high, on) }));
  if (value !== null) element.append(style(make("b"), { "--at": place(value, on) }));
  return element;
}

/** What the steps of the bars mean, above them. */
export function axis(on) {
  const digits = on.ticks[1] - on.ticks[0] < 0.1 || on.ticks[1] - on.ticks[0] === 0.25 ? 2 : 1;
  return make("span", { class: "measure", "aria-hidden": "true" }, make("span"),
    make("span", { class: "axis" }, on.ticks.map(tick => style(make("span", {}, tick.toFixed(digits)), { "--at": place(tick, on) }))), make("span", { class: "ends" }));
}

/** The interval does not hold zero. */
export const isSure = ({ kind }) => kind === "better" || kind === "worse";

/** Noise, better or worse, in a word; what has no interval is noise too. */
export const verdictMark = kind => make("span", { class: `mark ${kind}` }, w(kind === "unknown" ? "noise" : kind));
