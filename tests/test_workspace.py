from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from photobench.errors import WorkspaceError
from photobench.records import RunRecord
from photobench.words import duration
from photobench.workspace import Workspace, check_can_write, disk_errors, write_atomic
from photobench.workspace import lock as locking
from photobench.workspace.lock import IN_USE, Holder


def a_run(workspace: Workspace, name: str, status: str = "finished", created: str = "2026-01-01") -> RunRecord:
    (workspace.runs / name).mkdir(parents=True)
    record = RunRecord(name, status, created, "key", {"a": 1}, 0, "data", f"runs/{name}", {"macro_f1": 0.5})
    workspace.save_run(record)
    return record


def test_a_run_for_another_purpose_is_only_meant_by_its_name(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    a_run(workspace, "001-resnet18")
    workspace.save_run(replace(a_run(workspace, "002-resnet18"), purpose="audit"))
    assert workspace.find_run().name == "001-resnet18"
    assert workspace.find_run("002").purpose == "audit"


HOLD = "import sys, time; from photobench.workspace import Workspace\nwith Workspace(sys.argv[1]).lock('photobench train'):\n print('held', flush=True); time.sleep(60)"


@pytest.fixture
def holder(tmp_path: Path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_the_second_is_told_who_holds_the_lock(tmp_path: Path, holder: subprocess.Popen) -> None:
    with (
        pytest.raises(WorkspaceError) as refused,
        Workspace(tmp_path).lock("photobench run"),
    ):
        pass
    words = (
        rf"`photobench train` has worked in {tmp_path} since \d\d:\d\d \(less than a minute; process {holder.pid} on "
    )
    assert re.match(words, str(refused.value))


@pytest.mark.parametrize(
    ("ago", "since", "minutes"),
    [
        (timedelta(seconds=70), r"\d\d:\d\d|\d{4}-.*", 1),
        (timedelta(hours=3, minutes=12), r"\d\d:\d\d|\d{4}-.*", 192),
        (timedelta(days=2), r"\d{4}-\d\d-\d\d \d\d:\d\d", 2880),
    ],
)
def test_since_when_somebody_works_is_told_as_people_do(ago: timedelta, since: str, minutes: int) -> None:
    then = (datetime.now().astimezone() - ago).isoformat(timespec="milliseconds")
    holder = Holder.read({"purpose": "photobench train", "pid": 7, "host": "box", "since": then})
    assert re.fullmatch(since, holder.since)
    assert holder.minutes == minutes
    assert f"({duration(60 * minutes)}; process 7 on box)" in str(IN_USE(root="/w", **vars(holder)))


def test_a_killed_holder_frees_the_lock(tmp_path: Path, holder: subprocess.Popen) -> None:
    holder.kill()
    holder.wait()
    with Workspace(tmp_path).lock("photobench run"):
        assert f'"pid": {os.getpid()}' in (tmp_path / ".lock.json").read_text()


@pytest.mark.parametrize("host", [socket.gethostname(), "the-container-before"])
def test_what_a_killed_holder_left_behind_is_no_use_of_the_workspace(
    tmp_path: Path, holder: subprocess.Popen, host: str
) -> None:
    workspace, left = Workspace(tmp_path), tmp_path / ".lock.json"
    assert workspace.is_in_use()
    holder.kill()
    holder.wait()
    left.write_text(json.dumps(json.loads(left.read_text()) | {"pid": 1, "host": host}))  # somebody else's number today
    assert not workspace.is_in_use()


def test_a_holder_of_the_same_number_on_another_machine_is_another(tmp_path: Path, holder: subprocess.Popen) -> None:
    told = tmp_path / ".lock.json"
    told.write_text(json.dumps(json.loads(told.read_text()) | {"pid": os.getpid(), "host": "another-container"}))
    assert Workspace(tmp_path).is_in_use()


def test_what_this_process_holds_is_in_use_for_others_alone(tmp_path: Path) -> None:
    ask = "import sys; from photobench.workspace import Workspace; print(Workspace(sys.argv[1]).is_in_use())"
    with Workspace(tmp_path).lock("photobench train"):
        assert not Workspace(tmp_path).is_in_use()
        other = subprocess.run([sys.executable, "-c", ask, str(tmp_path)], capture_output=True, text=True, check=True)
    assert other.stdout == "True\n"


LOOK = "import sys; from pathlib import Path; from photobench.workspace.lock import is_locked\nprint(flush=True)\nwhile True: is_locked(Path(sys.argv[1]))"


def test_who_looks_whether_a_lock_is_free_refuses_nobody(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    looking = subprocess.Popen([sys.executable, "-c", LOOK, str(tmp_path / ".lock")], stdout=subprocess.PIPE, text=True)
    assert looking.stdout is not None and looking.stdout.readline()
    try:
        for _ in range(100):
            claim = Workspace(tmp_path).claim(tmp_path / ".lock")
            assert claim is not None
            claim.release()
            with Workspace(tmp_path).lock("photobench run"):
                pass
    finally:
        looking.kill()
        looking.wait()


def test_a_run_that_is_trained_apart_makes_the_workspace_busy_until_it_is_gone(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    record = a_run(workspace, "001-resnet18", status="running")
    assert not workspace.is_busy()
    claim = workspace.claim_run(record)
    assert claim is not None
    assert workspace.is_busy() and not workspace.is_in_use()
    claim.release()
    assert not workspace.is_busy()


def test_the_lock_nests_within_one_workspace(tmp_path: Path) -> None:
    workspace, other = Workspace(tmp_path), Workspace(tmp_path)
    with workspace.lock("run"):
        with workspace.lock("train"):
            pass
        with pytest.raises(WorkspaceError, match=r"^`run` has worked in "), other.lock("crop"):
            pass  # what was nested has not let go of it
    with other.lock("crop"):
        assert (tmp_path / ".lock.json").exists()
    assert not (tmp_path / ".lock.json").exists()


def test_threads_of_one_process_take_turns(tmp_path: Path) -> None:
    workspace, first_inside, may_go, second_inside = Workspace(tmp_path), *(threading.Event() for _ in range(3))
    refused = []

    def first() -> None:
        with workspace.lock("run"):
            first_inside.set()
            may_go.wait(10)

    def second() -> None:
        first_inside.wait(10)
        with workspace.lock("explain"):
            second_inside.set()
            with pytest.raises(WorkspaceError, match=r"^`explain` has worked in "), Workspace(tmp_path).lock("crop"):
                pass  # the first, which is gone, has not taken it along
            refused.append(True)

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    assert first_inside.wait(10) and not second_inside.wait(0.2), "both were inside at once"
    may_go.set()
    for thread in threads:
        thread.join(10)
    assert refused == [True]


def test_whoever_waits_for_a_turn_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(locking, "UNTOLD_S", 0.1)
    path, is_taken = tmp_path / "turn.lock", threading.Event()

    def first() -> None:
        with Workspace(tmp_path).turn(path):
            is_taken.set()
            time.sleep(0.4)

    threading.Thread(target=first).start()
    is_taken.wait(10)
    with Workspace(tmp_path).turn(path):
        assert capsys.readouterr().err == "waiting for another photobench\n"
    with Workspace(tmp_path).turn(path):
        assert capsys.readouterr().err == ""


def test_runs_are_found_by_the_start_of_their_name(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    a_run(workspace, "001-resnet18", created="2026-01-02")
    a_run(workspace, "002-resnet34", created="2026-01-01")
    a_run(workspace, "003-vit", status="interrupted")
    assert workspace.find_run().name == "002-resnet34"  # the one that was written last
    assert workspace.find_run("002").name == "002-resnet34"
    assert workspace.new_run_name("x") == "004-x"
    with pytest.raises(WorkspaceError, match="start of 3 runs"):
        workspace.find_run("00")
    with pytest.raises(WorkspaceError, match="003-vit is interrupted"):
        workspace.find_run("003")
    with pytest.raises(WorkspaceError, match=r'no run "001-resnet19". Did you mean "001-resnet18"'):
        workspace.find_run("001-resnet19")


def test_runs_survive_a_reopening(tmp_path: Path) -> None:
    record = a_run(Workspace(tmp_path), "001-a")
    assert Workspace(tmp_path).list_runs() == [record]


def test_no_finished_run_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="photobench train"):
        Workspace(tmp_path).find_run()


def test_products_are_current_while_their_inputs_are(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    path = tmp_path / "report.html"
    assert not workspace.is_current(path, "a")
    assert workspace.derived(path, "a", lambda: "x") == b"x"
    assert workspace.derived(path, "a", lambda: "made again") == b"x"
    assert workspace.is_current(path, "a")
    assert not workspace.is_current(path, "b")
    path.unlink()
    assert not workspace.is_current(path, "a")


def test_a_product_is_known_by_its_content(tmp_path: Path) -> None:
    """Of two that were made at once of different inputs, the file of one beside the word of the other is neither."""
    workspace, path = Workspace(tmp_path), tmp_path / "evaluation.json"

    def while_another_makes_it() -> str:
        Workspace(tmp_path).derived(path, "theirs", lambda: "of theirs")
        return "of ours"

    assert workspace.derived(path, "ours", while_another_makes_it) == b"of ours"
    path.write_bytes(b"of theirs")  # as where their file came after ours, and our word after theirs
    assert workspace.recall(path, "ours") is None
    assert workspace.derived(path, "theirs", lambda: "of theirs") == b"of theirs"


def test_nothing_is_kept_beside_what_was_removed_meanwhile(tmp_path: Path) -> None:
    gone = tmp_path / "runs" / "001-resnet18"
    assert Workspace(tmp_path).derived(gone / "evaluation-valid.json", "a", lambda: "x") == b"x"
    assert not gone.exists()


def test_threads_may_write_the_same_file_at_once(tmp_path: Path) -> None:
    parts = [bytes([number]) * 1_000_000 for number in range(4)]
    threads = [threading.Thread(target=write_atomic, args=(tmp_path / "x", part)) for part in parts for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (tmp_path / "x").read_bytes() in parts
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_timings_keep_their_order(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for name in ("pack", "train", "evaluate"):
        workspace.add_timing(name, 1.0)
        time.sleep(0.002)
    assert list(workspace.timings()) == ["pack", "train", "evaluate"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_atomic(path, b"old")
    with pytest.raises(TypeError):
        write_atomic(path, "text, not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_a_sentence() -> None:
    with (
        pytest.raises(WorkspaceError, match=r"disk is full: /dev/full"),
        disk_errors(Path("/dev/full")),
        Path("/dev/full").open("wb") as file,
    ):
        file.write(b"x" * 100)
        file.flush()


def test_where_no_file_can_be_is_said_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="is a folder: name a file"):
        check_can_write(tmp_path)
    with pytest.raises(WorkspaceError, match="is a file and no folder"):
        check_can_write(tmp_path / "file" / "deep" / "x.csv")
    check_can_write(tmp_path / "new" / "folder" / "x.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_read_only_workspace_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root may write anywhere
    try:
        with (
            pytest.raises(WorkspaceError, match=r"cannot be written .*--workspace"),
            Workspace(tmp_path).lock("photobench run"),
        ):
            pass
    finally:
        os.seteuid(user)
        tmp_path.chmod(0o755)


DECIDE_AT_ONCE = """
import sys, time
from pathlib import Path
from photobench.records import Decision
from photobench.workspace import Workspace
root = Path(sys.argv[1])
print("ready", flush=True)
while not (root / "go").exists():
    pass
for number in range(5):
    Workspace(root).add_decisions([Decision("a.jpg", "label", None, str(number), sys.argv[2], "")])
"""


def test_a_new_database_may_be_opened_by_several_at_once(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", DECIDE_AT_ONCE, str(tmp_path), who], stdout=subprocess.PIPE)
        for who in ("ann", "ben", "carl")
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    (tmp_path / "go").touch()
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    decisions = Workspace(tmp_path).numbered_decisions()
    assert list(decisions) == list(range(1, 16))
    assert [d.new for d in decisions.values() if d.who == "ben"] == list("01234")
