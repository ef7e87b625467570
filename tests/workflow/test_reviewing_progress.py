"""How fast a person reviews."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from photobench import workflow
from photobench.workflow.reviewing.progress import PAUSE_S, Progress, per_minute
from tests.web.client import relabel, write_findings

BEGIN = datetime(2026, 5, 4, 9, 0)


def at(*seconds: float) -> list[datetime]:
    return [BEGIN + timedelta(seconds=second) for second in seconds]


def test_a_pause_makes_nobody_slow() -> None:
    steady = per_minute(at(0, 3, 6, 9))
    assert steady == 20
    assert per_minute(at(0, 3, 6, 9 + 3 * PAUSE_S, 12 + 3 * PAUSE_S)) == steady


def test_the_rate_of_one_decision_or_of_many_at_once() -> None:
    assert per_minute(at(0)) == per_minute(at()) == per_minute(at(0, PAUSE_S + 1)) == 0
    assert per_minute(at(*[0.001 * n for n in range(11)])) == 600  # in one go, from the grid


def test_at_what_a_rule_decided_nobody_looked(workspace: Path, tmp_path: Path) -> None:
    findings = [relabel("red/person00_0.jpg", "red", "blue", 0.9), relabel("red/person01_0.jpg", "red", "green", 0.6)]
    bench = workflow.open_bench(workspace)
    workflow.prepare(bench)
    write_findings(workspace, findings)
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\ncheck = "labels"\nmin_score = 0.8\ndo = "relabel"\n')
    workflow.apply_rules(bench, findings, rules)
    told = Progress(workflow.open_review(workflow.open_bench(workspace))).to_json()
    assert (told["reviewed"], told["ruled"], told["left"]) == (0, 1, 1), "it is settled"
    assert (told["suggested"], told["accepted"]) == (0, 0), "and tells nothing of how often suggestions are right"
    assert told["words"].endswith("Rules have decided on 1 more, at which nobody looked.")


def test_whoever_agrees_with_a_rule_on_the_page_has_looked(workspace: Path, tmp_path: Path) -> None:
    bench = workflow.open_bench(workspace)
    workflow.prepare(bench)
    found = [relabel("red/person00_0.jpg", "red", "blue", 0.9), relabel("red/person01_0.jpg", "red", "green", 0.85)]
    write_findings(workspace, found)
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\ncheck = "labels"\nmin_score = 0.8\ndo = "relabel"\n')
    workflow.apply_rules(bench, found, rules)
    review = workflow.open_review(workflow.open_bench(workspace))
    assert review.ruled_F.tolist() == [True, True]
    agreed = review.decide(review.accept([0]), review.cursor)
    assert (len(agreed.own), agreed.unchanged, agreed.events[-1]["by_rule"]) == (1, 0, False)
    review.decide(review.keep([1]), review.cursor)
    assert review.ruled_F.tolist() == [False, False]
    assert review.wrong_F.tolist() == [True, True], "both labels were found wrong by who looked"
    assert "Rules have decided" not in Progress(review).to_json()["words"]
    assert review.decide(review.keep([1]), review.cursor).unchanged == 1
    review.undo(review.cursor)
    assert review.ruled_F.tolist() == [False, True]
    assert review.stands("red/person01_0.jpg", "label") == "green"


def test_what_is_taken_back_is_no_part_of_the_rate(workspace: Path) -> None:
    workflow.prepare(workflow.open_bench(workspace))
    write_findings(workspace, [relabel(f"red/person0{n}_0.jpg", "red", "blue", 0.9) for n in range(4)])
    review = workflow.open_review(workflow.open_bench(workspace))
    told = Progress(review)
    for place in range(4):
        review.decide(review.accept([place]), review.cursor)
    assert told.to_json()["per_minute"] > 0
    for _ in range(4):
        review.undo(review.cursor)
    found = told.to_json()
    assert (found["reviewed"], found["per_minute"], found["left_s"]) == (0, 0, None)
