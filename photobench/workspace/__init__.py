"""The only writer of state: paths, atomic files, the lock, and the SQLite database.

    workspace/
      photobench.toml        the project: the only file a person edits
      photobench.db          runs, decisions, submissions, and which derived files are up to date
      manifest.parquet       what is there, the boxes, and the split
      crops/ packs/ embeddings/ findings/ runs/ folds/ tune/ submissions/ report.html crop.html augment.html find-lr.png

Runs and the database are precious. Looks, packs, embeddings and reports are derived: each is known by the fingerprint of what it was made from,
and can be deleted at any time.
"""

from photobench.workspace.disk import check_can_write, disk_errors, now, read_json, write_atomic
from photobench.workspace.ledger import Book, Ledger
from photobench.workspace.lock import Claim
from photobench.workspace.space import MANIFEST_FILE, PROJECT_FILE, Workspace

__all__ = [
    "MANIFEST_FILE",
    "PROJECT_FILE",
    "Book",
    "Claim",
    "Ledger",
    "Workspace",
    "check_can_write",
    "disk_errors",
    "now",
    "read_json",
    "write_atomic",
]
