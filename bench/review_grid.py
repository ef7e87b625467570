"""The grid of the review page, swept over: frames per second, how long photos in sight are blank, what it holds in memory.

    python bench/review_grid.py [--photos 100000 --seconds 10]

Small drawn photos, the server as `photobench review` starts it, headless Chromium without a graphics card. Three ways to move: as a wheel
does, as somebody who drags the bar, and in jumps to places drawn by lot. A photo is blank from the frame in which its cell comes into sight until its picture
is loaded, or the cell has left. Needs Debian's chromium.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import machine
import numpy as np
import pandas as pd
from PIL import Image
from review_server import chromium, review_server

VALUES = ("left", "right", "top")
SIDE_PX, NUM_DRAWN, PER_FOLDER = 96, 500, 1000
WAYS = {"wheel, 2,000 px/s": (2_000, 0), "bar, 40,000 px/s": (40_000, 0), "a jump every 0.4 s": (0, 0.4)}

SWEEP = """async ([px_per_s, jump_s, seconds]) => {
  const box = document.querySelector("#cells"), blankSince = new Map(), frames = [], ends = [];
  let shown = 0, blank = 0, most = 0, jumped = performance.now(), way = 1;
  const end = (image, now) => { ends.push(now - blankSince.get(image)); blankSince.delete(image); };
  const look = now => {
    const { top, bottom } = box.getBoundingClientRect(), inSight = new Set();
    const cells = box.querySelectorAll(".cell");
    most = Math.max(most, cells.length);
    for (const cell of cells) {
      const place = cell.getBoundingClientRect(), image = cell.querySelector("img");
      if (place.bottom < top || place.top > bottom) continue;
      inSight.add(image);
      shown++;
      const isBlank = !image.complete || !image.naturalWidth;
      if (isBlank) blank++;
      if (isBlank && !blankSince.has(image)) blankSince.set(image, now);
      if (!isBlank && blankSince.has(image)) end(image, now);
    }
    for (const image of [...blankSince.keys()]) if (!inSight.has(image)) end(image, now);
  };
  const started = performance.now();
  let last = started;
  while (last - started < 1000 * seconds) {
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    const far = box.scrollHeight - box.clientHeight;
    if (px_per_s) {
      if (box.scrollTop >= far) way = -1;
      if (box.scrollTop <= 0) way = 1;
      box.scrollTop += way * px_per_s * (now - last) / 1000;
    } else if (now - jumped > 1000 * jump_s) {
      jumped = now;
      box.scrollTop = Math.random() * far;
    }
    last = now;
    look(now);
  }
  for (const image of [...blankSince.keys()]) end(image, last);
  return { frames, ends, blank: blank / shown, most };
}"""


def make_workspace(root: Path, num_photos: int) -> Path:
    rng = np.random.default_rng(0)
    small = rng.integers(0, 255, (NUM_DRAWN, 6, 6, 3), dtype=np.uint8)
    drawn = [Image.fromarray(one).resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC) for one in small]
    names = [f"{number // PER_FOLDER:03}/{number:06}.jpg" for number in range(num_photos)]
    for number, name in enumerate(names):
        path = root / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        photo = drawn[number % NUM_DRAWN].copy()
        photo.paste(tuple(rng.integers(0, 255, 3).tolist()), (30, 30, 60, 60))
        photo.save(path, quality=80)
    pd.DataFrame({"path": names, "label": rng.choice(VALUES, num_photos)}).to_csv(root / "labels.csv", index=False)
    workspace = root / "workspace"
    workspace.mkdir()
    source = f'[source]\nkind = "table"\nphotos = "{root / "photos"}"\ntable = "{root / "labels.csv"}"\n'
    attribute = f'\n[[attributes]]\nname = "label"\nvalues = {list(VALUES)}\n'
    (workspace / "photobench.toml").write_text(f"{source}{attribute}\n[pack]\nside_px = {SIDE_PX}\n")
    return workspace


def measure(page: Any, url: str, seconds: float) -> None:
    """Prints a row for each way to move, then what the page holds."""
    counts = {"request": 0, "requestfinished": 0, "requestfailed": 0}

    def count(event: str) -> None:
        counts[event] += 1

    for event in counts:
        page.on(event, lambda _, event=event: count(event))
    page.goto(f"{url}#view=grid&of=photos")
    page.wait_for_selector("#cell-0")
    print(
        "\n| way | frames/s | slowest frame, ms | in sight and blank | longest blank, ms | 95 % | cells |\n|---|---|---|---|---|---|---|"
    )
    for name, (px_per_s, jump_s) in WAYS.items():
        found = page.evaluate(SWEEP, [px_per_s, jump_s, seconds])
        frames, ends = np.array(found["frames"]), np.array(found["ends"] or [0.0])
        cells = f"{1000 / frames.mean():.1f} | {frames.max():.0f} | {found['blank']:.1%} | {ends.max():.0f} | {np.percentile(ends, 95):.0f}"
        print(f"| {name} | {cells} | {found['most']} |", flush=True)
    page.wait_for_timeout(1000)
    memory = page.evaluate("() => [performance.memory.usedJSHeapSize, document.querySelectorAll('*').length]")
    print(f"\nafterwards: {memory[0] / 1e6:.0f} MB of JavaScript, {memory[1]:,} elements in the page")
    print(
        f"requests: {counts['request']:,} begun, {counts['requestfinished']:,} answered, {counts['requestfailed']:,} called off"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=10, help="of each way to move")
    asked = parser.parse_args()
    machine.print_facts()
    with (
        tempfile.TemporaryDirectory() as root,
        chromium("--enable-precise-memory-info") as browser,
        review_server(make_workspace(Path(root), asked.photos)) as url,
    ):
        measure(browser.new_page(viewport={"width": 1280, "height": 800}), url, asked.seconds)


if __name__ == "__main__":
    main()
