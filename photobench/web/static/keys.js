// From a key to what it means. Digits and letters name classes; the rest are actions.

const ACTIONS = {
  Enter: "accept", " ": "keep", x: "exclude", u: "undo", g: "group", ArrowRight: "next", ArrowLeft: "previous",
  ArrowUp: "up", ArrowDown: "down", Home: "first", End: "last", PageUp: "page-up", PageDown: "page-down",
  "?": "help", "/": "search", v: "view", z: "zoom", Escape: "escape", F1: "help",
};
const FOR_CLASSES = [..."1234567890qwertyiopasdfhjklbnmc"];
const TYPED_IN = "input:not([type=checkbox]), textarea, select";

/** The keys of `count` classes, in their order; those beyond the last key have none, and are chosen with the mouse. */
export const classKeys = count => Array.from({ length: count }, (_, code) => FOR_CLASSES[code] ?? "");

/** Calls `act(action, event)`, where action is one of ACTIONS or {code}: the class of that number. What it answers with true is done. */
export function listen(act) {
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || belongsElsewhere(event)) return;
    const action = meaning(event);
    if (action !== null && act(action, event)) event.preventDefault();
  });
}

/** What was chosen with the mouse gives the keys back: the next Space is a decision, not the same choice again. */
export function handBack() {
  let isPointer = false;
  addEventListener("pointerdown", () => { isPointer = true; }, true);
  addEventListener("keydown", () => { isPointer = false; }, true);
  addEventListener("change", ({ target }) => { if (isPointer && target.matches("select, [type=checkbox], [type=range]")) target.blur(); });
  addEventListener("click", ({ target }) => { if (isPointer) target.closest?.(".tabs button")?.blur(); });
}

/** A key that the focused element or an open dialog means for itself. */
function belongsElsewhere(event) {
  const element = event.target;
  if (document.querySelector("dialog[open]")) return event.key !== "?";
  if (event.key === "Escape" || element.closest("dialog")) return false; // a closed one keeps the focus until the next picture
  if (element.matches(TYPED_IN)) return true;
  const presses = event.key === "Enter" || event.key === " ";
  return presses && element.matches("button, a, summary, input");
}

/** Letters by what they say, else, where the keyboard writes another script, by where they are. */
export function meaning(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  for (const name of [key, event.shiftKey ? "" : byPlace(event.code)]) {
    if (ACTIONS[name]) return ACTIONS[name];
    if (name && FOR_CLASSES.includes(name)) return { code: FOR_CLASSES.indexOf(name) };
  }
  return null;
}

function byPlace(code = "") {
  const [, name] = /^(?:Key|Digit|Numpad)(\w)$/.exec(code) ?? [];
  return name ? name.toLowerCase() : "";
}
