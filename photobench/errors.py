"""The errors that photobench means to raise.

Every mistake of a user is a `PhotobenchError`: the command line prints it as one sentence (what, where, what to do) and leaves
with exit code 2. Anything else is a bug of ours and keeps its traceback.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

MOST_NAMED = 20
"""Names in a sentence at the most."""
ALIKE = 0.75
"""How alike (difflib's ratio) two names must be for the one to be meant by the other, wherever it is."""


class PhotobenchError(Exception):
    """Root of every error that is meant for the user. `str(error)` is a complete sentence with its remedy.

    Raised with a `Said` (photobench.records) in place of a text, the review page can say it in other languages too.
    """


class ConfigError(PhotobenchError):
    """The project file, a `--set` or an argument is wrong. Holds every mistake found, not only the first."""

    def __init__(self, mistakes: list[str]):
        self.mistakes = mistakes
        super().__init__(mistakes[0] if len(mistakes) == 1 else _bullets(mistakes))


class SourceError(PhotobenchError):
    """The photos, the label table or their layout are not what was declared."""


class ImageError(PhotobenchError):
    """One photo cannot be read. `str(error)` is the reason, short enough for a table cell."""


class SplitError(PhotobenchError):
    """The photos cannot be divided into train and valid as asked."""


class DetectorError(PhotobenchError):
    """What finds the thing in a photo returned something that is no answer."""


class PackError(PhotobenchError):
    """A pack is missing, damaged, or cannot be written."""


class ModelError(PhotobenchError):
    """A backbone, its weights or a saved model cannot be used."""


class SubmissionError(PhotobenchError):
    """A submission does not have the form of the sample file."""


class LedgerError(PhotobenchError):
    """The ledger cannot be reached, or what is to be written into it cannot be true."""


class DatabaseError(PhotobenchError):
    """A database that several machines share cannot be reached or used."""


class WorkspaceError(PhotobenchError):
    """The workspace is missing, locked, read-only or full."""


class Damaged(WorkspaceError):
    """A file of the workspace is there and cannot be understood."""


class InUse(WorkspaceError):
    """Another process is at work, and this would get in its way."""


class Gone(WorkspaceError):
    """Who is asked for by a whole name, as those are of which others are made, is not there any more."""


class Overtaken(PhotobenchError):
    """Somebody decided on the same photo and field first. `numbers`: those decisions."""

    def __init__(self, numbers: list[int]):
        self.numbers = numbers
        super().__init__(
            "Somebody else has decided on this meanwhile. Nothing was changed: look at it, then decide again."
        )


class GivenUp(PhotobenchError):
    """A training that is a trial of a search was stopped, because others were better at the same epoch."""


class Interrupted(PhotobenchError):
    """The user pressed Ctrl-C; what was finished is saved. The command line leaves with exit code 130."""


def nearest(word: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known words most like `word`, best first; empty when none is near."""
    known = list(known)
    lower = {k.lower(): k for k in known}
    found = difflib.get_close_matches(word.lower(), lower, n=limit, cutoff=0.6)
    return [lower[f] for f in found]


def akin(word: str, known: Iterable[str]) -> str | None:
    """The known word that is spelled nearly as `word`, or has it as a part between underscores (`batch`: batch_size); None where none is.

    Narrower than `nearest`: among the options of all sections something is always a little alike.
    """
    near = nearest(word, known := list(known), limit=1)
    if near and difflib.SequenceMatcher(None, word.lower(), near[0].lower()).ratio() >= ALIKE:
        return near[0]
    return min((one for one in known if word.lower() in re.split("[_-]", one.lower())), key=len, default=None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`' Did you mean "x"?'`, or the empty string when nothing is near."""
    found = nearest(word, known, limit=1)
    return f' Did you mean "{found[0]}"?' if found else ""


def unknown(kind: str, word: str, known: Iterable[str], where: str = "") -> str:
    """A sentence that names an unknown word and what could have been meant; `where`: the command that lists all of a long list.

    >>> unknown("loss", "cross_entrpy", ["cross_entropy", "focal"])
    'There is no loss "cross_entrpy". Did you mean "cross_entropy"?'
    """
    known = list(known)
    more = f" and {len(known) - MOST_NAMED} more{f': {where}' if where else ''}" if len(known) > MOST_NAMED else ""
    hint = did_you_mean(word, known) or (f" There is: {', '.join(known[:MOST_NAMED])}{more}." if known else "")
    return f'There is no {kind} "{word}".{hint}'


def _bullets(mistakes: list[str]) -> str:
    return f"{len(mistakes)} mistakes:\n" + "\n".join(f"  - {m}" for m in mistakes)
