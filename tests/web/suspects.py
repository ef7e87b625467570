"""A workspace with photos in three colours of which some labels are wrong, and the findings that say so, without an audit having to run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from photobench.audit import duplicates, leakage, outliers, persons, quality
from photobench.audit.labels import words
from photobench.records import Checked, Finding, Said, Sentence
from photobench.workspace import Workspace
from tests.conftest import draw_folder, project_toml

CLASSES = ("red", "green", "blue")
EVIL = "person09_<img src=x onerror=alert(1)>.jpg"
"""A file name that would be HTML."""
NUM_PEOPLE, NUM_EACH = 4, 3


def make_suspects(root: Path) -> Path:
    """36 photos of 12 people; a finding about the label of every photo of green and blue, and one that proposes to leave a photo out.

    The most suspicious is the first photo of green; its people's other photos follow in their order.
    """
    photos = draw_folder(root / "photos", CLASSES, NUM_PEOPLE, NUM_EACH)
    (photos / "red" / "person00_0.jpg").rename(photos / "red" / EVIL)
    bench = root / "bench"
    bench.mkdir()
    (bench / "photobench.toml").write_text(project_toml(photos, extra="[audit]\nnum_folds = 2"))
    write_findings(bench, labels_doubted(photos), [too_dark(f"red/{EVIL}")])
    return bench


def labels_doubted(photos: Path) -> list[Finding]:
    """That green is blue and blue is red, less and less surely."""
    paths = [
        path.relative_to(photos).as_posix() for name in ("green", "blue") for path in sorted((photos / name).iterdir())
    ]
    suggested = {"green": "blue", "blue": "red"}
    return [
        Finding("labels", "wrong label", path, "label", round(0.99 - place / 50, 2), given := path.partition("/")[0], suggested[given],
                "relabel", f"Five of its five nearest photos are {suggested[given]}.", (paths[(place + 5) % len(paths)],))
        for place, path in enumerate(paths)
    ]  # fmt: skip


def too_dark(path: str) -> Finding:
    return Finding("quality", "dark", path, "", 0.6, "", "", "exclude", "Half of it is <b>black</b>.")


def every_reason() -> list[Finding]:
    """A finding for everything that a check can say, the more so with the values at which the words change; each of another photo."""
    paths = [
        f"{name}/person{10 * code + n:02}_{m}.jpg"
        for code, name in enumerate(CLASSES)
        if code
        for n in range(NUM_PEOPLE)
        for m in range(NUM_EACH)
    ]
    paths += [f"red/person{n:02}_{m}.jpg" for n in range(1, NUM_PEOPLE) for m in range(NUM_EACH)]
    said = list(_everything())
    assert len(said) <= len(paths)
    return [
        Finding("quality", "dark", path, "", round(0.99 - place / 100, 2), "", "", "look", text, (), "", reasons)
        for place, (path, (text, reasons)) in enumerate(zip(paths, said, strict=False))
    ]


def _everything() -> Iterator[Said]:
    of_group = {"value": "blue", "given": "green", "num": 6}
    yield words.NEAREST(value="blue", votes=5, num=5)
    yield words.NEAREST(value="blue", votes=0, num=5)
    yield words.MODEL(value="blue", given="green", share=0.995, given_share=0.004)
    for of_value, of_given in ((6, 0), (0, 6), (2, 3), (0, 3)):
        yield words.GROUP(**of_group, of_value=of_value, of_given=of_given, are_copies=of_value == 2)
    yield words.TORN(first="blue", second="red", first_share=0.5, second_share=0.45, first_votes=6, second_votes=4)
    for exact in (True, False):
        yield duplicates.TWICE(photo="red/person01_0.jpg", more=2 * exact, alike=0.97, exact=exact)
        yield duplicates.TWO_LABELS(num=3, labels="1 × cat, 2 × dog", alike=0.97, exact=exact)
        yield leakage.COPY_ON_BOTH(side="train", other="test", exact=exact)
    yield leakage.GROUP_ON_SEVERAL(group="anna", train=3, valid=1)
    yield leakage.GIVEN_AWAY(value="blue", properties="border pixels", accuracy=0.91)
    yield persons.SHARE_COPIES(group="anna", other="ben", num=2)
    yield persons.NEAREST_ARE_THERE(group="anna", other="ben", num=2, size=3, back=1, other_size=4)
    yield outliers.FAR_FROM_ALL(num=8, similarity=0.31, usual=0.82)
    yield quality.UNREADABLE(reason="not an image: begins a web page")
    yield quality.FELL_BACK()
    yield quality.WITHOUT_COLOUR(share=0.012)
    values = {
        "value": 12.4,
        "usual": 80.2,
        "times": 4.0,
        "times_2": 9.0,
        "pixels": 30,
        "usual_pixels": "400",
        "width": 30,
        "height": 900,
    }
    for measure in quality.MEASURES:
        yield Sentence(measure.kind, measure.sentence)(**values)


def write_findings(bench: Path, *checks: list[Finding]) -> None:
    """As the audit leaves them."""
    folder = Workspace(bench).findings
    folder.mkdir(parents=True, exist_ok=True)
    for findings in checks:
        (folder / f"{findings[0].check}.parquet").write_bytes(Checked(findings[0].check, tuple(findings)).to_bytes())
