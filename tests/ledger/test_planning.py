from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from photobench.evaluation import Figure
from photobench.ledger import words
from photobench.ledger.calibration import calibrate
from photobench.ledger.options import LedgerOptions
from photobench.ledger.planning import Beside, Candidate, best, propose
from photobench.ledger.standing import Entry
from photobench.records import LedgerEvent, Submission

NOW = datetime.fromisoformat("2026-03-01T18:00+09:00")


def entry(number: int, expected: float, score: float | None, kind: str = "runs") -> Entry:
    submission = Submission(
        number, f"{number}.csv", f"run{number}", kind, "", f"{number}", "2026-03-01T10:00+09:00", "kim", "macro_f1", expected,
        expected - 0.03, expected + 0.03, "valid", 100,
    )  # fmt: skip
    event = LedgerEvent(
        number, number, "scored" if score is not None else "sent", "2026-03-01T12:00+09:00", "kim", "", score
    )
    return Entry(submission, (event,))


def candidate(name: str, value: float, **more) -> Candidate:
    kind = more.pop("kind", "runs")
    return Candidate(name, kind, Figure(value, value - 0.04, value + 0.04), "valid", 100, **more)


SENT = [entry(1, 0.70, 0.66), entry(2, 0.72, 0.69), entry(3, 0.74, 0.70)]


def test_the_chance_is_that_of_drawn_leaderboards() -> None:
    """A difference of 0.02 with a standard deviation of 0.02 on 100 photos, and a leaderboard of 300."""
    ahead = Figure(0.02, 0.02 - 1.96 * 0.02, 0.02 + 1.96 * 0.02)
    (found,) = propose([candidate("a", 0.76, beside=(Beside("3 (run3)", 0.70, ahead),))], SENT, num_asked=300)
    rng = np.random.default_rng(0)
    true = 0.02 + rng.normal(0, 0.02, 400_000)
    gained = true + rng.normal(0, 0.02 / np.sqrt(3), len(true))
    assert found.chance == pytest.approx((gained > 0).mean(), abs=0.005)
    assert found.gain == pytest.approx(np.maximum(gained, 0).mean(), abs=0.0005)


def test_what_answers_nearly_as_a_submission_is_expected_to_score_nearly_as_it_did() -> None:
    """Validation alone would have it beat the best with even chances."""
    best_one = Beside("3 (run3)", 0.70, Figure(0.0, -0.06, 0.06), changed=0.3)
    near = Beside("1 (run1)", 0.66, Figure(0.002, -0.003, 0.007), changed=0.01)
    (found,) = propose([candidate("near", 0.74, beside=(best_one, near))], SENT, num_asked=300)
    assert found.hoped.value == pytest.approx(0.662)
    assert found.hoped.low == pytest.approx(0.662 - 1.96 * np.sqrt(0.01 / 300), abs=1e-4)
    assert found.chance < 0.001
    assert not found.is_worth_it


def test_without_the_same_photos_the_scores_so_far_say_how_sure_it_is() -> None:
    high, low = propose([candidate("low", 0.70), candidate("high", 0.80)], SENT, 300)
    assert (high.candidate.name, low.candidate.name) == ("high", "low")
    assert high.hoped.value == pytest.approx(0.80 - 0.11 / 3)
    assert high.chance > 0.95 > 0.05 > low.chance
    assert high.is_worth_it and not low.is_worth_it
    assert best(SENT) is SENT[2]


def test_of_equal_chances_what_changes_more_comes_first() -> None:
    pair = [
        candidate("alike", 0.76, changed=0.01, nearest="3 (run3)"),
        candidate("other", 0.76, changed=0.2, nearest="3 (run3)"),
    ]
    other, alike = propose(pair, SENT, 300)
    assert (other.candidate.name, alike.candidate.name) == ("other", "alike")
    assert alike.lesson.startswith("little: its answers are nearly those of 3 (run3)")


