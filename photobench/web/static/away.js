// Whether the server is there, and the line that says so while it is not.
import { on } from "./bus.js";
import { at, put } from "./dom.js";
import { t } from "./i18n.js";
import * as outbox from "./outbox.js";

let away = false; // while it is not there, why: "server" or "token"

export const isAway = () => away !== false;

export function show() {
  at("who").classList.toggle("away", isAway());
  at("outage").hidden = !isAway();
  if (away) put(at("outage"), [t(`away_${away}`), outbox.numWaiting() ? t("waiting", { count: outbox.numWaiting() }) : ""].join(" "));
}

on("away", why => { away = why; show(); });
on("decisions", () => { if (away) show(); });
