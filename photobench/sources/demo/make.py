"""Makes the demo: checks what is asked for, plans it, and fills a folder that appears only when it is complete."""

from __future__ import annotations

import json
from pathlib import Path

from photobench.errors import ConfigError, SourceError
from photobench.sources.demo.folder import MARKER, appearing, is_made, write_tables
from photobench.sources.demo.photos import Progress, render_all
from photobench.sources.demo.plan import plan_eval, plan_train

FORMAT = 1  # raise it whenever the same seed would render another data set
MIN_PEOPLE = 6  # fewer have no room for one defect of each kind


def make_demo(
    root: Path,
    *,
    num_people: int = 150,
    num_eval_people: int = 60,
    seed: int = 0,
    size_px: tuple[int, int] = (384, 512),
    progress: Progress | None = None,
) -> None:
    """Render the demo data set into `root`, 7 photos a person; does nothing where the same one is already there.

    The same arguments give the same bytes. The folder appears under its name only when it is complete. `size_px` is (width,
    height) and `progress(done, total)` is told after each person, in photos. Worker processes are started, so a script that calls
    this needs the usual `if __name__ == "__main__":`.

    Raises ConfigError for impossible arguments, and SourceError when something else is at `root` or it cannot be written.
    """
    root = Path(root)
    _check_arguments(num_people, num_eval_people, seed, size_px)
    parameters = {
        "format": FORMAT,
        "num_people": num_people,
        "num_eval_people": num_eval_people,
        "seed": seed,
        "size_px": list(size_px),
    }
    if is_made(root, parameters):
        return
    train, rows, truth = plan_train(seed, num_people)
    evaluation, answers = plan_eval(seed, num_eval_people)
    try:
        with appearing(root) as partial_root:
            write_tables(partial_root, rows, truth, answers)
            render_all(partial_root, [*train, *evaluation], size_px, progress)
            (partial_root / MARKER).write_text(json.dumps(parameters, indent=2) + "\n")
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(f"The demo cannot be written to {root}: {reason}. Choose another folder.") from error


def _check_arguments(num_people: int, num_eval_people: int, seed: int, size_px: tuple[int, int]) -> None:
    width, height = size_px
    mistakes = []
    if num_people < MIN_PEOPLE:
        mistakes.append(f"num_people is {num_people}; the planted defects need {MIN_PEOPLE} or more.")
    if num_eval_people < 1:
        mistakes.append(f"num_eval_people is {num_eval_people}; give 1 or more.")
    if seed < 0:
        mistakes.append(f"seed is {seed}; give 0 or more.")
    if min(width, height) < 48 or width * 2 < height:
        mistakes.append(
            f"size_px is {width} × {height}; give 48 or more a side, and a width of at least half the height."
        )
    if mistakes:
        raise ConfigError(mistakes)
