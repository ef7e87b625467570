"""Makes docs/images/report.webp, the picture in the README, from a report.

    python docs/make_picture.py demo/report.html

Needs Debian's chromium, as the browser tests do; asks the network for nothing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

PICTURE = Path(__file__).parent / "images" / "report.webp"
SIZE = (1280, 1000)  # width and height in pixels: the first screen, down to the first example photos
MAX_BYTES = 150_000
QUIET = ("no-first-run", "disable-background-networking", "disable-component-update", "disable-sync", "hide-scrollbars")


def make_picture(report: Path) -> Path:
    """Photographs the top of a report.

    Raises:
        SystemExit: there is no chromium, or the picture is too large for a repository.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("There is no chromium here: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "shot.png"
        size = f"--window-size={SIZE[0]},{SIZE[1]}"
        options = ["--headless", "--no-sandbox", "--disable-gpu", *(f"--{name}" for name in QUIET), size]
        command = [chromium, *options, f"--user-data-dir={folder}/profile", f"--screenshot={shot}"]
        subprocess.run([*command, report.resolve().as_uri()], check=True, capture_output=True)
        PICTURE.parent.mkdir(exist_ok=True)
        Image.open(shot).convert("RGB").save(PICTURE, quality=82, method=6)
    if PICTURE.stat().st_size > MAX_BYTES:
        raise SystemExit(f"{PICTURE} has {PICTURE.stat().st_size:,} bytes, more than {MAX_BYTES:,}")
    return PICTURE


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    print(make_picture(Path(sys.argv[1])))
