"""How far a review is: what was looked at, how fast, how often the suggestions were right, what is probably left, and what changed."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from photobench.audit.remaining import FEWEST, Left, wrong_left
from photobench.decisions.fields import shown
from photobench.decisions.standing import Topic
from photobench.records import BOX, GROUP
from photobench.words import count
from photobench.workflow.labels.auditing import topic_of
from photobench.workflow.reviewing.session import Review
from photobench.workflow.reviewing.words import NOT_A_TIME, Refused

RATE_MIN = 10
"""Minutes over which the rate is taken."""
PAUSE_S = 120
"""Who decides nothing for longer than this does something else meanwhile: it is no part of the rate."""


class Progress:
    """Of one review; what does not change with the decisions is made once."""

    def __init__(self, review: Review):
        self._review = review
        findings = review.found.findings
        topics = [topic_of(one) for one in findings]
        firsts = dict(zip(reversed(topics), reversed(range(len(topics))), strict=True))
        self._first_T = np.array(sorted(firsts.values()), dtype=int)
        self._is_label_F = np.array([one.fix == "relabel" for one in findings], dtype=bool)
        self._score_F = np.array([one.score for one in findings])
        self._suggests_F = np.array([one.fix != "look" for one in findings], dtype=bool)
        rows = [review.photos.row_of[one.path] for one in findings]
        self._group_F = pd.factorize(np.array([review.photos.groups[row] for row in rows], dtype=object))[0]
        self._estimated: tuple[int, Left | None] = (-1, None)
        self._seen, self._mine = 0, set[tuple[Any, str]]()
        self._times: deque[datetime] = deque(maxlen=2_000)
        self._lock = threading.Lock()

    def to_json(self, since: str = "") -> Mapping[str, Any]:
        """As `docs/review-api.md` has it. How often suggestions were right, and what is left, counts each photo and field once.

        Args:
            since: ISO 8601; changes are those of decisions from then on. All where it is empty.
        """
        begin = _moment(since)
        with self._lock:
            return self._told(begin)

    def _told(self, begin: datetime | None) -> Mapping[str, Any]:
        review, first_T = self._review, self._first_T
        review.refresh()
        reviewed_T, suggests_T = review.reviewed_F[first_T], self._suggests_F[first_T]
        looked_T = reviewed_T & suggests_T & ~review.ruled_F[first_T]  # a rule follows without a look
        followed_T = review.followed_F[first_T]
        mine, rate = self._rate()
        left = int((~review.reviewed_F).sum())
        estimate = self._estimate()
        changes = self._changes(begin)
        return {
            "reviewed": int((review.reviewed_F & ~review.ruled_F).sum()),
            "ruled": int(review.ruled_F.sum()),
            "left": left,
            "mine": mine,
            "per_minute": round(rate, 1),
            "left_s": round(60 * left / rate) if rate else None,
            "suggested": int(looked_T.sum()),
            "accepted": int((looked_T & followed_T).sum()),
            "estimate": {**vars(estimate), "words": self._words(estimate)} if estimate else None,
            "changes": changes,
            "changed": sum(one["photos"] for one in changes if one["field"] != GROUP),
            "words": self._words(estimate),
        }

    def _rate(self) -> tuple[int, float]:
        """Photos and fields that this person decided on, and how many decisions per minute lately."""
        for one in self._review.since(self._seen):
            self._seen = one["number"]
            topic = (one["photo"], one["field"])
            if one["stands"] is None:
                self._mine.discard(topic)
                if one["who"] == self._review.who and self._times:
                    self._times.pop()
            elif one["who"] == self._review.who:
                self._mine.add(topic)
                self._times.append(datetime.fromisoformat(one["when"]))
        now = datetime.now().astimezone()
        recent = [when for when in self._times if now - when < timedelta(minutes=RATE_MIN)]
        return len(self._mine), per_minute(recent)

    def _estimate(self) -> Left | None:
        review = self._review
        if self._estimated[0] != review.cursor:
            places = self._labels()
            reviewed, wrong = review.reviewed_F[places], review.wrong_F[places]
            left = wrong_left(self._score_F[places], reviewed, wrong, self._group_F[places])
            self._estimated = (review.cursor, left)
        return self._estimated[1]

    def _labels(self) -> np.ndarray:
        """Places of the suspected labels that a person can tell something of: not those that a rule has changed, at which nobody looked."""
        is_label_T = self._is_label_F[self._first_T]
        return self._first_T[is_label_T & ~self._review.ruled_F[self._first_T]]

    def _words(self, estimate: Left | None) -> str:
        num_ruled = int((self._is_label_F & self._review.ruled_F)[self._first_T].sum())
        more = f" Rules have decided on {num_ruled:,} more, at which nobody looked." if num_ruled else ""
        return f"{self._words_of_looked(estimate)}{more}"

    def _words_of_looked(self, estimate: Left | None) -> str:
        first_T = self._labels()
        seen = int(self._review.reviewed_F[first_T].sum())
        left = len(first_T) - seen
        if not len(first_T):
            return "No label is suspected to be wrong."
        if not left:
            return "Every suspected label was looked at."
        if estimate is None:
            return f"How many wrong labels are left is not known yet: {FEWEST} suspected ones, of several groups, have to be looked at first."
        return (
            f"Of the {count(left, 'suspected label')} that nobody has looked at, about {estimate.wrong:,} are probably wrong "
            f"({estimate.low:,} to {estimate.high:,}), if the {seen:,} that were looked at tell of the rest."
        )

    def _changes(self, begin: datetime | None) -> list[dict[str, Any]]:
        """What stands and is another thing than the source gives, by field and value."""
        review = self._review
        counts: Counter[tuple[str, str, str]] = Counter()
        for topic, new, when in review.standing():
            old = review.photos.known.stands(*topic)
            if begin and datetime.fromisoformat(when) < begin:
                continue
            if _is_change(topic, old, new):
                counts[topic[1], shown(old), shown(new)] += 1
        return [
            {"field": field, "old": old, "new": new, "photos": number}
            for (field, old, new), number in counts.most_common()
        ]


def per_minute(times: Sequence[datetime]) -> float:
    """How many a minute, of times in their order, without the pauses between them; 0 where two lie not close enough together to tell."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    worked = [gap for gap in gaps if gap <= PAUSE_S]
    return 60 * len(worked) / max(sum(worked), 1.0) if worked else 0.0


def _moment(since: str) -> datetime | None:
    """Without an offset it is the local time of this machine. Raises PhotobenchError where it is no time."""
    try:
        return datetime.fromisoformat(since).astimezone() if since else None
    except (ValueError, OverflowError) as error:
        raise Refused(NOT_A_TIME(since=since)) from error


def _is_change(topic: Topic, old: Any, new: Any) -> bool:
    return topic[1] != BOX and new != old and new is not False
