"""From a trained run to a score on the leaderboard, and what is sent next."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import photobench as pb
from photobench import workflow
from photobench.errors import InUse, LedgerError
from photobench.workflow import ledger_table, open_bench, plan_submissions, record_score, send, undo_submission
from tests.conftest import COLOURS, Cli, draw_folder, draw_photo
from tests.postgres_server import PASSWORD, Server

FAST = {
    "backbone": "test_resnet",
    "weights": "none",
    "size_px": 32,
    "batch_size": 8,
    "bootstraps": 50,
    "precision": "fp32",
}
NUM_ASKED = 12


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bench with two runs of different epochs, and a set of two folds; nothing was sent."""
    root = tmp_path_factory.mktemp("ledger")
    draw_folder(root / "set" / "train", people=5, each=2)
    colours = list(COLOURS.values())
    names = [draw_photo(root / "set" / "test" / f"{i:02d}.jpg", colours[i % 3], 900 + i).name for i in range(NUM_ASKED)]
    pd.DataFrame({"id": names, "label": "red"}).to_csv(root / "set" / "sample_submission.csv", index=False)
    bench = pb.init(root / "set", root / "bench")
    bench.train(folds=2, epochs=1, **FAST)
    bench.train(epochs=1, **FAST)
    bench.train(epochs=3, lr=3e-3, **FAST)
    return root


@pytest.fixture
def space(trained: Path, tmp_path: Path) -> Path:
    """A copy of it for one test, beside it: its paths are relative."""
    return Path(shutil.copytree(trained / "bench", trained / tmp_path.name))


def test_made_sent_scored_and_taken_back(space: Path) -> None:
    bench = pb.open(space)
    path = bench.get_run("003").submit()
    row = bench.ledger().iloc[0]
    said = bench.get_run("003").evaluate()["valid"].joint.metrics["macro_f1"]
    assert (row["number"], row["file"], row["answerer"], row["kind"]) == (1, path.name, "003-test_resnet", "runs")
    assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (row["expected"], row["measured_on"], row["sent"]) == (pytest.approx(said.value), "valid", "")
    frame = bench.record(0.25, at="2026-03-01T14:30+09:00")
    assert frame.loc[0, "score"] == 0.25
    assert frame.loc[0, "sent"] == "2026-03-01T14:30:00.000+09:00"
    assert frame.loc[0, "apart"] == pytest.approx(0.25 - said.value)
    picture = space / "submissions" / "leaderboard.png"
    assert Image.open(picture).width > 1000
    assert "The leaderboard" in bench.report("003").read_text(encoding="utf-8")
    assert "the score 0.2500. It does not count as sent" in undo_submission(open_bench(space), 1)
    assert not picture.exists()
    send(open_bench(space))
    record_score(open_bench(space), 0.3)
    assert "It counts as sent" in undo_submission(open_bench(space), 1)
    assert bench.ledger()["score"].isna().all()
    events = open_bench(space).workspace.ledger().read().events
    assert [event.kind for event in events] == ["scored", "undone", "sent", "scored", "undone"]


def test_the_same_answers_are_the_same_submission_whoever_gives_them(space: Path, capfd: pytest.CaptureFixture) -> None:
    bench = pb.open(space)
    path = bench.get_run("003").submit()
    bench.record(0.25)
    frame = pd.read_csv(path).sample(frac=1, random_state=0)
    frame.to_csv(space / "again.csv", index=False, sep=";", lineterminator="\r\n")
    with pytest.raises(pb.PhotobenchError, match="form of"):
        bench.record(0.3, file=space / "again.csv")
    pd.read_csv(path).to_csv(space / "again.csv", index=False)
    with pytest.raises(LedgerError, match="has its score"):
        bench.record(0.3, file=space / "again.csv")
    bench.get_run("003").submit()
    assert "sending them again would teach nothing" in capfd.readouterr().err
    assert len(bench.ledger()) == 1


