"""From made-up rates to the sentence that a person reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from photobench.doctor import verdict
from photobench.doctor.checkup import Checkup
from photobench.doctor.facts import Case, Machine, Measured, Pace, Setting, Trial, Work
from photobench.doctor.trials import candidates

MACHINE = Machine("cpu, 8 threads", cores=8, load=0.2)
WORK = Work(num_train=9_000, num_valid=1_000, epochs=10, num_to_decode=0)
CASE = Case(MACHINE, "resnet18 at 224 px", "medium", 256, 256, batch_size=32, decode=400.0, work=WORK)
MODEL = {"transfer": 1e-5, "forward": 2e-4, "backward": 3e-4, "step": 1.6e-5}
"""1,901 photos/s."""
FAST = {"read": 1e-6, "augment": 1e-5, "collate": 1e-6, **MODEL}
STARVED = {"read": 1e-4, "augment": 3e-3, "collate": 1e-4, **MODEL}
MORE_WORKERS = Trial("train.workers", 0, 6, (5.1, 5.3, 5.2))


def measured(parts: dict[str, float], loader: float, *trials: Trial, case: Case = CASE) -> Measured:
    rate = 1 / (1 / loader + sum(MODEL.values()))
    return Measured(case, Setting(0, "bf16", 32, 8), parts, loader, Pace(0.5, rate), trials)


def test_a_starved_model_names_the_loader_its_heaviest_part_and_the_cure() -> None:
    found = measured(STARVED, 310.0, MORE_WORKERS)
    assert verdict.cause(found) == "loader"
    assert verdict.sentence(found) == (
        "The loader limits: it gives 310 photos/s, the model could take 1,901 photos/s, and 94% of the loader's work is "
        "augment (augment.preset): train.workers = 6 trains 5.2 times as fast as 0."
    )
    assert verdict.changes(found) == {"train.workers": 6}


@pytest.mark.parametrize(
    ("slow", "cure"),
    [
        ("augment", 'a lighter augment.preset than "medium"'),
        ("read", "put the workspace on a faster disk"),
        ("collate", "augment.mix_share"),
    ],
)
def test_a_loader_that_no_setting_helps_is_told_what_would(slow: str, cure: str) -> None:
    found = measured({**FAST, slow: 3e-3}, 310.0, Trial("train.workers", 0, 1, (0.9,)))
    assert cure in verdict.sentence(found)
    assert verdict.changes(found) == {}


def test_squares_larger_than_needed_are_told_of() -> None:
    found = measured(STARVED, 310.0, case=replace(CASE, stored_px=512))
    assert "store smaller squares, 256 px and not 512 (pack.side_px = 0)" in verdict.sentence(found)


def test_workers_that_were_not_tried_are_not_said_to_be_of_no_use() -> None:
    found = replace(measured(STARVED, 310.0), untried=("train.workers 1",))
    assert "more train.workers may help" in verdict.sentence(found)
    assert "For lack of time not tried: train.workers 1." in str(Checkup(found))


def test_what_does_not_fit_is_said_and_not_taken_for_a_lack_of_time() -> None:
    text = str(Checkup(replace(measured(FAST, 9_000.0), too_large=("train.batch_size 64",))))
    assert "Does not fit into memory here: train.batch_size 64." in text
    assert "For lack of time" not in text


def test_the_lightest_preset_is_not_told_to_be_lighter() -> None:
    found = measured(STARVED, 310.0, case=replace(CASE, preset="light"))
    assert verdict.sentence(found).endswith("(augment.preset): more cores.")


def test_a_model_that_is_fed_names_the_model() -> None:
    found = measured(FAST, 80_000.0)
    assert verdict.cause(found) == "model"
    assert verdict.sentence(found).startswith(
        "The model limits: it takes 1,901 photos/s, the loader could give 80,000 photos/s, and 57% of the model's work is backward"
    )
    assert "no setting tried is faster" in verdict.sentence(found)
    assert not verdict.workers_may_help(found)
    quicker = measured(FAST, 80_000.0, Trial("train.precision", "fp32", "bf16", (1.9, 2.0, 1.8)))
    assert 'train.precision = "bf16" trains 1.9 times as fast as "fp32".' in verdict.sentence(quicker)


def test_augmentation_on_the_device_is_named_and_is_no_part_of_validating() -> None:
    found = measured({**FAST, "apply": 2e-3}, 80_000.0)
    assert "79% of the model's work is apply" in verdict.sentence(found)
    assert 'augment.on = "loader"' in verdict.sentence(found)
    assert "\napply " in str(Checkup(found))
    assert "\napply " not in str(Checkup(measured(FAST, 80_000.0)))
    more, without = (replace(m, training=found.training) for m in (found, measured(FAST, 80_000.0)))
    assert verdict.epoch_s(more) == verdict.epoch_s(without)


def test_threads_that_starve_each_other_are_named_before_all_else() -> None:
    case = replace(CASE, machine=replace(MACHINE, cores=2, load=5.4))
    fewer = Trial("threads", 2, 1, (9.8,))
    found = measured(STARVED, 310.0, fewer, MORE_WORKERS, case=case)
    assert verdict.cause(found) == "machine"
    assert verdict.sentence(found) == (
        "The machine limits: other work wants its 2 cores (load 5.4), and 1 thread trains 9.8 times as fast as 2: stop what "
        "else runs, or start with OMP_NUM_THREADS=1; then train.workers = 6 trains 5.2 times as fast as 0."
    )
    assert verdict.changes(found) == {"train.workers": 6}  # threads are no option of the project


def test_a_little_gain_by_fewer_threads_is_advice_and_no_alarm_where_the_machine_is_idle() -> None:
    found = measured(FAST, 80_000.0, Trial("threads", 8, 7, (1.1, 1.2, 1.1)))
    assert verdict.cause(found) == "model"
    assert "7 threads train 1.1 times as fast as 8 (OMP_NUM_THREADS=7)" in verdict.sentence(found)
    busy = replace(found, case=replace(CASE, machine=replace(MACHINE, load=12.0)))
    assert verdict.cause(busy) == "machine"


def test_more_threads_are_advice_too() -> None:
    found = measured(FAST, 80_000.0, Trial("threads", 1, 8, (4.0, 4.1, 4.2)))
    assert verdict.cause(found) == "model"
    assert "(OMP_NUM_THREADS=8)" in verdict.sentence(found)


def test_a_busy_machine_is_said_where_threads_do_not_show_it() -> None:
    found = measured(FAST, 80_000.0, case=replace(CASE, machine=replace(MACHINE, load=12.0)))
    assert verdict.sentence(found).endswith("All this beside other work (load 12.0): alone it may go faster.")
    unknown = measured(FAST, 80_000.0, case=replace(CASE, machine=replace(MACHINE, load=None)))
    assert "load" not in verdict.sentence(unknown).replace("loader", "")


@pytest.mark.parametrize("ratios", [(1.04, 1.04, 1.04), (0.99, 1.5, 1.6), (0.5,)])
def test_what_is_better_by_no_more_than_the_noise_is_not_proposed(ratios: tuple[float, ...]) -> None:
    assert not verdict.is_better(Trial("train.workers", 0, 1, ratios))


def test_of_several_that_are_as_good_the_cheapest_is_taken() -> None:
    trials = [Trial("train.workers", 0, new, (ratio,) * 3) for new, ratio in ((1, 1.5), (2, 2.9), (4, 3.0), (8, 2.0))]
    best = verdict.chosen(trials)
    assert best is not None
    assert best.new == 2
    assert verdict.chosen([]) is None


def test_what_changes_the_learning_is_shown_and_never_written() -> None:
    larger = Trial("train.batch_size", 32, 64, (1.5, 1.5, 1.5), learns_the_same=False)
    found = measured(FAST, 80_000.0, larger)
    assert verdict.changes(found) == {}
    assert "batch_size" not in verdict.sentence(found)
    assert "changes what is learned, so it is left to you" in str(Checkup(found))


def test_the_time_of_an_epoch_and_of_a_run() -> None:
    found = measured(STARVED, 310.0)
    expected = 0.5 + 9_000 * (1 / 310 + sum(MODEL.values())) + 1_000 * 2.1e-4
    assert verdict.epoch_s(found) == pytest.approx(expected)
    assert verdict.run_s(found) == pytest.approx(10 * expected)
    unpacked = replace(found, case=replace(CASE, work=replace(WORK, num_to_decode=12_000)))
    assert verdict.run_s(unpacked) == pytest.approx(30 + 10 * expected)


def test_the_page_shows_every_part_with_its_rate_and_its_share() -> None:
    page = str(Checkup(measured(STARVED, 310.0, MORE_WORKERS)))
    rows = {line.split()[0]: line.split() for line in page.splitlines() if line}
    assert rows["augment"][1:3] == ["333", "80.5%"]
    assert rows["decode"][1:3] == ["400", "once"]
    assert rows["model"][1] == "1,901"
    assert "An epoch takes about 34 s (9,000 photos learned, 1,000 validated)" in page
    assert "With what is proposed about 6.6 s an epoch" in page
    assert "train.workers = 6  5.20           0   better" in page


def test_a_part_that_took_no_time_has_no_rate() -> None:
    page = str(Checkup(measured({**FAST, "step": 0.0}, 80_000.0)))
    assert next(line.split()[1] for line in page.splitlines() if line.startswith("step ")) == "-"


def test_more_threads_are_tried_where_cores_are_free() -> None:
    setting = Setting(1, "bf16", 32, threads=2)
    tried = candidates(setting, replace(MACHINE, cores=4), "cpu", ("bf16", "fp32"), most_photos=40)
    assert tried == {
        "threads": [1, 4],
        "train.workers": [0, 2, 4],
        "train.precision": ["fp32"],
        "train.batch_size": [16],
    }
    busy = candidates(setting, replace(MACHINE, cores=4, load=9.0), "cpu", ("fp32",), most_photos=0)
    assert busy["threads"] == [1]
    assert "train.batch_size" not in busy
    assert "threads" not in candidates(setting, MACHINE, "cuda", (), most_photos=0)


def test_threads_beside_other_work_are_said_before_a_training() -> None:
    (said,) = verdict.crowded(Machine("cpu, 8 threads", cores=8, load=20.4), threads=8)
    assert said.startswith("more processes want a core than this machine has (8), and 8 threads ")
    assert "OMP_NUM_THREADS=4" in said
    assert not verdict.crowded(Machine("cpu, 1 thread", cores=8, load=20.4), threads=1)
    assert not verdict.crowded(MACHINE, threads=8)
    assert not verdict.crowded(Machine("cpu, 8 threads", cores=8, load=None), threads=8)
