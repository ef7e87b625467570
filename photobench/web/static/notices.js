// Short messages, where nothing is that one works with: those that go by themselves lie over the line of the progress for a while, those that must be
// answered have room of their own above it. Loud ones are read aloud at once.
import { at, make } from "./dom.js";
import { t } from "./i18n.js";

const SHOWN_MS = 5000;

/** `actions` are [{ text, act }]; each closes the notice. One of a `kind` takes the place of the one before. */
export function notice(text, { kind, isLoud = false, stays = false, actions = [] } = {}) {
  if (kind) document.querySelector(`.notice[data-kind="${kind}"]`)?.remove();
  const element = make("div", { class: `notice${isLoud ? " loud" : ""}`, role: isLoud ? "alert" : "status" }, make("p", {}, text));
  if (kind) element.dataset.kind = kind;
  const close = () => element.remove();
  const given = actions.length || !stays ? actions : [{ text: t("close") }];
  for (const { text: word, act } of given) element.append(make("button", { type: "button", onclick: () => { close(); act?.(); } }, word));
  if (stays) at("staying").append(element);
  else showFor(element, close);
  return close;
}

/** One after the other; a quiet one makes way for whatever comes. */
function showFor(element, close) {
  for (const quiet of at("passing").querySelectorAll(".notice:not(.loud)")) quiet.remove();
  at("passing").append(element);
  setTimeout(close, SHOWN_MS);
}
