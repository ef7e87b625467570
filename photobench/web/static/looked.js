// Where the chosen run looked in a photo that it got wrong: asked for when somebody wants to know, for a model has to be loaded for it.
import * as api from "./api.js";
import { fill, make } from "./dom.js";
import { t } from "./i18n.js";
import { notice } from "./notices.js";

/** A button in `element` that is replaced by the maps; nothing where no run is chosen. */
export function offerLook(element, photo, run) {
  const button = make("button", { type: "button", onclick: show }, t("look"));
  fill(element, run && button);

  async function show() {
    button.disabled = true;
    button.textContent = t("look_waits");
    try {
      const told = await api.get("look", { photo, run });
      if (button.isConnected) fill(element, told.looks.flatMap(figures), told.learned && make("p", { class: "small muted" }, t("has_learned")));
    } catch (error) {
      if (button.isConnected) fill(element);
      notice(error.message, { isLoud: true });
    }
  }
}

const figures = ({ attribute, said, truth, said_map, truth_map }) => [figure(said_map, t("look_said", { attribute, value: said })), truth_map && figure(truth_map, t("look_truth", { attribute, value: truth }))];

const figure = (picture, words) => make("figure", {}, make("img", { src: picture, alt: "" }), make("figcaption", { class: "small" }, words));
