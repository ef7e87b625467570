"""What the model says of the same few validation photos epoch after epoch: as a record, and as one small picture per epoch."""

from __future__ import annotations

import io
import json
import textwrap

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from photobench.data.pack import Pack
from photobench.learning import EXAMPLES_FILE, ExamplePredictions, Guess
from photobench.records import Manifest
from photobench.train.run import Run

NUM_PHOTOS = 8
MAX_PICTURES = 60
"""Of a training, whatever its number of epochs: about 1 MB."""

TILE_PX, WORDS_PX, EDGE_PX = 96, 58, 4
FONT_PX, CHARACTERS, LINES = 11, 17, 2
PAPER, RIGHT, WRONG = (255, 255, 255), (43, 95, 158), (190, 92, 24)


class Examples:
    """Chosen once by the seed. After an epoch, what is said of them is kept in the run's folder."""

    def __init__(self, run: Run, pack: Pack, manifest: Manifest, epochs: int):
        self._run, self._names = run, manifest.space.class_names
        rows, classes_N = manifest.rows("valid"), manifest.classes()
        self.positions = choose(classes_N[rows], run.record.seed)
        chosen = rows[self.positions]
        self._tiles = [_tile(pack.pixels[row]) for row in chosen]
        paths, truth = manifest.frame["path"].iloc[chosen].tolist(), classes_N[chosen].tolist()
        self._record = ExamplePredictions(paths, truth, {})
        self._every = -(-epochs // MAX_PICTURES)

    def begin(self, epoch: int) -> None:
        """What an earlier attempt heard up to an epoch stays."""
        known = ExamplePredictions.read(self._run.folder)
        if known is not None:
            self._record.epochs.update({e: guesses for e, guesses in known.epochs.items() if e <= epoch})
        self._write()

    def hear(self, epoch: int, joint_NK: np.ndarray) -> None:
        """Keep what is said of them, from the probabilities of all validation photos; of a long training, not after every epoch."""
        if not self._tiles or (epoch > 1 and epoch % self._every):
            return
        joint_EK = joint_NK[self.positions]
        guesses = [Guess(int(probs_K.argmax()), round(float(probs_K.max()), 4)) for probs_K in joint_EK]
        self._record.epochs[epoch] = guesses
        self._write()
        file = self._run.folder / "examples" / f"{epoch:04d}.webp"
        self._run.workspace.write(file, _webp(self._strip(guesses)))

    def picture(self, epoch: int) -> np.ndarray | None:
        """The photos (H, W, 3) with what was said of them; None where they were not asked."""
        guesses = self._record.epochs.get(epoch)
        return None if guesses is None else self._strip(guesses)

    def _write(self) -> None:
        self._run.workspace.write(self._run.folder / EXAMPLES_FILE, json.dumps(self._record.to_json()))

    def _strip(self, guesses: list[Guess]) -> np.ndarray:
        parts = zip(self._tiles, guesses, self._record.truth, strict=True)
        return np.hstack([_told(tile, guess, truth, self._names) for tile, guess, truth in parts])


def choose(classes_N: np.ndarray, seed: int, number: int = NUM_PHOTOS) -> np.ndarray:
    """Positions of a few photos in the order of their classes: one of each class in turn, always the same ones for a seed."""
    order = np.random.default_rng(seed).permutation(len(classes_N))
    seen: dict[int, int] = {}
    turns = []
    for class_id in classes_N[order].tolist():
        turns.append(seen.get(class_id, 0))
        seen[class_id] = turns[-1] + 1
    chosen = order[np.argsort(turns, kind="stable")[:number]]
    return chosen[np.argsort(classes_N[chosen], kind="stable")]


def _tile(stored_SSC: np.ndarray) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(stored_SSC)).resize((TILE_PX, TILE_PX), Image.Resampling.BILINEAR)


def _told(tile: Image.Image, guess: Guess, truth: int, names: list[str]) -> np.ndarray:
    """A photo with what is said of it below, between edges that say whether it is right."""
    size = TILE_PX + 2 * EDGE_PX
    picture = Image.new("RGB", (size, size + WORDS_PX), PAPER)
    picture.paste(RIGHT if guess.label == truth else WRONG, (0, 0, size, size))
    picture.paste(tile, (EDGE_PX, EDGE_PX))
    lines = _lines(f"{_plain(guess.label, names)} {guess.probability:.0%}")
    lines += [] if guess.label == truth else _lines(f"is {_plain(truth, names)}")
    ink = RIGHT if guess.label == truth else WRONG
    ImageDraw.Draw(picture).text((EDGE_PX, size), "\n".join(lines), ink, ImageFont.load_default(FONT_PX), spacing=2)
    return np.asarray(picture)


def _lines(words: str) -> list[str]:
    return textwrap.wrap(words, CHARACTERS, max_lines=LINES, placeholder="…")


def _plain(label: int, names: list[str]) -> str:
    """The name of a class; its number where the font that is always there lacks its letters."""
    name = names[label].replace(" · ", " / ")
    return name if name.isascii() else f"class {label}"


def _webp(pixels_HWC: np.ndarray) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(pixels_HWC).save(sink, "WEBP", quality=80)
    return sink.getvalue()
