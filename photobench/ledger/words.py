"""What is said of the ledger: the day, the list, how validation and leaderboard go together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime

from photobench.evaluation import Figure
from photobench.ledger.calibration import FEWEST, Calibration, calibrate_entries
from photobench.ledger.days import day_of, reset_words
from photobench.ledger.options import LedgerOptions
from photobench.ledger.planning import Proposal, best
from photobench.ledger.standing import Entry, sent_on
from photobench.words import columns, listed, percent

NONE_YET = "Nothing is in the ledger. Make a submission with: photobench submit"


def status(entries: Sequence[Entry], options: LedgerOptions, now: datetime) -> str:
    """The day, every submission, and what the scores say of validation."""
    if not entries:
        return "\n".join([budget(entries, options, now), NONE_YET])
    return "\n".join([budget(entries, options, now), "", _list(entries, now), "", *calibration_words(entries)])


def budget(entries: Sequence[Entry], options: LedgerOptions, now: datetime) -> str:
    """How many submissions are left today, and until when."""
    day = day_of(now, options)
    sent = sent_on(entries, day, options)
    left = options.per_day - sent
    reset = reset_words(now, options)
    if left < 0:
        return f"{sent} sent on {_date(day)}, {-left} more than the {options.per_day} of a day. The next day begins at {reset}."
    if left == 0:
        return f"All {options.per_day} of {_date(day)} are sent. The next day begins at {reset}."
    return f"{sent} of {options.per_day} sent on {_date(day)}, {left} left until {reset}."


def beyond(nth: int, moment: datetime, options: LedgerOptions) -> str:
    """A warning where a submission is the nth of its day and the day has fewer; else empty."""
    if nth <= options.per_day:
        return ""
    return (
        f"warning: this is submission {nth} of {_date(day_of(moment, options))}, and ledger.per_day is {options.per_day}. Either the limit is another one, or "
        "something in the ledger was not sent: photobench submit status"
    )


def outcome(entry: Entry) -> str:
    """`"3 (002-resnet18): 0.7012 on the leaderboard; validation said 0.742 (0.701 to 0.781), which is 0.041 more, beyond its interval."`"""
    assert entry.score is not None
    text = f"{entry.name}: {entry.score:.4f} on the leaderboard"
    if entry.expected is None:
        return f"{text}. What validation says of it is not known."
    one, apart = entry.submission, entry.score - entry.expected
    known = one.low <= one.high
    inside = f", {'inside' if one.low <= entry.score <= one.high else 'outside'} its interval" if known else ""
    return f"{text}; validation said {Figure(one.expected, one.low, one.high).text()}. The leaderboard is {_apart(apart)}{inside}."


def calibration_words(entries: Sequence[Entry]) -> list[str]:
    """What the scores say of validation, in sentences."""
    found = calibrate_entries(entries)
    if not found.num:
        return ["No submission has both an expected and a leaderboard score yet: photobench submit record SCORE"]
    of = "1 submission" if found.num == 1 else f"{found.num} submissions"
    lines = [
        f"The leaderboard is {_apart(found.bias.value)}{' on average' * (found.num > 1)}{_span(found.bias)}, over {of}."
    ]
    if found.num > 2:
        lines.append(
            f"Taken as it is, validation was off by {found.off:.3f} on average; corrected by what the other submissions say, by "
            f"{found.off_corrected:.3f}."
        )
    return [*lines, _correlation(found)]


def _correlation(found: Calibration) -> str:
    if found.num < FEWEST:
        return f"Whether better validation means a better score can be told from {FEWEST} scores on."
    if found.constant:
        another = "one with another validation has a score" if found.constant == "validation" else "a score differs"
        return f"Whether better validation means a better score can be told once {another}: all {found.num} have the same {found.constant}."
    told = f"Pearson {_signed(found.pearson)}, Spearman {_signed(found.spearman)}"
    if found.goes_together:
        return f"Better validation goes with a better score: {told}."
    if found.goes_against:
        return f"Better validation goes with a worse score: {told}. Choose by something else than validation."
    return f"Whether better validation means a better score cannot be told from {found.num} scores: {_why_open(found)} ({told}).{_when(found)}"


def _why_open(found: Calibration) -> str:
    if found.num_needed() is not None:
        return "they may stand so by chance"
    if found.pearson.value < 0 and found.spearman.value < 0:
        return "so far the better validation has rather the worse score, which may be chance"
    return "the one hardly goes with the other"


def _when(found: Calibration) -> str:
    needed = found.num_needed()
    return f" If it goes on like this, {needed} scores will tell." if needed is not None else ""


def plan(proposals: Sequence[Proposal], entries: Sequence[Entry], options: LedgerOptions, now: datetime) -> str:
    """What to send next and why, every candidate, what each would teach, and the day's budget."""
    lines = [_advice(proposals, entries)]
    if proposals:
        lines += ["", _proposals(proposals), ""]
        lines += [*lessons, ""] if (lessons := _other_lessons(proposals)) else []
    else:
        lines += [""]
    return "\n".join([*lines, budget(entries, options, now)])


