// The page's own words in two languages, and what the server says. Labels and file names are shown as they are.
import { en } from "./i18n/en.js";
import { ko } from "./i18n/ko.js";

const KEY = "photobench.language";
const TABLES = { en, ko };

export const languages = Object.keys(TABLES);
let current = chosen();

function chosen() {
  const kept = localStorage.getItem(KEY);
  return TABLES[kept] ? kept : navigator.language.startsWith("ko") ? "ko" : "en";
}

export const language = () => current;

/** The language with the person's own region where they fit, for dates and numbers. */
export const locale = () => (navigator.language.startsWith(current) ? navigator.language : current);

export function choose(name) {
  current = name;
  formats.clear();
  localStorage.setItem(KEY, name);
}

/** `t("left", { count: 3 })`: the text in the language chosen; in English where a translation lacks. */
export function t(key, values = {}) {
  const text = TABLES[current][key] ?? en[key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return typeof text === "function" ? text({ ...values, n: number }) : text;
}

/** A name that the program knows (a check, a kind of finding) in the language chosen; else as it is. */
export const named = name => TABLES[current].names?.[name] ?? name;

/** What the server says; in its English where this language does not know a kind of it, or it is of an older version. */
export function said({ text, reasons = [] }) {
  const say = TABLES[current].says;
  if (!say || !text) return text;
  const isKnown = reasons.length && reasons.every(({ kind }) => say[kind]);
  return isKnown ? reasons.map(({ kind, values }) => say[kind]({ ...values, n: number, p: percent })).join(" ") : t("server_says", { text });
}

/** Why something is suspected. */
export const because = ({ evidence, reasons }) => said({ text: evidence, reasons });

const formats = new Map(); // to make one takes longer than to use it a hundred times

function format(name, options) {
  if (!formats.has(name)) formats.set(name, new Intl.NumberFormat(locale(), options));
  return formats.get(name);
}

export const number = value => format("number").format(value);

export const percent = (share, digits = 0) =>
  format(`percent ${digits}`, { style: "percent", maximumFractionDigits: digits }).format(share);

/** Fills what the HTML marks with data-t (text), data-t-label (aria-label) and data-t-title. */
export function translate(root = document) {
  document.documentElement.lang = current;
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const element of root.querySelectorAll("[data-t-title]")) element.title = t(element.dataset.tTitle);
  for (const element of root.querySelectorAll("[data-t-placeholder]")) element.placeholder = t(element.dataset.tPlaceholder);
}
