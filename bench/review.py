"""How long a decision of a review takes until it is on the disk, and how long its list of findings, with many findings.

    python bench/review.py --findings 100000 --photos 10000 --decisions 300

Drawn photos, a findings file as an audit leaves it, and a server as `photobench review` starts it, asked over HTTP on one connection
as its page does. Beside it, what the disk needs for 4 kB that are flushed (fsync), without which nothing is durable. At the end the server is killed (-9) and started
again: every decision that was answered has to be there.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import machine
import numpy as np
from PIL import Image

from photobench.records import Checked, Finding

CLASSES = ("red", "green", "blue")
KINDS = ("wrong label", "between two classes", "dark", "blurred", "near copy", "unlike every class")
SIDE_PX = 24


def make_photos(root: Path, number: int) -> list[str]:
    rng, paths = np.random.default_rng(0), []
    for n in range(number):
        path = root / CLASSES[n % 3] / f"person{n // 7:05d}_{n % 7}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8)).save(path, quality=60)
        paths.append(path.relative_to(root).as_posix())
    return paths


def make_workspace(folder: Path, num_photos: int, num_findings: int) -> Path:
    paths = make_photos(folder / "photos", num_photos)
    workspace = folder / "workspace"
    (workspace / "findings").mkdir(parents=True)
    (workspace / "photobench.toml").write_text(
        f"""[source]
kind = "folder"
photos = "{folder / "photos"}"
group_pattern = '(person\\d+)_'
[[attributes]]
name = "label"
values = ["red", "green", "blue"]
[model]
size_px = 32
"""
    )
    score_F = np.sort(np.random.default_rng(1).random(num_findings))[::-1]
    findings = []
    for n in range(num_findings):
        path, kind = paths[n % num_photos], KINDS[n // num_photos % len(KINDS)]
        given, score = path.split("/")[0], float(score_F[n])
        other = CLASSES[(CLASSES.index(given) + 1) % 3]
        related = tuple(paths[(n + step) % num_photos] for step in (1, 2, 3))
        words = f"Nine of its ten nearest photos are {other}, and the model says so with {score:.0%}."
        findings.append(Finding("labels", kind, path, "label", score, given, other, "relabel", words, related))
    (workspace / "findings" / "labels.parquet").write_bytes(Checked("labels", tuple(findings)).to_bytes())
    return workspace


@contextmanager
def server(workspace: Path) -> Iterator[tuple[httpx.Client, float, subprocess.Popen[str]]]:
    """A client with the cookie, and the seconds until it was let in."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "photobench", "review", "-w", str(workspace), "--no-browser"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        for line in process.stderr:
            found = re.search(r"open (http\S+)/\?token=(\S+)", line)
            if found:
                break
        client = httpx.Client(base_url=found[1], headers={"Origin": found[1]}, timeout=120)  # type: ignore[index]
        client.get("/", params={"token": found[2]})  # type: ignore[index]
        client.get("/api/session").raise_for_status()
        yield client, time.perf_counter() - started, process
    finally:
        process.kill()
        process.wait()


def first_byte(client: httpx.Client, path: str, key: str) -> tuple[float, float, int]:
    """Seconds until the first byte and the last, and bytes on the wire."""
    started = time.perf_counter()
    with client.stream("GET", path, params={"key": key}) as answer:
        first = time.perf_counter() - started
        size = sum(len(part) for part in answer.iter_raw())
    return first, time.perf_counter() - started, size


def times(work: Callable[[int], None], number: int) -> np.ndarray:
    """Milliseconds of each call."""
    found = []
    for n in range(number):
        started = time.perf_counter()
        work(n)
        found.append(1e3 * (time.perf_counter() - started))
    return np.array(found)


def flushes(folder: Path, number: int) -> np.ndarray:
    with (folder / "flushed").open("wb", buffering=0) as file:

        def work(_: int) -> None:
            file.write(b"0" * 4096)
            os.fsync(file.fileno())

        return times(work, number)


def row(what: str, ms: np.ndarray) -> str:
    return f"| {what} | {np.median(ms):.1f} | {np.quantile(ms, 0.95):.1f} | {ms.max():.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--decisions", type=int, default=300)
    asked = parser.parse_args()
    machine.print_facts()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace = make_workspace(folder, asked.photos, asked.findings)
        with server(workspace) as (_, seconds, _):
            print(f"\nfirst start, which reads {asked.photos:,} photos: {seconds:.1f} s")
        with server(workspace) as (client, seconds, process):
            print(f"start with everything read: {seconds:.1f} s")
            key = client.get("/api/session").json()["key"]
            print("\n| request | first byte, ms | all of it, ms | MB on the wire |\n|---|---|---|---|")
            for path in (
                "/api/findings",
                "/api/findings",
                "/api/photos",
                "/api/photos",
                "/api/photo/5",
                "/api/progress",
            ):
                first, last, size = first_byte(client, path, key)
                print(f"| {path} | {1e3 * first:.1f} | {1e3 * last:.1f} | {size / 1e6:.2f} |")
            cursor, answered = 0, 0

            def decide(n: int) -> None:
                nonlocal cursor, answered
                body = {
                    "key": key,
                    "known": cursor,
                    "do": "set",
                    "photos": [n],
                    "field": "label",
                    "new": CLASSES[(n + 1) % 3],
                }
                told = client.post("/api/decide", json=body).raise_for_status().json()
                cursor, answered = told["cursor"], answered + len(told["own"])

            decided = times(decide, asked.decisions)
            thumbs = times(
                lambda n: client.get(f"/image/{key}/{n}/64.webp").raise_for_status() and None, asked.decisions
            )
            process.send_signal(signal.SIGKILL)
        print("\n| what | median, ms | 95 %, ms | slowest, ms |\n|---|---|---|---|")
        print(row("a decision, answered when it is durable", decided))
        print(row("4 kB flushed to the same disk (fsync)", flushes(folder, asked.decisions)))
        print(row("a thumbnail, made now", thumbs))
        with server(workspace) as (client, seconds, _):
            there = len(client.get("/api/decisions", params={"key": key}).json()["decisions"])
            print(f"\nkilled (-9) and started again in {seconds:.1f} s: {there:,} of {answered:,} decisions are there")


if __name__ == "__main__":
    main()