def test_status_and_export(space: Path, tmp_path: Path, cli: Cli) -> None:
    for run in ("003", "004"):
        assert cli("submit", "--run", run, "-w", space).returncode == 0
    assert "2 submissions wait for their score" in cli("submit", "record", "0.4", "-w", space).stderr
    assert cli("submit", "record", "0.4", "-n", "2", "-w", space).returncode == 0
    lines = cli("submit", "status", "-w", space).stdout.splitlines()
    assert lines[0].startswith("1 of 10 sent on ")
    assert "not sent" in lines[3] and "0.4000" in lines[4]
    assert cli("submit", "export", "all.csv", "-w", space).stdout == "all.csv: 2 submissions\n"
    kept = pd.read_csv(tmp_path / "all.csv")
    assert kept["score"].tolist()[1:] == [0.4]
    assert kept["runs"].tolist() == ["003-test_resnet", "004-test_resnet"]
    assert [("train.lr = 0.003" in told, 'model.backbone = "test_resnet"' in told) for told in kept["options"]] == [
        (False, True),
        (True, True),
    ]
    assert cli("submit", "export", "two.csv", "-n", "2", "-w", space).returncode == 0
    assert (tmp_path / "two.csv").read_bytes() == (space / "submissions" / "004-test_resnet.csv").read_bytes()
    assert "name a .csv or a .parquet" in cli("submit", "export", "all.txt", "-w", space).stderr


def test_the_plan_knows_who_was_sent_and_how_much_others_change(space: Path) -> None:
    bench = open_bench(space)
    before = plan_submissions(bench).frame.set_index("name")["expected"]
    assert sorted(before.index) == ["001-test_resnet-2-folds", "003-test_resnet", "004-test_resnet"]  # no fold alone
    first, second = (pd.read_csv(workflow.submit(bench, run)) for run in ("003", "004"))
    record_score(bench, 0.1, number=1)
    plan = plan_submissions(open_bench(space))
    found = plan.frame.set_index("name")
    assert sorted(found.index) == ["001-test_resnet-2-folds", "004-test_resnet"]
    assert found.loc["004-test_resnet", "changed"] == pytest.approx((first["label"] != second["label"]).mean())
    ahead = before["004-test_resnet"] - before["003-test_resnet"]  # on the photos that both held out
    assert found.loc["004-test_resnet", "hoped"] == pytest.approx(0.1 + ahead)
    assert np.isnan(found.loc["001-test_resnet-2-folds", "changed"])  # no fold was asked
    assert "is not known before the evaluation photos are predicted" in str(plan)
    assert "as the first of the sets of folds" in found.loc["001-test_resnet-2-folds", "lesson"]
    assert not (space / "runs" / "001-test_resnet" / "predictions-predict.parquet").exists()


def test_an_ensemble_of_what_a_search_trained_can_be_sent_its_members_alone_cannot(space: Path) -> None:
    pb.open(space).ensemble("003", "004", method="soft")
    workspace = open_bench(space).workspace
    workspace.save_run(replace(workspace.find_run("004-test_resnet"), purpose="tune"))
    found = {p.candidate.name for p in plan_submissions(open_bench(space)).proposals}
    assert found == {"001-test_resnet-2-folds", "003-test_resnet", "ensemble-001-soft"}


def test_a_submission_is_made_and_planned_while_another_process_trains(space: Path) -> None:
    with open_bench(space).workspace.lock("photobench train"):
        assert workflow.submit(open_bench(space), "003").exists()
        assert len(plan_submissions(open_bench(space)).proposals) == 3


def test_a_plan_for_which_photos_have_to_be_read_waits_until_nobody_trains(trained: Path, tmp_path: Path) -> None:
    for part in ("set", "bench"):
        shutil.copytree(trained / part, tmp_path / part)
    root = tmp_path / "bench"
    workflow.submit(open_bench(root), "003")
    draw_photo(tmp_path / "set" / "test" / "99.jpg", COLOURS["red"], 99)
    with (
        open_bench(root).workspace.lock("photobench train"),
        pytest.raises(InUse, match="`photobench train` has worked"),
    ):
        plan_submissions(open_bench(root))
    assert len(plan_submissions(open_bench(root)).proposals) == 3


