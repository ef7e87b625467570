"""Files uploaded by Kaggle's own command line, where it is asked for."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path

from photobench.errors import LedgerError
from photobench.ledger.options import LedgerOptions

UPLOAD_S = 600


def check_uploader(at: str | datetime | None) -> None:
    """Raises LedgerError where there is no Kaggle command line, or the past is asked for."""
    if at is not None:
        raise LedgerError(
            '--at says when a file was sent, and ledger.uploader = "kaggle" sends it now. Leave --at out, or write it down without '
            "an upload: --set ledger.uploader=none"
        )
    if shutil.which("kaggle") is None:
        raise LedgerError(
            'ledger.uploader = "kaggle" needs Kaggle\'s command line, and there is no kaggle on the PATH: pip install kaggle, or upload by '
            'hand and set ledger.uploader = "none".'
        )


def upload(options: LedgerOptions, name: str, content: bytes, message: str) -> None:
    """Hand a file to `kaggle competitions submit`.

    Raises:
        LedgerError: it was refused, with what Kaggle says.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        command = ["kaggle", "competitions", "submit", "-c", options.competition, "-f", str(path), "-m", message]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=UPLOAD_S)
        except subprocess.TimeoutExpired as error:
            raise LedgerError(
                f"Kaggle's command line has not answered for {UPLOAD_S // 60} minutes, and was stopped. Look at the competition's page whether {name} "
                "is there: if it is, photobench submit record SCORE; else send it again."
            ) from error
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    if done.returncode or "could not submit" in done.stdout.lower():
        raise LedgerError(
            f"Kaggle did not take {name}: {said[-1] if said else f'exit code {done.returncode}'}. It does not count as sent."
        )
