// Light, dark, or as the system has it. The choice is kept in this browser.
import { at } from "./dom.js";

const KEY = "photobench.theme";
const CHOICES = ["system", "light", "dark"];

export function startTheme() {
  const choice = at("theme");
  choice.value = CHOICES.includes(localStorage.getItem(KEY)) ? localStorage.getItem(KEY) : "system";
  show(choice.value);
  choice.addEventListener("change", () => {
    localStorage.setItem(KEY, choice.value);
    show(choice.value);
  });
}

function show(choice) {
  if (choice === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", choice);
}
