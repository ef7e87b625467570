"""An ensemble distilled into one model: whether it learns more from the ensemble than from labels alone, and what that saves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from photobench.compare import difference
from photobench.errors import PhotobenchError
from photobench.evaluation import Evaluation, Figure
from photobench.records import Manifest, RunRecord
from photobench.words import columns
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.inference_cost import ms_per_photo
from photobench.workflow.answers.single_run import SingleRun
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import run_manifest, split_predictions
from photobench.workflow.models.training import train
from photobench.workflow.photos.preparing import prepare

METRIC = "macro_f1"


@dataclass(frozen=True)
class Distilled:
    """A model that learned from a teacher, the same model without one, and how much better the first is on the test photos."""

    teacher: str
    student: RunRecord
    plain: RunRecord
    scores: tuple[Figure, Figure, Figure]
    """On the test photos: of the teacher, the student and the plain model."""
    ms: tuple[float, float, float]
    gain: Figure

    def __str__(self) -> str:
        names = (f"{self.teacher} (teacher)", f"{self.student.name} (student)", f"{self.plain.name} (no teacher)")
        rows = [
            (name, f"{score.value:.3f}", score.interval(" – ") or "–", f"{ms:.1f}")
            for name, score, ms in zip(names, self.scores, self.ms, strict=True)
        ]
        return f"{columns(rows, ('on the test photos', 'macro-F1', 'interval', 'ms per photo'))}\n\n{self.verdict()}"

    def verdict(self) -> str:
        """Whether the teacher helped, and what the student saves."""
        gain = self.gain
        times = f"It answers in {self.ms[1]:.1f} ms per photo, the teacher in {self.ms[0]:.1f}."
        if not gain.low <= gain.high:
            return f"With the teacher the model is {gain.value:+.3f} macro-F1 from itself without; how sure that is cannot be said. {times}"
        span = f"{gain.value:+.3f} macro-F1 ({gain.low:+.3f} to {gain.high:+.3f})"
        if gain.low <= 0 <= gain.high:
            return f"With the teacher the model is no different beyond doubt, {span}. {times}"
        return f"With the teacher the model is {'better' if gain.low > 0 else 'worse'}, {span}. {times}"


def distil(bench: Bench, teacher: Answerer) -> Distilled:
    """Train the project's model on what the teacher says beside the labels, and once more on the labels alone.

    The fold models behind the teacher learned from the photos that are validation here, and what they know of them reaches the student. So
    the two are compared on test photos, which nobody learned from.

    Raises:
        PhotobenchError: there are no test photos, or the teacher learned from them or from what it would teach.
    """
    _check_test(prepare(bench).manifest, teacher)
    student, plain = (train(_taught(bench, name)) for name in (teacher.name, ""))
    manifest = run_manifest(bench, student)
    said, other = (split_predictions(bench, record, "test") for record in (student, plain))
    gain = difference(manifest, said, other, "test", bench.options.evaluate)[METRIC]
    answerers = (teacher, SingleRun(bench, student), SingleRun(bench, plain))
    scores = [_score(one.evaluations()) for one in answerers]
    ms = [ms_per_photo(bench, one.runs) for one in answerers]
    return Distilled(teacher.name, student, plain, (scores[0], scores[1], scores[2]), (ms[0], ms[1], ms[2]), gain)


def _taught(bench: Bench, teacher: str) -> Bench:
    return replace(bench, project=bench.project.changed({"train": {"teacher": teacher}}, "--distil"))


def _score(evaluations: dict[str, Evaluation]) -> Figure:
    return evaluations["test"].joint.metrics[METRIC]


def _check_test(manifest: Manifest, teacher: Answerer) -> None:
    test = _test_photos(manifest)
    if not test:
        raise PhotobenchError(
            "There are no test photos, and on others it cannot be measured what a teacher is worth: its fold models learned from them. Set "
            "split.test = 0.15 and train the folds again, or train without the comparison: photobench train --set train.teacher="
            f"{teacher.name}"
        )
    if _test_photos(teacher.held_out().manifest) != test:
        raise PhotobenchError(
            f"The test photos of {teacher.name} are not those of this project today, so it may have learned from them. Train its members with "
            "the split.test and split.seed of today."
        )


def _test_photos(manifest: Manifest) -> set[str]:
    return set(manifest.frame.loc[manifest.frame["split"] == "test", "path"])