def _advice(proposals: Sequence[Proposal], entries: Sequence[Entry]) -> str:
    if not proposals:
        return (
            "Nothing is worth a submission: what is trained was sent, or there is nothing. Train something else first."
        )
    first, top = proposals[0], best(entries)
    name = first.candidate.name
    if not first.is_worth_it:
        return (
            f"Nothing is worth a submission now. {name} is the most promising: {_chance(first, top)}, and it would teach {_lesson(proposals)}. "
            "Train something better, or something else."
        )
    return f"Send {name} next: {_chance(first, top)}. It would teach {_lesson(proposals)}. Make it with: photobench submit --run {name}"


def _chance(one: Proposal, top: Entry | None) -> str:
    if top is None:
        return "nothing has a score yet, and its validation is the highest"
    beaten = f"the best score ({top.score:.4f}, submission {top.name})"
    if math.isnan(one.chance):
        return f"whether it beats {beaten} cannot be said, for its validation has no interval"
    return f"it beats {beaten} with a probability of {percent(one.chance)}, for an expected gain of {one.gain:.4f}"


def _proposals(proposals: Sequence[Proposal]) -> str:
    rows = [
        (
            one.candidate.name,
            one.candidate.expected.text(),
            one.hoped.text(),
            percent(one.chance),
            "–" if math.isnan(one.gain) else f"{one.gain:.4f}",
            _changed(one),
        )
        for one in proposals
    ]
    return columns(rows, ("candidate", "validation", "expected there", "beats the best", "gain", "changes"))


def _lesson(proposals: Sequence[Proposal]) -> str:
    """What the first would teach, and who else would."""
    lesson = proposals[0].lesson
    alike = _by_lesson(proposals)[lesson][1:]
    return f"{lesson} (so would {listed(alike, 2)})" if alike else lesson


def _other_lessons(proposals: Sequence[Proposal]) -> list[str]:
    """What others would teach than the first, those with the same lesson in one line."""
    told = _by_lesson(proposals)
    return [f"{listed(names, 2)} would teach {one}." for one, names in told.items() if one != proposals[0].lesson]


def _by_lesson(proposals: Sequence[Proposal]) -> dict[str, list[str]]:
    """The candidates that would teach the same."""
    found: dict[str, list[str]] = {}
    for one in proposals:
        found.setdefault(one.lesson, []).append(one.candidate.name)
    return found


def _changed(one: Proposal) -> str:
    if one.candidate.changed is None:
        return "–"
    return f"{percent(one.candidate.changed)} of submission {one.candidate.nearest.split(' ')[0]}"


def _list(entries: Sequence[Entry], now: datetime) -> str:
    rows = [
        (
            f"{entry.number}",
            entry.submission.answerer or entry.submission.file,
            f"{entry.sent.astimezone(now.tzinfo):%m-%d %H:%M}" if entry.sent else "not sent",
            Figure(entry.submission.expected, entry.submission.low, entry.submission.high).text(),
            "–" if entry.score is None else f"{entry.score:.4f}",
            f"{round(entry.score - entry.expected, 3) + 0.0:+.3f}"  # no −0.000
            if entry.score is not None and entry.expected is not None
            else "–",
            entry.events[-1].who if entry.events else entry.submission.who,
        )
        for entry in entries
    ]
    return columns(rows, ("", "submission", "sent", "validation", "leaderboard", "apart", "who"))


def _signed(one: Figure) -> str:
    return f"{one.value:+.2f} ({one.low:+.2f} to {one.high:+.2f})"


def _span(bias: Figure) -> str:
    """The interval of a difference, without signs where its side is known."""
    if not bias.is_known:
        return ""
    return f" ({bias.interval(sign='+') if bias.low <= 0 <= bias.high else bias.extent()})"


def _apart(value: float) -> str:
    if abs(value) < 0.0005:
        return "as high as validation"
    return f"{abs(value):.3f} {'above' if value > 0 else 'below'} validation"


def _date(day: date) -> str:
    return f"{day.day} {day:%B}"
