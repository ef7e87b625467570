"""Frames per second of the map of the review page while it is moved, and the time of a lasso, in a browser; a 2-D canvas that draws the same points beside it.

    python bench/review_map.py --points 100000 [--browser /usr/bin/chromium] [--visible]

A machine without a graphics card draws WebGL on its processor (SwiftShader): the figures are then a floor. Where all points are drawn, every frame is waited
for (a pixel is read); while the map is moved, frames are those of the browser, after two seconds in which it finds out how many points it can draw.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from machine import print_facts
from playwright.sync_api import Route, sync_playwright

import photobench

STATIC = Path(photobench.__file__).parent / "web" / "static"
TYPES = {".js": "text/javascript", ".css": "text/css"}

MEASURE = """
async ({ points, seconds, width, height }) => {
  const { scatter } = await import("/static/explore/scatter.js");
  const canvas = () => {
    const made = document.createElement("canvas");
    document.body.replaceChildren(made);
    for (const [name, value] of [["width", width], ["height", height]]) made.style.setProperty(name, `${value}px`);
    return made;
  };
  const x = Array.from({ length: points }, Math.random), y = Array.from({ length: points }, Math.random);
  const codes = Uint8Array.from({ length: points }, (_, i) => i % 3);
  const palette = [[0.25, 0.5, 0.8, 0.8], [0.8, 0.5, 0.1, 0.8], [0.2, 0.6, 0.5, 0.8]];
  const frames = async (draw, lasts = seconds) => {
    const started = performance.now();
    let number = 0;
    while (performance.now() - started < 1000 * lasts) { await draw(number++); await new Promise(done => setTimeout(done)); }
    return number / ((performance.now() - started) / 1000);
  };
  const first = canvas(), map = scatter(first), gl = first.getContext("webgl"), pixel = new Uint8Array(4);
  map.setPlaces(x, y);
  map.setColours(codes, palette);
  const webgl = await frames(() => { map.drawNow(); gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel); });
  let shares = [];
  const move = number => { map.move(number % 2 ? 3 : -3, 0); shares.push(map.pace.share); return new Promise(requestAnimationFrame); };
  await frames(move, 2); // until it has found its pace
  shares = [];
  const moved = await frames(move), share = shares.reduce((sum, one) => sum + one, 0) / shares.length;
  const line = Array.from({ length: 300 }, (_, i) => [width / 2 + height * 0.4 * Math.cos(i / 48), height / 2 + height * 0.4 * Math.sin(i / 48)]);
  const started = performance.now(), inside = map.inside(line).length, lasso_ms = performance.now() - started;
  const second = canvas();
  [second.width, second.height] = [width, height];
  const pen = second.getContext("2d");
  const plain = await frames(number => {
    pen.clearRect(0, 0, width, height);
    for (let code = 0; code < 3; code++) {
      pen.fillStyle = `rgb(${palette[code].slice(0, 3).map(part => 255 * part).join()})`;
      for (let i = code; i < points; i += 3) pen.fillRect(x[i] * height + number, y[i] * height, 2, 2);
    }
    pen.getImageData(0, 0, 1, 1);
  });
  const about = gl.getExtension("WEBGL_debug_renderer_info");
  return { webgl, moved, share, plain, lasso_ms, inside, card: gl.getParameter(about ? about.UNMASKED_RENDERER_WEBGL : gl.RENDERER) };
}
"""


def answer(route: Route) -> None:
    """The page's own files, without a server."""
    path = route.request.url.partition("/static/")[2]
    if not path:
        return route.fulfill(body="<!doctype html><title>map</title><body></body>", content_type="text/html")
    file = STATIC / path
    return route.fulfill(body=file.read_bytes(), content_type=TYPES.get(file.suffix, "text/plain"))


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
        browser = playwright.chromium.launch(executable_path=asked.browser, headless=not asked.visible, args=flags)
        page = browser.new_page()
        page.route("**/*", answer)
        page.goto("http://photobench.invalid/")
        found = page.evaluate(MEASURE, {"points": asked.points, "seconds": asked.seconds, "width": 1000, "height": 700})
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    parser.add_argument("--visible", action="store_true", help="with a window, and the graphics card of the screen")
    asked = parser.parse_args()
    print_facts()
    found = measure(asked)
    print(f"\ndrawn by {found['card']}; {asked.points:,} points, 1000 × 700 px")
    print("| | |\n|---|---|")
    print(f"| the map while it is moved, frames/s ({found['share']:.0%} of its points drawn) | {found['moved']:.1f} |")
    print(f"| all its points drawn (WebGL), frames/s | {found['webgl']:.1f} |")
    print(f"| all points on a 2-D canvas, frames/s | {found['plain']:.1f} |")
    print(f"| a lasso around {found['inside']:,} points, ms | {found['lasso_ms']:.0f} |")


if __name__ == "__main__":
    main()
