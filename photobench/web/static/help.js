// All keys, in a dialog; there they can be switched off, for people whose voice or switch types letters.
import { at, fill, make } from "./dom.js";
import { t } from "./i18n.js";

const KEY = "photobench.keys";
const ROWS = [[["1", "2", "…"], "key_class"], [["Enter"], "key_accept"], [["Space"], "key_keep"], [["X"], "key_exclude"], [["G"], "key_group"],
  [["U"], "key_undo"], [["←", "→"], "key_move"], [["Z"], "key_zoom"], [["V"], "key_view"], [["/"], "key_search"], [["Shift", "↑ ↓ ← →"], "key_select"],
  [["Ctrl", "A"], "key_all"], [["Esc"], "key_escape"], [["?"], "key_help"]];

export function startHelp() {
  at("keys-on").checked = localStorage.getItem(KEY) !== "off";
  at("keys-on").addEventListener("change", () => localStorage.setItem(KEY, at("keys-on").checked ? "on" : "off"));
  at("help").addEventListener("click", showHelp);
  for (const dialog of document.querySelectorAll("dialog"))
    dialog.addEventListener("click", event => { if (event.target === dialog || event.target.closest("[data-close]")) dialog.close(); });
}

export const keysAreOn = () => at("keys-on").checked;

export function showHelp() {
  const dialog = at("keys");
  if (dialog.open) return dialog.close();
  fill(at("all-keys"), ROWS.flatMap(([keys, text]) => [make("dt", {}, keys.map(key => make("kbd", {}, key === "Space" ? t("space") : key))), make("dd", {}, t(text))]));
  dialog.showModal();
}
