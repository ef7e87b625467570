// Decisions of others as they are made, news of the runs, and whether the server is there. A page that nobody sees does not listen: a browser has few lines to a server.
import * as api from "./api.js";
import { tell } from "./bus.js";
import { said, t } from "./i18n.js";
import { notice } from "./notices.js";
import * as store from "./store.js";

const AGAIN_MS = 2000;
const SOON_MS = 300;
let stream = null;
let round = 0;
let isStale = false; // the page is to be loaded anew: nothing that comes is of use to it

export function startListening() {
  document.addEventListener("visibilitychange", listen);
  listen();
}

/** From the last decision that is known; whatever was listened to before ends. */
function listen() {
  const mine = ++round;
  stream?.close();
  if (document.hidden || isStale) return;
  const again = wait_ms => setTimeout(() => { if (mine === round) listen(); }, wait_ms);
  stream = api.events("events", { after: store.cursor });
  stream.onopen = () => { tell("away", false); tell("back"); };
  stream.addEventListener("decisions", ({ data }) => store.take(JSON.parse(data)));
  stream.addEventListener("runs", ({ data }) => tell("runs", JSON.parse(data).version));
  stream.addEventListener("stale", ({ data }) => endStale(said(JSON.parse(data))));
  stream.onerror = () => {
    stream.close();
    if (mine === round) lost().then(again, () => {});
  };
}

/** Why the line broke: asks for what was missed. Answers when to try again; rejects where that is of no use. */
async function lost() {
  try {
    store.take(await api.get("decisions", { after: store.cursor }));
    return SOON_MS;
  } catch (error) {
    if (error.status === 410) {
      endStale(error.message);
      throw error;
    }
    tell("away", error.status === 401 ? "token" : "server");
    return AGAIN_MS;
  }
}

/** The line could only ever say this again. */
function endStale(sentence) {
  isStale = true;
  stream.close();
  notice(sentence, { kind: "stale", isLoud: true, stays: true, actions: [{ text: t("reload"), act: () => location.reload() }] });
}
