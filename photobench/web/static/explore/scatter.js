// 100,000 points and more, drawn by the graphics card. What it draws is decided elsewhere: places, a colour per point, which are chosen.
import { pace } from "./pace.js";

const VERTEX = `
attribute vec2 place; attribute vec4 colour;
uniform vec2 scale; uniform vec2 shift; uniform float size;
varying vec4 seen;
void main() {
  seen = colour;
  gl_Position = vec4(place * scale + shift, 0.0, 1.0);
  gl_PointSize = size;
}`;
const FRAGMENT = `
precision mediump float; varying vec4 seen; uniform float round;
void main() {
  vec2 far = gl_PointCoord - 0.5;
  gl_FragColor = seen * (1.0 - round * step(0.25, dot(far, far)));
}`;

export const HIDDEN = 100; // the code of a point that is not drawn
const MARGIN_PX = 20, REST_MS = 150;

/** Points on a canvas; null where the browser has no WebGL. */
export function scatter(canvas) {
  const gl = canvas.getContext("webgl", { antialias: false, premultipliedAlpha: true });
  if (!gl) return null;
  const program = link(gl);
  const buffers = { place: gl.createBuffer(), colour: gl.createBuffer() };
  const places = {}; // where each uniform is
  for (const name of ["scale", "shift", "size", "round"]) places[name] = gl.getUniformLocation(program, name);
  const self = { x: new Float32Array(0), y: new Float32Array(0), codes: new Uint8Array(0), zoom: 1, centre: [0.5, 0.5], waits: false };
  let palette = [], chosen = new Uint8Array(0), mixed = new Uint32Array(0), number = 0, numFaint = 0;
  let resting = 0;
  self.pace = pace();

  self.setPlaces = (x, y) => {
    [self.x, self.y] = [Float32Array.from(x), Float32Array.from(y)];
    self.codes = new Uint8Array(x.length).fill(HIDDEN);
    chosen = new Uint8Array(x.length);
    const lot = Uint32Array.from(x, (_, i) => Math.imul(i + 1, 2654435761) >>> 0);
    mixed = Uint32Array.from(x, (_, i) => i).sort((a, b) => lot[a] - lot[b]);
  };
  /** `codes`: a place in `colours` ([r, g, b, a] each, within 0 and 1) per point, or HIDDEN. */
  self.setColours = (codes, colours) => {
    [self.codes, palette] = [codes, colours];
    upload();
  };
  /** 1 where a point is chosen: the others become faint, and it lies above them. */
  self.setChosen = flags => {
    chosen = flags;
    upload();
  };

  /** What is drawn, by lot, the chosen ones last: the first of them are a fair sample of all, and hidden points are not even sent to the card. */
  function upload() {
    const isAny = chosen.some(flag => flag);
    const shown = [];
    for (const i of mixed) if (self.codes[i] !== HIDDEN && !chosen[i]) shown.push(i);
    numFaint = shown.length;
    for (const i of mixed) if (self.codes[i] !== HIDDEN && chosen[i]) shown.push(i);
    number = shown.length;
    const where = new Float32Array(2 * number), colour = new Uint8Array(4 * number);
    shown.forEach((i, n) => {
      where[2 * n] = self.x[i];
      where[2 * n + 1] = self.y[i];
      const [red, green, blue, alpha] = palette[self.codes[i]];
      const strength = 255 * (isAny ? (chosen[i] ? 1 : 0.2 * alpha) : alpha);
      colour.set([red * strength, green * strength, blue * strength, strength], 4 * n);
    });
    fill(gl, buffers.place, where);
    fill(gl, buffers.colour, colour);
    self.draw();
  }

  /** Pixels of the page per unit of the places. */
  self.unit = () => (Math.min(canvas.clientWidth, canvas.clientHeight) - 2 * MARGIN_PX) * self.zoom;
  self.toScreen = i => [canvas.clientWidth / 2 + (self.x[i] - self.centre[0]) * self.unit(), canvas.clientHeight / 2 - (self.y[i] - self.centre[1]) * self.unit()];
  self.toPlace = (left, top) => [self.centre[0] + (left - canvas.clientWidth / 2) / self.unit(), self.centre[1] - (top - canvas.clientHeight / 2) / self.unit()];
  self.move = (dx, dy) => { self.centre = [self.centre[0] - dx / self.unit(), self.centre[1] + dy / self.unit()]; self.draw(true); };
  /** What is under (left, top) stays there. */
  self.zoomAt = (left, top, factor) => {
    const before = self.toPlace(left, top);
    self.zoom = Math.min(200, Math.max(0.5, self.zoom * factor));
    const after = self.toPlace(left, top);
    self.centre = [self.centre[0] + before[0] - after[0], self.centre[1] + before[1] - after[1]];
    self.draw(true);
  };
  self.whole = () => { self.zoom = 1; self.centre = [0.5, 0.5]; self.draw(); };

  /** The nearest point that is drawn, within `reach` pixels; −1 where there is none. */
  self.nearest = (left, top, reach) => {
    const [x, y] = self.toPlace(left, top);
    let best = -1, least = (reach / self.unit()) ** 2;
    for (let i = 0; i < self.x.length; i++) {
      if (self.codes[i] === HIDDEN) continue;
      const far = (self.x[i] - x) ** 2 + (self.y[i] - y) ** 2;
      if (far < least) { least = far; best = i; }
    }
    return best;
  };
  /** Points that are drawn inside a line around them, given as pixels [[left, top], …]. */
  self.inside = line => {
    const corners = line.map(([left, top]) => self.toPlace(left, top));
    const xs = corners.map(one => one[0]), ys = corners.map(one => one[1]);
    const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const found = [];
    for (let i = 0; i < self.x.length; i++) {
      const x = self.x[i], y = self.y[i];
      if (self.codes[i] !== HIDDEN && x >= left && x <= right && y >= low && y <= high && isWithin(x, y, xs, ys)) found.push(i);
    }
    return found;
  };

  /** At the browser's next frame, however often it is asked for. While points move, as many as keep up with the pointer; all of them at rest. */
  self.draw = (moves = false) => {
    clearTimeout(resting);
    if (moves) resting = setTimeout(() => self.draw(), REST_MS);
    if (self.waits) return;
    self.waits = true;
    requestAnimationFrame(now => {
      self.waits = false;
      self.drawNow(moves ? self.pace.share : 1);
      if (moves) requestAnimationFrame(then => self.pace.took(then - now)); // until the browser can draw again, not until the hand moves again
    });
  };

  self.drawNow = (share = 1) => {
    const ratio = Math.min(window.devicePixelRatio || 1, 2), wide = Math.round(canvas.clientWidth * ratio), high = Math.round(canvas.clientHeight * ratio);
    if (!wide || !high) return;
    if (canvas.width !== wide || canvas.height !== high) { canvas.width = wide; canvas.height = high; }
    gl.viewport(0, 0, wide, high);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!number) return;
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    for (const [name, width, kind] of [["place", 2, gl.FLOAT], ["colour", 4, gl.UNSIGNED_BYTE]]) {
      const at = gl.getAttribLocation(program, name);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers[name]);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, width, kind, kind === gl.UNSIGNED_BYTE, 0, 0);
    }
    const scale = [2 * self.unit() / canvas.clientWidth, 2 * self.unit() / canvas.clientHeight];
    gl.uniform2f(places.scale, ...scale);
    gl.uniform2f(places.shift, -self.centre[0] * scale[0], -self.centre[1] * scale[1]);
    const size_px = ratio * Math.max(2, Math.min(9, 170 / Math.sqrt(number)) * Math.min(2, Math.sqrt(self.zoom)));
    gl.uniform1f(places.size, size_px);
    gl.uniform1f(places.round, size_px > 3 ? 1 : 0); // of the smallest nobody sees the corners
    gl.drawArrays(gl.POINTS, 0, Math.ceil(share * numFaint));
    if (number > numFaint) gl.drawArrays(gl.POINTS, numFaint, number - numFaint);
  };
  return self;
}

function link(gl) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return program;
}

function fill(gl, buffer, values) {
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
}

/** Whether a line from the point to the right crosses the outline an odd number of times. */
function isWithin(x, y, xs, ys) {
  let is = false;
  for (let i = 0, j = xs.length - 1; i < xs.length; j = i++)
    if (ys[i] > y !== ys[j] > y && x < ((xs[j] - xs[i]) * (y - ys[i])) / (ys[j] - ys[i]) + xs[i]) is = !is;
  return is;
}