def test_what_is_new_is_worth_a_try_and_what_is_hopeless_is_not() -> None:
    folds = candidate("folds", 0.735, kind="sets of folds")
    hopeless = candidate("hopeless", 0.4, kind="sets of folds")
    first, last = propose([hopeless, folds], SENT, 300)
    assert first.candidate.name == "folds"
    assert "as the first of the sets of folds" in first.lesson
    assert not last.is_worth_it
    text = words.plan([last], SENT, LedgerOptions(), NOW)
    assert text.startswith("Nothing is worth a submission now. hopeless is the most promising")
    assert "3 of 10 sent on 1 March, 7 left until 00:00" in text


def test_nothing_sent_and_nothing_to_send() -> None:
    (only,) = propose([candidate("only", 0.7)], [], 300)
    assert only.is_worth_it
    assert "how far validation is from the leaderboard" in words.plan([only], [], LedgerOptions(), NOW)
    assert "Train something else first" in words.plan([], SENT, LedgerOptions(), NOW)


def test_a_validation_without_an_interval_is_said() -> None:
    unsure = Candidate("unsure", "sets of folds", Figure(0.9), "out of fold", 40)
    two = SENT[:2]
    text = words.plan(propose([unsure], two, 300), two, LedgerOptions(), NOW)
    assert "cannot be said, for its validation has no interval" in text


def test_what_several_would_teach_is_said_once() -> None:
    """Of the first, and of others who would teach the same, beside the advice; of the rest below the table."""
    first, second = (candidate(name, 0.73, kind="sets of folds") for name in ("one", "two"))
    lesson = (
        "whether what is measured on one validation split goes with the leaderboard, as the first of the sets of folds"
    )
    text = words.plan(propose([first, second], SENT, 300), SENT, LedgerOptions(), NOW)
    assert text.count("would teach") == 1 and text.count(lesson) == 1
    assert f"It would teach {lesson} (so would two)." in text
    text = words.plan(propose([first, candidate("run", 0.73)], SENT, 300), SENT, LedgerOptions(), NOW)
    assert f"It would teach {lesson}. Make it" in text
    assert "\n\nrun would teach a bit more of how validation and leaderboard go together: 3 of the 4 scores" in text
    assert "\n\n\n" not in text


def told(*pairs: tuple[float, float]) -> str:
    return words.calibration_words([entry(n, *pair) for n, pair in enumerate(pairs, 1)])[-1]


def test_why_nothing_can_be_said_of_the_correlation_and_when_it_can() -> None:
    assert told((0.7, 0.6), (0.8, 0.7)).endswith("can be told from 4 scores on.")
    same = told((0.7, 0.6), (0.7, 0.61), (0.7, 0.62), (0.7, 0.63))
    assert same.endswith("can be told once one with another validation has a score: all 4 have the same validation.")
    assert told((0.6, 0.6), (0.7, 0.6), (0.8, 0.6), (0.9, 0.6)).endswith(
        "once a score differs: all 4 have the same score."
    )
    chance = told((0.1, 0.1), (0.2, 0.3), (0.3, 0.35), (0.4, 0.6))
    assert "cannot be told from 4 scores: they may stand so by chance (Pearson +0." in chance
    assert chance.endswith("Spearman +1.00 (-0.82 to +1.00)). If it goes on like this, 6 scores will tell.")
    nothing = told((0.1, 0.5), (0.2, 0.1), (0.3, 0.6), (0.4, 0.3))
    assert (
        "cannot be told from 4 scores: the one hardly goes with the other (Pearson" in nothing
        and "will tell" not in nothing
    )
    against = told(*((0.1 * n, 0.9 - 0.1 * n + 0.01 * (n % 2)) for n in range(8)))
    assert against.startswith("Better validation goes with a worse score: Pearson -")
    told_so = told(*((0.1 * n, 0.1 * n + 0.01 * (n % 2)) for n in range(8)))
    assert told_so.startswith("Better validation goes with a better score: Pearson +")


def test_as_many_scores_as_are_said_to_be_needed_are_enough() -> None:
    """The same relation with so many scores is beyond doubt, and with one fewer it is not."""
    few = calibrate(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.1, 0.3, 0.35, 0.6]))
    needed = few.num_needed()
    assert needed == 6
    for num, is_enough in ((needed, True), (needed - 1, False)):
        x = np.linspace(0.1, 0.4, num)
        assert calibrate(x, x).goes_together is is_enough
