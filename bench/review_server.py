"""The review server, for a script that looks at its page."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def chromium(*flags: str) -> Iterator[Any]:
    """Debian's browser, without a window and a graphics card. Raises SystemExit where it is not installed."""
    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("There is no chromium here: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", *flags])
        yield browser
        browser.close()


@contextmanager
def review_server(workspace: Path, who: str = "lee", tree: Path | None = None) -> Iterator[str]:
    """The address of `photobench review`, of the checkout `tree` where it is given, which ends afterwards.

    Raises SystemExit, with what it said, where it does not start.
    """
    command = [sys.executable, "-m", "photobench", "review", "-w", str(workspace), "--no-browser", "--as", who]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tree)
    said = []
    try:
        for line in process.stdout or ():
            said.append(line)
            if found := re.search(r"open (http://\S+)", line):
                break
        else:
            raise SystemExit("".join(said))
        yield found.group(1)
    finally:
        process.terminate()
        process.wait()
