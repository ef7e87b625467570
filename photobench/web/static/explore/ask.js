// A photo that is dropped, pasted or chosen: what a run says of it, and what of it the model sees.
import { fill, make, style } from "../dom.js";
import { number, w } from "./words.js";

let shown = null; // what is on the page, and what takes a photo there
document.addEventListener("paste", event => { if (shown?.element.checkVisibility()) shown.ask(event.clipboardData.files[0]); }); // wherever the focus is

export function showAsk(element, { api, store, t, notice }) {
  const runs = store.session.runs;
  if (!runs.length) return fill(element, make("div", { class: "empty" }, make("div", {}, make("p", {}, w("no_run")))));
  const run = make("select", {}, runs.map(name => make("option", { value: name }, name)));
  const file = make("input", { type: "file", accept: "image/*", class: "said", tabindex: "-1", onchange: () => ask(file.files[0]) });
  const zone = make("div", { class: "drop" }, make("p", {}, w("drop")), make("button", { type: "button", onclick: () => file.click() }, w("choose")), file, make("p", { class: "small muted" }, w("not_kept")));
  const answer = make("div", { class: "answer", "aria-live": "polite" });
  fill(element, make("label", { class: "by" }, make("span", {}, w("run")), run), zone, answer);
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, event => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", event => { event.preventDefault(); zone.classList.remove("over"); ask(event.dataTransfer.files[0]); });
  shown = { element: zone, ask };

  async function ask(photo) {
    file.value = "";
    if (!photo) return;
    const waits = make("p", { class: "waits" }, t("model_waits", { name: run.value }));
    fill(answer, waits);
    answer.scrollIntoView({ block: "nearest" });
    try {
      const told = await api.send("classify", { run: run.value }, await photo.arrayBuffer());
      if (waits.isConnected) show(told, photo); // else another one was dropped meanwhile
    } catch (error) {
      if (waits.isConnected) fill(answer);
      notice(error.message, { isLoud: true });
    }
  }

  function show(told, photo) {
    const whole = make("img", { alt: w("dropped"), src: URL.createObjectURL(photo) });
    whole.addEventListener("load", () => URL.revokeObjectURL(whole.src));
    whole.addEventListener("error", () => { whole.hidden = true; });
    fill(answer,
      make("figure", {}, whole, make("figcaption", {}, `${w("dropped")} · ${number(told.width)} × ${number(told.height)}`)),
      make("figure", {}, make("img", { alt: w("crop"), src: told.crop }), make("figcaption", {}, w("crop"))),
      make("div", { class: "told" }, make("h3", {}, w("said", { run: told.run })), make("ol", {}, told.classes.map(bar))));
  }

  const bar = ({ name, probability }) => make("li", {}, make("span", {}, name), make("span", { class: "muted" }, `${(100 * probability).toFixed(1)} %`), style(make("i"), { width: `${100 * probability}%` }));
}
