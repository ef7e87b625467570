"""Write docs/contest.md from docs/contest/walk.md: every command is run, in order, in a new folder, and its real output is set in.

    python docs/make_contest.py [--folder FOLDER]

In the walk, a block ```console holds commands, one a line after "$ ". What they print follows them in the page. After `console`, `head=8`
and `tail=4` keep so many lines of each output, and `…` stands for the rest; `all` shows what is said beside the answer (standard error), too. A line `![words](figure:PATH)` takes a picture out of the
folder (of several that fit a pattern the latest), made small. `{time}` in a line of prose is how long all the commands above it took together. A command that fails ends it all. A `FOLDER` that is kept goes on from what is
done there, since no command does what is up to date again.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).parent
WALK, PAGE, IMAGES = DOCS / "contest" / "walk.md", DOCS / "contest.md", DOCS / "images"
BLOCK = re.compile(r"^```console([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIGURE = re.compile(r"\]\(figure:([^)]+)\)")
WIDEST_PX = 1000
ELLIPSIS = "…"


def make(folder: Path) -> None:
    started = time.monotonic()
    environment = _environment(folder)
    page, position = [], 0
    text = WALK.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        page.append(_prose(text[position : block.start()], folder, time.monotonic() - started))
        page.append(_block(block, folder, environment))
        position = block.end()
        PAGE.with_suffix(".partial").write_text("".join(page), encoding="utf-8")  # to look at while it goes on
    page.append(_prose(text[position:], folder, time.monotonic() - started))
    PAGE.write_text("".join(page), encoding="utf-8")
    PAGE.with_suffix(".partial").unlink(missing_ok=True)


def _environment(folder: Path) -> dict[str, str]:
    """`photobench` is this one, `leaderboard` is the organiser's."""
    tools = folder / ".tools"
    tools.mkdir(parents=True, exist_ok=True)
    for name, command in (("photobench", "-m photobench"), ("leaderboard", f'"{DOCS / "contest" / "leaderboard.py"}"')):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" {command} "$@"\n')
        tool.chmod(0o755)
    inherited = {key: value for key, value in os.environ.items() if key not in ("CI", "FORCE_COLOR")}
    return inherited | {
        "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(DOCS.parent), "COLUMNS": "110", "TERM": "dumb",
    }  # fmt: skip


def _block(block: re.Match[str], folder: Path, environment: dict[str, str]) -> str:
    keep = {key: int(value) for key, value in re.findall(r"(head|tail)=(\d+)", block[1])}
    lines = []
    for line in block[2].splitlines():
        lines.append(line)
        if line.startswith("$ "):
            lines += _shortened(_run(line.removeprefix("$ "), folder, environment, "all" in block[1]), keep)
    return "```console\n" + "\n".join(lines) + "\n```"


def _run(command: str, folder: Path, environment: dict[str, str], with_errors: bool) -> list[str]:
    print(f"$ {command}", flush=True)
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if with_errors else None,
    )  # fmt: skip
    print(done.stdout, flush=True)
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}")
    said = done.stdout.replace(f"{folder}/", "").replace(str(folder), ".")
    return [line.rstrip() for line in said.strip("\n").splitlines()]


def _shortened(lines: list[str], keep: dict[str, int]) -> list[str]:
    head, tail = keep.get("head", len(lines)), keep.get("tail", 0)
    if head + tail >= len(lines):
        return lines
    return [*lines[:head], ELLIPSIS, *lines[len(lines) - tail :]]


def _prose(text: str, folder: Path, seconds: float) -> str:
    def picture(found: re.Match[str]) -> str:
        source = max(folder.glob(found[1]), key=lambda path: path.stat().st_mtime)
        target = IMAGES / f"contest-{source.stem}.webp"
        with Image.open(source) as image:
            image = image.convert("RGB")
            image.thumbnail((WIDEST_PX, 2 * WIDEST_PX))
            image.save(target, quality=80, method=6)
        return f"](images/{target.name})"

    return FIGURE.sub(picture, text).replace("{time}", f"{seconds / 60:.0f} minutes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="where it is played; a temporary folder by default")
    args = parser.parse_args()
    if args.folder:
        args.folder.mkdir(parents=True, exist_ok=True)
        make(args.folder.resolve())
    else:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder).resolve())


if __name__ == "__main__":
    main()
