// Where the chosen run looked in a photo that it got wrong: asked for when somebody wants to know, for a model has to be loaded for it.
import * as api from "./api.js";
import { fill, make } from "./dom.js";
import { t } from "./i18n.js";

/** A button in `element` that is replaced by the maps; nothing where no run is chosen. */
export function offerLook(element, photo, run) {
  fill(element, run && make("button", { type: "button", onclick: show }, t("look")));

  async function show() {
    const waits = make("p", { class: "waits" }, t("model_waits", { name: run }));
    fill(element, waits);
    const found = await api.get("look", { photo, run }).then(shown, ({ message }) => [make("p", { class: "outage", role: "alert" }, message)]);
    if (waits.isConnected) fill(element, found); // else another photo is looked at by now
  }
}

const shown = ({ looks, learned }) => [...looks.flatMap(figures), learned && make("p", { class: "small muted" }, t("has_learned"))];

const figures = ({ attribute, said, truth, said_map, truth_map }) => [figure(said_map, t("look_said", { attribute, value: said })), truth_map && figure(truth_map, t("look_truth", { attribute, value: truth }))];

const figure = (picture, words) => make("figure", {}, make("img", { src: picture, alt: "" }), make("figcaption", { class: "small" }, words));
