"""From the press of a key to the next photo on the screen, in a real browser, with many findings; and how soon the page is there.

    python bench/review_page.py [--findings 100000 --photos 7200 --presses 200 --pause-s 0.25] [--slower 4] [--beside CHECKOUT ...]

Drawn photos of about a megapixel with fourteen labels each, a findings file as an audit leaves it, the server as `photobench review` starts it, and headless
Chromium without a graphics card. Every press decides, so each also writes to the database while the next photo is shown. A press counts from the browser's
time stamp of it

- to the screen: until the frame with the next photo is shown, by Chromium's own account (`EventLatency` of its trace);
- until the page is free: to the first task after that frame, so with what the page does right after it, as fetching what comes next.

`--beside` names other checkouts of this repository (`git worktree add`). Their pages are pressed in turns with this one's, so that a busy machine is as busy
for each. `--slower` makes the page's own thread so many times slower (Chromium's CPU throttling), as on a weak machine. Needs Debian's chromium.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
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
HERE = Path(__file__).resolve().parent.parent
TURNS = 6
TO_SCREEN, UNTIL_FREE = "key press to the screen", "key press until it is free"

WATCH = """() => {
  const found = window.found = { free: [], late: 0 };
  const handled = new MessageChannel(), free = new MessageChannel();
  let pressed = null, isHandling = false, from;
  handled.port1.onmessage = () => { isHandling = false; };
  free.port1.onmessage = () => found.free.push(performance.now() - from);
  addEventListener('keydown', event => { pressed = event.timeStamp; isHandling = true; handled.port2.postMessage(0); }, true);
  new MutationObserver(() => {
    const photo = document.querySelector('#picture > *');
    if (pressed === null || !photo || Math.max(photo.naturalWidth ?? photo.width, photo.naturalHeight ?? photo.height) <= 512) return;
    [from, pressed] = [pressed, null];
    if (!isHandling) found.late++;
    requestAnimationFrame(() => free.port2.postMessage(0));
  }).observe(document.querySelector('#picture'), { childList: true });
}"""
FIRST = """() => new Promise(done => {
  const look = () => {
    if (!document.querySelector('#picture > *')) return requestAnimationFrame(look);
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


def opened(browser: Any, url: str, slower: float) -> tuple[Any, dict[str, list[float]]]:
    """A page with its first photo, watched from now on, and when that and the first paint were there, in milliseconds."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(url)
    first_paint, first_photo = page.evaluate(FIRST)
    page.wait_for_selector("body[data-ready]")
    time.sleep(2)  # the next photos come meanwhile, as while a person looks at the first
    page.evaluate(WATCH)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    return page, {"first paint": [first_paint], "first photo": [first_photo]}


def press(browser: Any, page: Any, presses: int, pause_s: float) -> dict[str, list[float]]:
    """Milliseconds of every key press."""
    page.bring_to_front()
    time.sleep(0.5)
    before = page.evaluate("() => window.found.free.length")
    browser.start_tracing(page=page, categories=["input"])
    for number in range(presses):
        page.keyboard.press(("Enter", " ", "2", "x")[number % 4])
        time.sleep(pause_s)
    shown = shown_after(json.loads(browser.stop_tracing()))
    page.wait_for_function("() => document.querySelector('#outage').hidden")
    return {TO_SCREEN: shown, UNTIL_FREE: page.evaluate("from => window.found.free.slice(from)", before)}


def shown_after(trace: dict[str, Any]) -> list[float]:
    """Milliseconds from each key press of a trace to the frame that shows what it did."""
    begun: dict[tuple[int, str], float] = {}
    found = []
    events = [event for event in trace["traceEvents"] if event["name"] == "EventLatency"]
    for event in sorted(events, key=lambda event: event["ts"]):
        place = event["pid"], str(event.get("id2", event.get("id")))
        kind = event.get("args", {}).get("event_latency", {}).get("event_type")
        if event["ph"] == "b" and kind == "KEY_PRESSED":
            begun[place] = event["ts"]
        elif event["ph"] == "e" and place in begun:
            found.append((event["ts"] - begun.pop(place)) / 1e3)
    return found


def in_turns(browser: Any, pages: dict[str, Any], presses: int, pause_s: float) -> dict[str, dict[str, list[float]]]:
    """Presses of every page, a few at a time; of one page alone all at once."""
    turns = TURNS if len(pages) > 1 else 1
    found: dict[str, dict[str, list[float]]] = {name: {TO_SCREEN: [], UNTIL_FREE: []} for name in pages}
    for turn in range(turns):
        for name in list(pages)[:: 1 if turn % 2 else -1]:
            for what, values in press(browser, pages[name], -(-presses // turns), pause_s).items():
                found[name][what] += values
    return found


def copied(workspace: Path, number: int) -> Path:
    """For a server of its own: what it decides is its own, the packed photos are shared."""

    def copy(source: str, target: str) -> None:
        (os.link if "/packs/" in source else shutil.copy2)(source, target)

    return Path(shutil.copytree(workspace, workspace.with_name(f"workspace-{number}"), copy_function=copy))


def print_table(found: dict[str, dict[str, list[float]]], late: dict[str, int]) -> None:
    width = max(map(len, found))
    print(f"{'':<{width}}  {'':<26}  {'median':>7}  {'p95':>7}  {'worst':>7}  {'of':>4}")
    for name, times in found.items():
        for what, values in times.items():
            row = f"{np.median(values):7.0f}  {np.percentile(values, 95):7.0f}  {max(values):7.0f}  {len(values):4}"
            print(f"{name:<{width}}  {what:<26}  {row}")
        if late[name]:
            print(f"{name:<{width}}  {late[name]} presses had to wait for their photo")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--photos", type=int, default=7_200)
    parser.add_argument("--presses", type=int, default=200, help="of each page")
    parser.add_argument("--pause-s", type=float, default=0.25, help="between two presses")
    parser.add_argument("--slower", type=float, default=1, help="times, the page's own thread while keys are pressed")
    parser.add_argument("--beside", type=Path, nargs="*", default=[], help="other checkouts of this repository")
    options = parser.parse_args()
    machine.print_facts()
    trees = {"this one": HERE, **{tree.name: tree.resolve() for tree in options.beside}}
    with tempfile.TemporaryDirectory() as root, contextlib.ExitStack() as stack:
        workspace = make_workspace(Path(root), options.photos, options.findings)
        with review_server(workspace):
            pass  # it has read the photos now
        browser = stack.enter_context(chromium())
        pages, found = {}, {}
        for number, (name, tree) in enumerate(trees.items()):
            url = stack.enter_context(review_server(copied(workspace, number), tree=tree))
            pages[name], found[name] = opened(browser, url, options.slower)
        for name, times in in_turns(browser, pages, options.presses, options.pause_s).items():
            found[name] |= times
        late = {name: page.evaluate("() => window.found.late") for name, page in pages.items()}
    slower = f", {options.slower:g} times slower" if options.slower != 1 else ""
    print(
        f"\n{options.findings:,} findings on {options.photos:,} photos, a key every {options.pause_s:g} s{slower}; ms"
    )
    print_table(found, late)


if __name__ == "__main__":
    main()
