// Requests to the server that gave this page; docs/review-api.md says what each answers.

import { said, t } from "./i18n.js";

/** What the server refused, with its sentence and status; status 0 where it did not answer at all. */
export class Refused extends Error {
  constructor(status, body) {
    super(body.error ? said({ text: body.error, reasons: body.reasons }) : t(status ? "server_failed" : "away_server"));
    this.status = status;
    this.body = body;
  }

  get isAway() {
    return this.status === 0 || this.status >= 502;
  }
}

let key = "";

export const know = session => { key = session.key; };

const address = (name, values = {}) => `/api/${name}?${new URLSearchParams({ key, ...values })}`;

async function ask(url, options = {}) {
  let response;
  try {
    response = await fetch(url, options);
  } catch {
    throw new Refused(0, {});
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

export const session = () => ask("/api/session");
export const get = (name, values) => ask(address(name, values));

export const post = (name, body = {}) =>
  ask(`/api/${name}`, { method: "POST", priority: "high", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ key, ...body }) });

/** A file, as it is. */
export const send = (name, values, body) => ask(address(name, values), { method: "POST", body });

/** A stream of events; close() ends it. */
export const events = (name, values) => new EventSource(address(name, values));

const SIDES = [64, 128, 256, 512];

/** The stored square of a photo, as wide as `pixels` of the screen need. */
export function square(photo, pixels) {
  const wanted = pixels * Math.min(window.devicePixelRatio, 2);
  return `/image/${key}/${photo}/${SIDES.find(side => side >= wanted) ?? 512}.webp`;
}

const WHOLE_SIDES = [480, 640, 800, 1024, 1280, 1600];

/** The photo as it was taken, as large as `pixels` of the screen on its longer side need. */
export function whole(photo, pixels) {
  const wanted = pixels * window.devicePixelRatio;
  return `/image/${key}/${photo}/full-${WHOLE_SIDES.find(side => side >= wanted) ?? WHOLE_SIDES.at(-1)}.webp`;
}
