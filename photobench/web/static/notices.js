// Short messages at the bottom: quiet ones go by themselves, loud ones stay until they are answered and are read aloud at once.
import { at, make } from "./dom.js";
import { t } from "./i18n.js";

const SHOWN_MS = 5000;
const MOST = 3;

/** `actions` are [{ text, act }]; each closes the notice. */
export function notice(text, { isLoud = false, stays = false, actions = [] } = {}) {
  const element = make("div", { class: ["notice", isLoud && "loud", stays && "stays"].filter(Boolean).join(" "), role: isLoud ? "alert" : "status" }, make("p", {}, text));
  const close = () => element.remove();
  const given = actions.length || !stays ? actions : [{ text: t("close") }];
  for (const { text: word, act } of given) element.append(make("button", { type: "button", onclick: () => { close(); act?.(); } }, word));
  const quiet = [...at("notices").querySelectorAll(".notice:not(.loud, .stays)")];
  if (quiet.length >= MOST || !isLoud) quiet.forEach(one => one.remove());
  at("notices").append(element);
  if (!stays) setTimeout(close, SHOWN_MS);
  return close;
}