KAGGLE = """#!/bin/sh
echo "$@" >> {log}
cp "$6" {log}.csv
[ "$4" = "full" ] && {{ echo "400 - Bad Request - Submission limit reached"; exit 1; }}
echo "Successfully submitted to $4"
"""


def test_kaggles_command_line_uploads(space: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workflow.submit(open_bench(space), "003")
    options = {"uploader": "kaggle", "competition": "full"}
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LedgerError, match="there is no kaggle on the PATH"):
        send(open_bench(space, [{"ledger": options}]))
    script = tmp_path / "bin" / "kaggle"
    script.parent.mkdir()
    script.write_text(KAGGLE.format(log=tmp_path / "log"))
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    with pytest.raises(LedgerError, match=r"Submission limit reached. It does not count as sent"):
        send(open_bench(space, [{"ledger": options}]))
    assert ledger_table(open_bench(space))["sent"].tolist() == [""]
    said = send(open_bench(space, [{"ledger": options | {"competition": "titanic"}}]))
    assert said.startswith("1 (003-test_resnet): uploaded.")
    assert (tmp_path / "log.csv").read_bytes() == path.read_bytes()
    assert (tmp_path / "log").read_text().splitlines()[-1].endswith(f"{path.name} -m 1 (003-test_resnet)")
    assert ledger_table(open_bench(space))["sent"].tolist() != [""]


def test_the_file_is_named_before_what_to_do_with_it(space: Path, cli: Cli) -> None:
    done = cli("submit", "--run", "003", "-w", space)
    path = space / "submissions" / "003-test_resnet.csv"
    assert done.stdout.splitlines() == [
        f"{path} has the form of the sample.",
        "It is number 1. Upload it, then: photobench submit record SCORE --number 1",
    ]
    assert "Upload" not in done.stderr


def test_a_journey_ends_with_its_file_though_nobody_answers(space: Path, cli: Cli) -> None:
    options = [f"{key}={value}" for key, value in (("model.backbone", "test_resnet"), ("model.weights", "none"))]
    sets = [word for text in (*options, "model.size_px=32", "train.batch_size=8", "train.epochs=1", "train.precision=fp32",
                              "evaluate.bootstraps=50") for word in ("--set", text)]  # fmt: skip
    url = ("--set", "ledger.url=postgresql://kim@127.0.0.1:1/team")
    done = cli("run", "-w", space, *sets, *url)
    assert done.returncode == 0, done.stderr
    assert "Enter the submission later with: photobench submit make --run 003-test_resnet" in done.stderr
    path = space / "submissions" / "003-test_resnet.csv"
    assert path.exists()
    path.unlink()
    assert cli("submit", "--run", "003", "-w", space, *url).returncode == 2
    assert not path.exists()


def test_a_team_shares_files_and_scores(
    trained: Path,
    space: Path,
    tmp_path: Path,
    postgres: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    team = {"ledger.url": postgres.new_database()}
    other = Path(shutil.copytree(trained / "bench", trained / f"{tmp_path.name}-other"))
    mine, theirs = pb.open(space, **team), pb.open(other, **team)
    path = mine.get_run("003").submit()
    theirs.record(0.4)
    assert mine.ledger()["score"].tolist() == [0.4]
    taken = tmp_path / "taken.csv"
    workflow.take_out(open_bench(other, [{"ledger": {"url": team["ledger.url"]}}]), 1, taken)
    assert taken.read_bytes() == path.read_bytes()
    theirs.get_run("003").submit()
    assert len(theirs.ledger()) == 1
    assert pb.open(space).ledger().empty
