// The map of photos: points on a canvas. Hovering, touching or the arrow keys show the photo. Asks no server for anything.
(() => {
  "use strict";
  const root = document.getElementById("photo-map");
  const data = JSON.parse(document.getElementById("photo-map-data").textContent);
  const $ = (name) => root.querySelector(`[data-part="${name}"]`);
  const canvas = $("canvas"), card = $("card"), sheet = $("sheet"), legend = $("legend"), said = $("said");
  const PALETTE = ["#3f7ac2", "#cf7f22", "#2b9481", "#9a70c0", "#c2608f", "#84892f", "#b5534b", "#4b8ca8", "#8a7355", "#6a78d1", "#5b9148", "#b0803a"];
  const GREY = "#98a0a9", REACH_PX = 28, MARGIN_PX = 16, SHOWN_PX = 132;
  const num = data.paths.length;
  let method = data.methods[0], colour = data.colours[0], hidden = new Set(), zoom = 1, centre = [0.5, 0.5], chosen = -1, drag = null;

  const size = () => [canvas.clientWidth, canvas.clientHeight];
  const span = (values) => Math.max(...values) - Math.min(...values) || 1;
  const unit = () => {
    const [width, height] = size();
    return Math.min((width - 2 * MARGIN_PX) / span(method.x), (height - 2 * MARGIN_PX) / span(method.y)) * zoom;
  };
  const places = () => {
    const [width, height] = size(), one = unit();
    return (i) => [width / 2 + (method.x[i] - centre[0]) * one, height / 2 - (method.y[i] - centre[1]) * one];
  };
  const shown = (i) => !hidden.has(colour.codes[i]);
  const tint = (code) => (code < 0 || (colour.others && code === colour.values.length - 1) ? GREY : PALETTE[code % PALETTE.length]);

  function draw() {
    const ratio = window.devicePixelRatio || 1, [width, height] = size();
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const radius = Math.max(2.2, Math.min(5, 90 / Math.sqrt(num))) * Math.sqrt(zoom) * Math.max(1, Math.min(width, height) / 700);
    const place = places();
    const order = [...Array(num).keys()].filter(shown).sort((a, b) => (colour.codes[a] < 0 ? 0 : 1) - (colour.codes[b] < 0 ? 0 : 1));
    for (const i of order) {
      const [x, y] = place(i);
      pen.globalAlpha = colour.codes[i] < 0 ? 0.35 : 0.8;
      pen.fillStyle = tint(colour.codes[i]);
      pen.beginPath();
      pen.arc(x, y, radius, 0, 7);
      pen.fill();
    }
    if (chosen >= 0) {
      const [x, y] = place(chosen);
      pen.globalAlpha = 1;
      pen.lineWidth = 2.5;
      pen.strokeStyle = getComputedStyle(root).getPropertyValue("--ink");
      pen.beginPath();
      pen.arc(x, y, radius + 3, 0, 7);
      pen.stroke();
    }
  }

  function fit() {
    const wanted = canvas.clientWidth * span(method.y) / span(method.x) + 2 * MARGIN_PX;
    canvas.style.height = `${Math.round(Math.max(280, Math.min(wanted, 0.82 * window.innerHeight)))}px`;
    draw();
  }

  function facts(i) {
    return data.colours.filter((one) => one.codes[i] >= 0).map((one) => [one.name, one.values[one.codes[i]]]);
  }

  function choose(i) {
    if (i === chosen) return;
    chosen = i;
    card.hidden = i < 0;
    if (i >= 0) {
      const pen = $("photo").getContext("2d"), tile = data.tile;
      pen.imageSmoothingQuality = "high";
      pen.drawImage(sheet, (i % data.columns) * tile, Math.floor(i / data.columns) * tile, tile, tile, 0, 0, $("photo").width, $("photo").height);
      $("facts").replaceChildren(...facts(i).flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
      $("path").textContent = data.paths[i];
      const [x, y] = places()(i), [width, height] = size();
      card.style.left = `${Math.max(0, Math.min(x > width / 2 ? x - card.offsetWidth - 14 : x + 14, width - card.offsetWidth))}px`;
      card.style.top = `${Math.max(0, Math.min(y - card.offsetHeight / 2, height - card.offsetHeight))}px`;
    }
    draw();
  }

  function element(tag, text) {
    const one = document.createElement(tag);
    one.textContent = text;
    return one;
  }

  function nearest(x, y, accept) {
    const place = places();
    let best = -1, least = Infinity;
    for (let i = 0; i < num; i++) {
      if (!shown(i)) continue;
      const [px, py] = place(i), cost = accept(px - x, py - y, i);
      if (cost < least) [best, least] = [i, cost];
    }
    return best;
  }

  function say() {
    said.textContent = chosen < 0 ? "" : `${data.paths[chosen]}: ${facts(chosen).map((pair) => pair.join(" ")).join(", ")}`;
  }

  function list() {
    const counts = new Map();
    colour.codes.forEach((code) => counts.set(code, (counts.get(code) || 0) + 1));
    const codes = [...colour.values.keys(), -1].filter((code) => counts.has(code));
    legend.replaceChildren(...codes.map((code) => {
      const button = document.createElement("button"), dot = document.createElement("i");
      button.type = "button";
      button.setAttribute("aria-pressed", String(!hidden.has(code)));
      dot.style.background = tint(code);
      button.append(dot, element("span", code < 0 ? "not known" : colour.values[code]), element("small", counts.get(code).toLocaleString("en")));
      button.addEventListener("click", () => {
        hidden.has(code) ? hidden.delete(code) : hidden.add(code);
        button.setAttribute("aria-pressed", String(!hidden.has(code)));
        choose(-1);
        draw();
      });
      return button;
    }));
  }

  function scale(factor) {
    zoom = Math.max(1, Math.min(12, zoom * factor));
    if (zoom === 1) centre = [0.5, 0.5];
    canvas.classList.toggle("zoomed", zoom > 1);
    choose(-1);
    draw();
  }

  function fill(select, options, use) {
    options.forEach((one, i) => select.append(new Option(one.name, String(i))));
    select.addEventListener("change", () => { use(options[Number(select.value)]); choose(-1); list(); fit(); });
    select.closest("label").hidden = options.length < 2;
  }

  fill($("method"), data.methods, (one) => { method = one; });
  fill($("colour"), data.colours, (one) => { colour = one; hidden = new Set(); });
  $("in").addEventListener("click", () => scale(1.6));
  $("out").addEventListener("click", () => scale(1 / 1.6));
  $("whole").addEventListener("click", () => scale(0));

  const at = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = at(event);
    if (drag && zoom > 1) {
      centre = [centre[0] - (x - drag[0]) / unit(), centre[1] + (y - drag[1]) / unit()];
      drag = [x, y];
      choose(-1);
      draw();
      return;
    }
    choose(nearest(x, y, (dx, dy) => (Math.hypot(dx, dy) <= REACH_PX ? Math.hypot(dx, dy) : Infinity)));
  });
  canvas.addEventListener("pointerdown", (event) => {
    drag = at(event);
    choose(nearest(...drag, (dx, dy) => (Math.hypot(dx, dy) <= REACH_PX ? Math.hypot(dx, dy) : Infinity)));
  });
  window.addEventListener("pointerup", () => { drag = null; });
  canvas.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") choose(-1); });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Escape") { choose(-1); say(); return; }
    if (event.key === "+" || event.key === "-") { scale(event.key === "+" ? 1.6 : 1 / 1.6); return; }
    if (!step) return;
    event.preventDefault();
    const [width, height] = size(), [x, y] = chosen < 0 ? [width / 2, height / 2] : places()(chosen);
    const towards = (dx, dy, i) => {
      const along = dx * step[0] + dy * step[1], across = Math.abs(dx * step[1]) + Math.abs(dy * step[0]);
      return i !== chosen && along > 0.5 && across <= 2 * along ? along + 2 * across : Infinity;
    };
    const next = chosen < 0 ? nearest(x, y, Math.hypot) : nearest(x, y, towards);
    if (next >= 0) choose(next);
    say();
  });

  $("photo").width = $("photo").height = Math.round(SHOWN_PX * Math.min(window.devicePixelRatio || 1, 2));
  root.classList.add("ready");
  list();
  new ResizeObserver(fit).observe(root);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
