"""What is in the workspace's own ledger where a team shares another one: it is said, and taken over where somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from photobench.errors import LedgerError
from photobench.ledger.standing import Entry, standing
from photobench.records import Submission
from photobench.words import count
from photobench.workflow.bench import Bench
from photobench.workflow.contest.entering import bench_ledger
from photobench.workspace import Book


def with_note(bench: Bench, text: str, team: Iterable[Submission]) -> str:
    """What a command says, and below it what is left behind in the workspace's own ledger, where something is.

    Args:
        team: the submissions of the ledger that the command speaks of.
    """
    return "\n".join(filter(None, [text, _left_behind(bench, team)]))


def _left_behind(bench: Bench, team: Iterable[Submission]) -> str:
    """A note where the team's ledger lacks submissions of the workspace's own; empty where it lacks none, or there is no team."""
    entries = [] if not bench.options.ledger.url else _own_entries(bench)
    there = {one.answers for one in team}
    lacking = [entry for entry in entries if entry.submission.answers not in there]
    if not lacking:
        return ""
    sent = sum(entry.sent is not None for entry in lacking)
    of_them = f" ({sent} sent)" if sent else ""
    are, do, them = ("is", "does", "it") if len(lacking) == 1 else ("are", "do", "them")
    return (
        f"note: {count(len(lacking), 'submission')}{of_them} {are} in the workspace's own ledger, and {do} not count in the team's "
        f"(ledger.url). Take {them} over: photobench submit share"
    )


def _own_entries(bench: Bench) -> list[Entry]:
    book = bench.workspace.ledger().read()
    return standing(book.submissions, book.events)


def share_ledger(bench: Bench) -> str:
    """Take the workspace's own submissions over into the team's ledger, with their files, who made and sent them, and their scores.

    They stay where they are, too. One of which the team's ledger knows more than that it was made is left as it stands there, so that
    sharing twice adds nothing.

    Raises:
        LedgerError: no team's ledger is set.
        DatabaseError: it does not answer; nothing is taken over.
    """
    if not bench.options.ledger.url:
        raise LedgerError(
            "There is no team's ledger to take submissions over into: name its database as ledger.url in photobench.toml."
        )
    own = bench.workspace.ledger()
    kept = own.read()
    files = {one.number: own.content(one.number) for one in kept.submissions}
    with bench_ledger(bench).hold() as book:
        taken = _take_over(book, kept, files)
    left = len(kept.submissions) - taken
    there = f"; {left:,} {'was' if left == 1 else 'were'} there already" if left else ""
    return f"{count(taken, 'submission')} taken over into the team's ledger{there}. See: photobench submit status"


def _take_over(book: Book, kept: Book, files: Mapping[int, bytes]) -> int:
    """Enter what `book` lacks, and what happened to it in the order in which that was written down. Returns of how many submissions."""
    number_of, changed = _entered(book, kept, files)
    new_number: dict[int | None, int] = {}
    for event in kept.events:
        if event.submission in number_of:
            undoes = new_number.get(event.undoes)
            added = book.add(replace(event, submission=number_of[event.submission], undoes=undoes))
            new_number[event.number] = added.number
            changed.add(event.submission)
    return len(changed)


def _entered(book: Book, kept: Book, files: Mapping[int, bytes]) -> tuple[dict[int, int], set[int]]:
    """The numbers in `book` of those to which nothing has happened there yet, by their own; and which of them were not there."""
    known = {one.answers: one.number for one in book.submissions}
    happened = {event.submission for event in book.events}
    new = {one.number for one in kept.submissions if one.answers not in known}
    known |= {one.answers: book.enter(one, files[one.number]).number for one in kept.submissions if one.number in new}
    number_of = {one.number: known[one.answers] for one in kept.submissions}
    return {own: number for own, number in number_of.items() if number not in happened}, new
