// The map: every photo a point, near to what looks like it. A line drawn around points selects their photos.
import { fill, make, put, style } from "../dom.js";
import { said } from "../i18n.js";
import { thumb } from "../pictures.js";
import { coloured, forCard, ways } from "./colours.js";
import { scatter } from "./scatter.js";
import { number, w } from "./words.js";

const REACH_PX = 14, STEP_PX = 3, CARD_PX = 128;

export function makeMap(element, hooks) {
  const { api, store } = hooks;
  const canvas = make("canvas", { class: "points" }), line = make("canvas", { class: "line" });
  const card = make("div", { class: "card", hidden: true });
  const field = make("div", { class: "plane", tabindex: "0" }, canvas, line, card);
  const side = make("aside", { class: "side" });
  fill(element, field, side);
  const points = scatter(canvas);
  if (!points) return fill(element, make("p", { class: "muted" }, w("no_webgl"))), { refresh() {} };
  const parts = controls();
  let places = null, chosen = [], colours = null, tool = "lasso", way = ways(store)[0]?.value ?? "split";
  const hidden = new Set();
  const loading = make("p", { class: "loading muted", role: "status" }, w("loading"));
  fill(side, parts.selects, parts.legend, parts.selection, parts.about);
  side.hidden = true; // nothing can be chosen yet
  field.append(loading);
  listen();

  function controls() {
    const method = make("select", { onchange: () => load(method.value) });
    const colour = make("select", { onchange: () => { way = colour.value; hidden.clear(); paint(); } });
    const tools = ["lasso", "move"].map(name => make("button", { type: "button", "data-tool": name, "aria-pressed": `${name === "lasso"}`, onclick: () => use(name) }));
    const whole = make("button", { type: "button", onclick: () => points.whole() });
    const selects = make("div", { class: "selects" }, make("label", {}, make("span"), method), make("label", {}, make("span"), colour), make("div", { class: "row" }, tools, whole));
    return { method, colour, tools, whole, selects, legend: make("ul", { class: "legend" }), selection: make("div", { class: "selection" }), about: make("p", { class: "muted small" }) };
  }

  /** The words, anew: the language may be another one. */
  function say() {
    const [first, second] = parts.selects.querySelectorAll("label > span");
    put(first, w("method"));
    put(second, w("colour"));
    for (const button of parts.tools) put(button, w(`tool_${button.dataset.tool}`));
    put(parts.whole, w("whole"));
    fill(parts.colour, ways(store).map(({ value, text }) => make("option", { value }, text)));
    parts.colour.value = way;
    field.setAttribute("aria-label", w("hint"));
    if (places) put(parts.about, [w("part", { count: places.photo.length, total: places.total }), w("from", { origin: said(places.from) }), w("hint")].join(" "));
  }

  async function load(method = "") {
    try {
      places = await api.get("map", { method });
    } catch (error) {
      return fill(element, make("div", { class: "empty" }, make("div", {}, make("h2", {}, w("no_map")), make("p", {}, error.message))));
    }
    fill(parts.method, places.methods.map(value => make("option", { value }, places.names[value])));
    parts.method.value = places.method;
    loading.remove();
    side.hidden = false;
    points.setPlaces(places.x, places.y);
    choose([]);
    say();
    await paint();
  }

  async function paint() {
    if (!places) return;
    const asked = way;
    colours = await coloured(way, places.photo, hooks);
    if (asked !== way) return;
    showColours();
    const values = colours.values;
    fill(parts.legend, values.map(({ text, colour, count }, code) => make("li", {},
      make("button", { type: "button", class: "value", "aria-pressed": `${!hidden.has(text)}`, title: w("hide"), onclick: () => toggle(text) },
        style(make("i"), { background: colour }), make("span", {}, text), make("span", { class: "muted" }, number(count))),
      make("button", { type: "button", class: "quiet small", title: w("select_value"), "aria-label": `${w("select_value")}: ${text}`, onclick: () => choose(withCode(code)) }, "⊕"))));
    showSelection();
  }

  const withCode = code => colours.codes.flatMap((one, i) => (one === code ? [i] : []));

  function showColours() {
    const { codes, palette } = forCard(colours, hidden);
    points.setColours(codes, palette);
  }

  function toggle(text) {
    if (!hidden.delete(text)) hidden.add(text);
    paint();
  }

  function choose(found) {
    chosen = found;
    const flags = new Uint8Array(points.x.length);
    for (const i of chosen) flags[i] = 1;
    points.setChosen(flags);
    showSelection();
  }

  /** What can be done with the photos that are selected. */
  function showSelection() {
    const photos = chosen.map(i => places.photo[i]), attribute = way.startsWith("label ") ? way.slice(6) : store.session.attributes[0]?.name;
    if (!photos.length) return fill(parts.selection, make("p", { class: "muted" }, w("nothing_selected")));
    const decide = action => { if (hooks.decide(action, { findings: [], photos, attribute, wholeGroup: false })) hooks.notice(w("decided", { count: photos.length }), { actions: [{ text: w("undo"), act: hooks.undo }] }); };
    fill(parts.selection,
      make("p", { role: "status" }, make("b", {}, w("selected", { count: photos.length }))),
      make("div", { class: "row" }, make("button", { type: "button", class: "main", onclick: () => hooks.showOnly(photos) }, w("open_grid")), make("button", { type: "button", onclick: () => choose([]) }, w("clear"))),
      make("p", { class: "small muted" }, `${w("set_to")} (${attribute})`),
      make("div", { class: "row" }, store.valuesOf(attribute).map((value, code) => make("button", { type: "button", class: "small", onclick: () => decide({ code }) }, value)),
        make("button", { type: "button", class: "small", onclick: () => decide("exclude") }, w("leave_out"))));
  }

  function use(name) {
    tool = name;
    field.classList.toggle("moving", name === "move");
    for (const button of parts.tools) button.setAttribute("aria-pressed", button.dataset.tool === name);
  }

  function listen() {
    let drag = null;
    const at = event => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
    field.addEventListener("wheel", event => { event.preventDefault(); points.zoomAt(...at(event), Math.exp(-event.deltaY / 400)); }, { passive: false });
    field.addEventListener("contextmenu", event => event.preventDefault());
    field.addEventListener("pointerdown", event => {
      if (event.target.closest(".card")) return;
      field.setPointerCapture(event.pointerId);
      drag = { moves: tool === "move" || event.button !== 0, line: [at(event)], last: at(event) };
      card.hidden = true;
    });
    field.addEventListener("pointermove", event => {
      const here = at(event);
      if (!drag) return requestAnimationFrame(() => hover(...here));
      if (drag.moves) points.move(here[0] - drag.last[0], here[1] - drag.last[1]);
      else if (Math.hypot(here[0] - drag.line.at(-1)[0], here[1] - drag.line.at(-1)[1]) >= STEP_PX) { drag.line.push(here); trace(drag.line); }
      drag.last = here;
    });
    field.addEventListener("pointerup", () => {
      if (drag && !drag.moves) {
        if (drag.line.length > 3) choose(points.inside(drag.line));
        else click(...drag.line[0]);
      }
      drag = null;
      trace([]);
    });
    field.addEventListener("pointercancel", () => { drag = null; trace([]); });
    field.addEventListener("pointerleave", () => { card.hidden = true; });
    field.addEventListener("keydown", event => { if (event.key === "Escape" && chosen.length) { event.stopPropagation(); choose([]); } });
    new ResizeObserver(() => { points.draw(); trace([]); }).observe(field);
  }

  function click(left, top) {
    const found = points.nearest(left, top, REACH_PX);
    if (found >= 0) hooks.peek(places.photo[found]);
    else choose([]);
  }

  /** The photo under the pointer, beside it. */
  function hover(left, top) {
    const found = places ? points.nearest(left, top, REACH_PX) : -1;
    card.hidden = found < 0;
    if (found < 0) return;
    const photo = places.photo[found], [x, y] = points.toScreen(found);
    if (card.dataset.photo !== `${photo}`) {
      card.dataset.photo = photo;
      fill(card, thumb(photo, CARD_PX, w("point")), store.session.attributes.map(({ name }) => make("span", {}, store.labelOf(photo, name) || w("unlabelled"))));
    }
    style(card, { left: `${x > field.clientWidth / 2 ? x - card.offsetWidth - 14 : x + 14}px`, top: `${Math.max(4, Math.min(y - 70, field.clientHeight - card.offsetHeight - 4))}px` });
  }

  function trace(path) {
    const ratio = window.devicePixelRatio || 1;
    line.width = field.clientWidth * ratio;
    line.height = field.clientHeight * ratio;
    if (path.length < 2) return;
    const pen = line.getContext("2d");
    pen.scale(ratio, ratio);
    pen.strokeStyle = getComputedStyle(field).getPropertyValue("--accent");
    pen.lineWidth = 2;
    pen.fillStyle = pen.strokeStyle;
    pen.beginPath();
    for (const [left, top] of path) pen.lineTo(left, top);
    pen.closePath();
    pen.stroke();
    pen.globalAlpha = 0.1;
    pen.fill();
  }

  load();
  return { refresh: () => { say(); paint(); }, points };
}
