"""A review: photos, what was found of them, and every decision, kept equal to the database while people decide.

The database is the truth. This is what a page needs to know of it at once: what stands on each photo and field, and what came after a
number that the page knows. All of it may be asked from several threads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from photobench.decisions.fields import parse, shown
from photobench.decisions.standing import Topic
from photobench.errors import PhotobenchError
from photobench.records import BOX, EXCLUDE, Decision, Finding, fingerprint
from photobench.workflow.bench import Bench
from photobench.workflow.labels.auditing import field_of
from photobench.workflow.labels.deciding import undoing
from photobench.workflow.reviewing import words
from photobench.workflow.reviewing.findings import FoundList, last_findings
from photobench.workflow.reviewing.log import DecisionLog
from photobench.workflow.reviewing.photos import ReviewPhotos, review_photos
from photobench.workflow.reviewing.words import Refused
from photobench.workflow.signing import sign, who


@dataclass(frozen=True)
class Wanted:
    """What a person wants to decide of one photo, and what they saw."""

    photo: int
    field: str
    new: Any
    why: str = ""


@dataclass(frozen=True)
class Answer:
    """What a write did: every decision after the one that the page knew, the numbers of its own, and how many stood already."""

    events: list[dict[str, Any]]
    cursor: int
    own: list[int] = field(default_factory=list)
    unchanged: int = 0
    undone: list[int] = field(default_factory=list)


class Review:
    """One person's session on a workspace; others may decide at the same time, here and elsewhere."""

    def __init__(self, bench: Bench, photos: ReviewPhotos, found: FoundList, name: str = ""):
        self.bench, self.photos, self.found = bench, photos, found
        self.who = " ".join(name.split()) or who()
        self.key = self._make_key()
        """Changes when the number of a photo or of a finding may mean another one."""
        self.by_photo = found.by_photo()
        self.reviewed_F, self.followed_F, self.wrong_F, self.ruled_F = np.zeros((4, len(found.findings)), dtype=bool)
        self._log = DecisionLog(photos.row_of)
        self._last_when = ""
        self._lock = threading.RLock()
        self.refresh()

    def _make_key(self) -> str:
        """Of photos, labels as given, groups, and the findings in their order: of all that numbers stand for."""
        manifest = self.photos.manifest
        found = [(f.path, f.check, f.kind, f.attribute, f.suggested) for f in self.found.findings]
        return fingerprint(
            manifest.files_fingerprint(), manifest.space.to_json(), self.photos.codes_NA.tobytes(), self.photos.groups,
            self.photos.pack.folder.name, found,
        )  # fmt: skip

    # --- what is known ---------------------------------------------------------------------------------------------------

    @property
    def cursor(self) -> int:
        """The number of the last decision."""
        return self._log.cursor

    def refresh(self) -> int:
        """Take in what was decided since, by whomever. Returns the number of the last decision."""
        with self._lock:
            for number, one in self.bench.workspace.numbered_decisions(after=self.cursor).items():
                self._log.add(number, one)
                self._settle(one.photo)
            return self.cursor

    def since(self, after: int) -> list[dict[str, Any]]:
        """Decisions with a number above `after`, as a page wants them."""
        with self._lock:
            return self._log.since(after)

    def stands(self, photo: str, field: str) -> Any:
        """What people decided and stands; None where they did not."""
        with self._lock:
            return self._log.stands(photo, field)

    def standing(self) -> list[tuple[Topic, Any, str]]:
        """Every photo and field of which something is decided and stands: what, and since when."""
        with self._lock:
            return self._log.standing()

    def about(self, photo: str) -> list[dict[str, Any]]:
        """Every decision on one photo."""
        with self._lock:
            return self._log.about(photo)

    def codes_now(self) -> np.ndarray:
        """(N, A): the labels that stand, as codes; −1 where there is none."""
        codes_NA = self.photos.codes_NA.copy()
        attributes = self.photos.manifest.space.attributes
        place_of = {a.name: (n, {value: code for code, value in enumerate(a.values)}) for n, a in enumerate(attributes)}
        for (photo, name), new, _ in self.standing():
            if name in place_of:
                column, code_of = place_of[name]
                codes_NA[self.photos.row_of[photo], column] = code_of.get(new, -1)
        return codes_NA

    def _settle(self, photo: str) -> None:
        """Which findings on a photo are reviewed now (those on whose field something stands, and all where the photo is left out), whether
        what they suggest was done, whether what they doubt was found wrong, and whether it was a rule that decided, which looks at nothing."""
        is_out = self.stands(photo, EXCLUDE) is True
        for place in self.by_photo.get(photo, ()):
            one = self.found.findings[place]
            stands = self.stands(photo, field_of(one))
            self.reviewed_F[place] = is_out or stands is not None
            self.followed_F[place] = is_out if one.fix == "exclude" else bool(one.suggested) and stands == one.suggested
            self.wrong_F[place] = is_out or (stands is not None and stands != one.given)
            self.ruled_F[place] = self._log.is_by_rule(photo, EXCLUDE if is_out else field_of(one))

    # --- deciding ----------------------------------------------------------------------------------------------------------

    def set_to(
        self, photos: Iterable[int], field: str, new: Any, findings: Sequence[int] = (), note: str = ""
    ) -> list[Wanted]:
        """The same of several photos."""
        seen = {self.finding(place).path: self.finding(place) for place in findings}
        rows = [self.row(row) for row in photos]
        return [Wanted(row, field, new, _why(note, "", seen.get(self.photos.paths[row]))) for row in rows]

    def accept(self, findings: Iterable[int], note: str = "") -> list[Wanted]:
        """What findings suggest.

        Raises:
            PhotobenchError: one only wants a look.
        """
        return [self._accepted(self.finding(place), note) for place in findings]

    def _accepted(self, one: Finding, note: str) -> Wanted:
        new = True if one.fix == "exclude" else one.suggested
        if one.fix == "look" or not new:
            raise Refused(words.NOTHING_SUGGESTED(path=one.path))
        return Wanted(self.photos.row_of[one.path], field_of(one), new, _why(note, "accepted", one))

    def keep(
        self, findings: Iterable[int] = (), photos: Iterable[int] = (), field: str = "", note: str = ""
    ) -> list[Wanted]:
        """That what stands is right: of the fields of findings, or of one field of photos."""
        found = [self.finding(place) for place in findings]
        wanted: list[tuple[int, str, Finding | None]] = [(self.photos.row_of[f.path], field_of(f), f) for f in found]
        wanted += [(self.row(row), field, None) for row in photos]
        return [Wanted(row, of, self._now(row, of), _why(note, "kept", one)) for row, of, one in wanted]

    def _now(self, row: int, field: str) -> Any:
        """What is true of a photo today."""
        path = self.photos.paths[row]
        now = self.stands(path, field)
        now = self.photos.known.stands(path, field) if now is None else now
        if field == EXCLUDE:
            return bool(now)
        if now is None:
            raise Refused(words.NOTHING_TO_KEEP(path=path, field=field))
        return now

    def decide(self, wanted: Sequence[Wanted], known: int) -> Answer:
        """Keep what is wanted, on the disk when this returns: all of it or nothing.

        Args:
            known: the last decision that the person knew of.

        Raises:
            Overtaken: a later decision is there on one of these photos and fields.
            PhotobenchError: one cannot be decided (all are named).
        """
        with self._lock:
            self.refresh()
            # also of what would change nothing: who keeps a label means the one that they see
            self._log.check_known({(self.photos.paths[one.photo], one.field) for one in wanted}, known)
            signed = self._signed(wanted)
            own = self._add(signed, known)
            return Answer(self.since(known), self.cursor, own, len(wanted) - len(signed))

    def _signed(self, wanted: Sequence[Wanted]) -> list[Decision]:
        problems, found = [], {}
        for one in wanted:
            path, space = self.photos.paths[one.photo], self.photos.manifest.space
            try:
                if one.field == BOX:
                    raise ValueError("a box is changed in a table: photobench crop --export, then --import")
                new = parse(one.field, shown(one.new), space)
                if new is not None:
                    self.photos.known.check(path, one.field, new)
            except ValueError as problem:
                problems.append(str(problem))
                continue
            said = self.stands(path, one.field)
            if said != new or self._log.is_by_rule(path, one.field):  # who agrees with a rule has looked
                old = self.photos.known.stands(path, one.field) if said is None else said
                found[path, one.field] = sign(path, one.field, old, new, one.why, self.who)
        if problems:
            raise Refused(words.NOT_DECIDED(problems="; ".join(dict.fromkeys(problems))))
        return list(found.values())

    def _add(self, signed: Sequence[Decision], known: int) -> list[int]:
        """In one go, with one time, by which it is known to be one."""
        if not signed:
            return []
        when = signed[-1].when
        while when == self._last_when:
            time.sleep(0.001)
            when = sign("", "", None, None).when
        self._last_when = when
        try:
            return self.bench.workspace.add_decisions([replace(one, when=when) for one in signed], known)
        finally:
            self.refresh()

    # --- taking back -------------------------------------------------------------------------------------------------------

    def undo(self, known: int, numbers: Sequence[int] = ()) -> Answer:
        """Take back these decisions, or what this person decided last and has not taken back: the whole of what was decided in one go.

        Raises:
            Overtaken: a later decision than `known` is there on one of their photos and fields.
            PhotobenchError: there is nothing to take back, or one of `numbers` does not stand.
        """
        with self._lock:
            self.refresh()
            chosen = sorted(set(numbers), reverse=True) or self._log.latest(self.who, known)
            signed = [self._undoing(number) for number in chosen]
            own = self._add(signed, known)
            return Answer(self.since(known), self.cursor, own, undone=chosen)

    def _undoing(self, number: int) -> Decision:
        same = self._log.same(number)
        try:
            return undoing(same, number, self.who)
        except PhotobenchError:
            raise Refused(words.DOES_NOT_STAND(number=number)) from None

    # --- ids ---------------------------------------------------------------------------------------------------------------

    def row(self, row: int) -> int:
        """Raises PhotobenchError where there is no such photo."""
        if not 0 <= row < len(self.photos):
            raise Refused(words.NO_PHOTO(photo=row, last=len(self.photos) - 1))
        return row

    def finding(self, place: int) -> Finding:
        """Raises PhotobenchError where there is no such finding."""
        if not 0 <= place < len(self.found.findings):
            raise Refused(words.NO_FINDING(finding=place, num=len(self.found.findings)))
        return self.found.findings[place]


def _why(note: str, did: str, seen: Finding | None) -> str:
    """`"not her (review: kept, labels 0.97 suggested female)"`: the person's own words, what they did, and what they saw."""
    suggested = f" suggested {seen.suggested or 'to leave it out'}" if seen and seen.fix != "look" else ""
    saw = f"{seen.check} {seen.score:.2f}{suggested}" if seen else ""
    inside = ", ".join(filter(None, [did, saw]))
    told = f"review: {inside}" if inside else "review"
    return f"{note} ({told})" if note else told


def open_review(bench: Bench, name: str = "") -> Review:
    """The photos as they are today, read if they never were, with what the last audit found.

    Args:
        name: who decides; the user's name on this machine where it is empty.

    Raises:
        PhotobenchError: the project has mistakes, or another process holds the workspace and the photos were never read.
    """
    photos = review_photos(bench)
    found = last_findings(bench, photos, bench.workspace.list_decisions())
    return Review(bench, photos, found, name)
