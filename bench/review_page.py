"""From the press of a key to the next photo painted, in a real browser, with many findings; and how soon the page is there.

    python bench/review_page.py [--findings 100000 --photos 7200 --presses 200 --pause-s 0.25]

Drawn photos of about a megapixel with fourteen labels each, a findings file as an audit leaves it, the server as `photobench review` starts it, and headless
Chromium without a graphics card. A key press counts from the browser's time stamp of it to the first task after the frame in which the
next photo, whole and decoded, is in the page. Every press decides, so each also writes to the database while the next photo is shown.
Needs Debian's chromium.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import machine
import numpy as np
import pandas as pd
from PIL import Image
from review_server import chromium, review_server

from photobench.records import Checked, Finding

VALUES = ("worn", "none")
NUM_ATTRIBUTES, NUM_DRAWN = 14, 40
SIZE = (864, 1152)

WATCH = """() => {
  const found = window.found = [];
  let pressed = null;
  addEventListener('keydown', event => { pressed = event.timeStamp; }, true);
  new MutationObserver(() => {
    const canvas = document.querySelector('#picture canvas');
    if (pressed === null || !canvas || Math.max(canvas.width, canvas.height) <= 512) return;
    const from = pressed;
    pressed = null;
    const after = new MessageChannel();
    after.port1.onmessage = () => found.push(performance.now() - from);
    requestAnimationFrame(() => after.port2.postMessage(0));
  }).observe(document.querySelector('#picture'), { childList: true });
}"""
FIRST = """() => new Promise(done => {
  const look = () => {
    if (!document.querySelector('#picture canvas')) return requestAnimationFrame(look);
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    requestAnimationFrame(() => done([paint.startTime, performance.now()]));
  };
  look();
})"""


def draw_photos(folder: Path, num: int) -> list[str]:
    """`num` JPEGs of soft shapes, each with a patch of its own: the same pixels would be one group."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    small = [rng.integers(0, 255, (SIZE[1] // 32, SIZE[0] // 32, 3), dtype=np.uint8) for _ in range(NUM_DRAWN)]
    drawn = [Image.fromarray(pixels).resize(SIZE, Image.Resampling.BICUBIC) for pixels in small]
    names = [f"photo{number:05d}.jpg" for number in range(num)]
    for number, name in enumerate(names):
        photo = drawn[number % NUM_DRAWN].copy()
        photo.paste(Image.fromarray(rng.integers(0, 255, (6, 6, 3), dtype=np.uint8)).resize((300, 300)), (280, 400))
        photo.save(folder / name, quality=85)
    return names


def make_workspace(root: Path, num_photos: int, num_findings: int) -> Path:
    names, rng = draw_photos(root / "photos", num_photos), np.random.default_rng(1)
    attributes = [f"label{n:02d}" for n in range(NUM_ATTRIBUTES)]
    people = [n // 7 for n in range(num_photos)]
    table = pd.DataFrame(
        {"path": names, "person": people, "split": ["train" if one % 5 else "valid" for one in people]}
    )
    for name in attributes:
        table[name] = rng.choice(VALUES, num_photos)
    table.to_csv(root / "labels.csv", index=False)
    workspace = root / "workspace"
    (workspace / "findings").mkdir(parents=True)
    listed = "".join(f'\n[[attributes]]\nname = "{name}"\nvalues = {list(VALUES)}\n' for name in attributes)
    source = f'[source]\nkind = "table"\nphotos = "{root / "photos"}"\ntable = "{root / "labels.csv"}"\ngroup_column = "person"\nsplit_column = "split"\n'
    (workspace / "photobench.toml").write_text(f"{source}{listed}\n[pack]\nside_px = 256\n")
    topics = rng.permutation(num_photos * NUM_ATTRIBUTES)[:num_findings]
    scores = np.sort(rng.uniform(0.3, 1, len(topics)))[::-1].round(4)
    findings = [
        _finding(table, attributes, *divmod(int(topic), NUM_ATTRIBUTES), float(score))
        for topic, score in zip(topics, scores, strict=True)
    ]
    (workspace / "findings" / "labels.parquet").write_bytes(Checked("labels", tuple(findings)).to_bytes())
    return workspace


def _finding(table: pd.DataFrame, attributes: list[str], row: int, column: int, score: float) -> Finding:
    given = table[attributes[column]].iloc[row]
    suggested = VALUES[(VALUES.index(given) + 1) % len(VALUES)]
    words = f"Four of its five nearest photos are {suggested}, and the model (which did not learn it) says {suggested} with 93 %."
    return Finding(
        "labels", "wrong label", table["path"].iloc[row], attributes[column], score, given, suggested, "relabel", words
    )


def measure(page: Any, url: str, presses: int, pause_s: float) -> dict[str, list[float]]:
    """Milliseconds: of the first paint, of the first photo, and of every key press."""
    page.goto(url)
    first_paint, first_photo = page.evaluate(FIRST)
    page.wait_for_selector("body[data-ready]")
    time.sleep(2)  # the next photos come meanwhile, as while a person looks at the first
    page.evaluate(WATCH)
    for number in range(presses):
        page.keyboard.press(("Enter", " ", "2", "x")[number % 4])
        time.sleep(pause_s)
    page.wait_for_function("() => document.querySelector('#outage').hidden")
    time.sleep(1)
    return {
        "first paint": [first_paint],
        "first photo": [first_photo],
        "key press to the next photo": page.evaluate("() => window.found"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--photos", type=int, default=7_200)
    parser.add_argument("--presses", type=int, default=200)
    parser.add_argument("--pause-s", type=float, default=0.25, help="between two presses")
    options = parser.parse_args()
    machine.print_facts()
    with (
        tempfile.TemporaryDirectory() as root,
        chromium() as browser,
        review_server(make_workspace(Path(root), options.photos, options.findings)) as url,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        times = measure(page, url, options.presses, options.pause_s)
    print(f"\n{options.findings:,} findings on {options.photos:,} photos, a key every {options.pause_s:g} s; ms")
    print(f"{'':<29}  {'median':>7}  {'p95':>7}  {'worst':>7}  {'of':>4}")
    for name, values in times.items():
        print(
            f"{name:<29}  {np.median(values):7.0f}  {np.percentile(values, 95):7.0f}  {max(values):7.0f}  {len(values):4}"
        )


if __name__ == "__main__":
    main()
