"""What was found, in words."""

from __future__ import annotations

from photobench.trial.rates import RangeTest
from photobench.trial.sizes import FEWEST_STEPS, SMALL, Size, fastest, num_steps
from photobench.words import columns, count, size_text

NOTHING_LEARNED = "note: the loss fell by no more than it scatters, so nothing is suggested. Look at the curve, or try more steps: --steps 300"

CHOICE = (
    "The suggestion is half the rate of the lowest loss. With AdamW anything between it and the steepest will do: the more epochs, "
    "the lower; above the lowest loss training becomes unstable."
)


def about_rates(test: RangeTest, configured: float) -> str:
    """One row; what could not be said is a dash."""
    diverged = float(test.rates_N[-1]) if test.diverged else None
    found = (test.suggestion, test.steepest, test.lowest, diverged, configured)
    row = ["-" if rate is None else f"{rate:.2g}" for rate in found]
    text = columns([row], ("suggested", "steepest", "lowest loss", "diverged", "train.lr"))
    return f"{text}\n{CHOICE if test.suggestion else NOTHING_LEARNED}"


def about_sizes(sizes: list[Size], configured: int, num_photos: int, epochs: int) -> str:
    """A row per size with what keeps the configured size of a step, and what to make of it. `num_photos`: of an epoch."""
    best = fastest(sizes, num_photos, epochs)
    steps = {size.photos: num_steps(size.photos, num_photos, epochs) for size in sizes}
    rows = [_row(size, configured, best, steps[size.photos]) for size in sizes]
    heads = ("batch_size", "images/s", "memory", "steps", "keeps a step's size", "")
    fewer = steps[best.photos], num_steps(configured, num_photos, epochs)
    advice = [*_about_steps(sizes, num_photos, epochs), *_advice(best, configured, *fewer)]
    return "\n".join([columns(rows, heads), *advice])


def accumulated(photos: int, configured: int) -> int | None:
    """How many batches of this size add up to a step of the configured size; None where none do."""
    return configured // photos if configured % photos == 0 else None


def _row(size: Size, configured: int, best: Size, steps: int) -> list[str]:
    batches = accumulated(size.photos, configured)
    keeps = {None: "-", 1: "as it is"}.get(batches, f"train.accumulate = {batches}")
    if not size.fits:
        return [str(size.photos), "-", "does not fit", f"{steps:,}", keeps, ""]
    peak = size_text(size.peak_bytes) if size.peak_bytes else "-"
    star = "★ suggested" if size is best else "configured" if size.photos == configured else ""
    return [str(size.photos), f"{size.images_per_s:,.0f}", peak, f"{steps:,}", keeps, star]


def _about_steps(sizes: list[Size], num_photos: int, epochs: int) -> list[str]:
    """Said where a size was passed over because it leaves too few steps."""
    passed_over = [
        size.photos
        for size in sizes
        if size.fits and size.photos > SMALL and num_steps(size.photos, num_photos, epochs) < FEWEST_STEPS
    ]
    if not passed_over:
        return []
    return [
        f"A training is {count(epochs, 'epoch')} of {count(num_photos, 'photo')}: {passed_over[0]} photos and more in a step leave it fewer than "
        f"{FEWEST_STEPS} steps, in which little is learned, so they are not suggested, however fast they are."
    ]


def _advice(best: Size, configured: int, steps: int, own: int) -> list[str]:
    """What a change of the batch size changes besides the speed. `own`: steps of a training as it is."""
    if best.photos == configured:
        return ["The configured size is the one to take."]
    batches = accumulated(best.photos, configured)
    if batches is not None:
        return [
            f"With train.accumulate = {batches} a step still sees {configured} photos, and train.lr still fits; only batch norm sees {best.photos}."
        ]
    if best.photos < configured:
        return [
            f"A step would see {best.photos} photos instead of {configured}: look for the rate again with photobench find-lr"
        ]
    return [
        f"A step would see {best.photos} photos instead of {configured}, and a training would have {steps:,} steps instead of {own:,}: with the same rate it "
        "would learn more slowly, however fast the photos pass. Look for the rate again with photobench find-lr",
        f"To test fairly whether smaller steps learn better, hold all else: train.batch_size = {configured} against "
        f"train.batch_size = {configured} with train.accumulate = {max(2, round(best.photos / configured))}; speed and batch norm are then the same.",
    ]
