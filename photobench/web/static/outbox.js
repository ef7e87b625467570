// Decisions on their way to the server: one at a time, in their order, kept in the browser until the server has them on its disk.
import * as api from "./api.js";
import { tell } from "./bus.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 4000;
const BEGIN = "photobench.waiting.";
let prefix = "";
let workspace = "";
let waiting = [];
let isSending = false;
let handlers;

/** `{ body(order), needless(order), written(order, answer), refused(order, error) }` say what is sent (null: it is needless) and what follows. */
export function start({ key, name }, given) {
  prefix = `${BEGIN}${key}.`;
  workspace = name;
  handlers = given;
  const left = Object.keys(localStorage).filter(name => name.startsWith(prefix)).sort();
  waiting = left.map(name => JSON.parse(localStorage.getItem(name)));
  send();
  return waiting;
}

/** Drops what waits for photos of this workspace that are others now, and answers how many decisions that were. */
export function dropStale() {
  const stale = Object.keys(localStorage).filter(name =>
    name.startsWith(BEGIN) && !name.startsWith(prefix) && JSON.parse(localStorage.getItem(name)).workspace === workspace);
  for (const name of stale) localStorage.removeItem(name);
  return stale.length;
}

export const numWaiting = () => waiting.length;

/** `order.keep` is false for what must not be repeated after a reload. */
export function add(order) {
  order.id = `${Date.now().toString(36)}-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;
  order.workspace = workspace;
  waiting.push(order);
  if (order.keep !== false) localStorage.setItem(prefix + order.id, JSON.stringify(order));
  send();
}

/** Takes back what was never sent. Answers whether that was so. */
export function withdraw(order) {
  if (!waiting.includes(order) || order.isTried) return false;
  drop(order);
  return true;
}

/** By another tab, which found it here. */
const isSentElsewhere = order => order.keep !== false && localStorage.getItem(prefix + order.id) === null;

function drop(order) {
  waiting = waiting.filter(one => one !== order);
  localStorage.removeItem(prefix + order.id);
}

async function send() {
  if (isSending) return;
  isSending = true;
  let wait_ms = FIRST_WAIT_MS;
  while (waiting.length) {
    const order = waiting[0];
    const body = isSentElsewhere(order) ? null : handlers.body(order);
    if (body === null) {
      drop(order);
      handlers.needless(order);
      continue;
    }
    order.isTried = true;
    try {
      const answer = await api.post(order.to, body);
      drop(order);
      handlers.written(order, answer);
      wait_ms = FIRST_WAIT_MS;
      tell("away", false);
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      if (error.isAway || error.status === 401) {
        tell("away", error.status === 401 ? "token" : "server");
        await new Promise(done => setTimeout(done, wait_ms));
        wait_ms = Math.min(2 * wait_ms, LONGEST_WAIT_MS);
        continue;
      }
      drop(order);
      tell("away", false); // a refusal is an answer
      handlers.refused(order, error);
    }
  }
  isSending = false;
}
