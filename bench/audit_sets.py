"""Labelled photos whose wrong labels are known, as embeddings: what bench/audit.py asks of every method.

    cifar10n    8,000 photos with the labels of real people, and the truth beside them
    faces       gender, and three bands of age, of face crops; masks, flowers5: folders of classes. Planted labels are the truth there:
                what was wrong before stays wrong, unknown to all, and costs every method alike
    demo        drawn people, their faces cut out, with the mistakes that the demo plants

Embeddings are made by one frozen backbone and kept in a folder. Shape legend: N photos, D features.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

NAMES = ("cifar10n", "faces", "masks", "flowers5", "demo")
BATCH = 64


@dataclass(frozen=True)
class LabelledSet:
    """Photos with labels to be trusted or not. `given` has the truth's rows changed where real labels are wrong."""

    name: str
    embeddings_ND: np.ndarray
    truth_N: np.ndarray
    clusters_N: np.ndarray  # people, and byte-identical photos: never apart in a fold
    groups_N: np.ndarray | None = None  # who is in a photo, where that decides the label
    given: dict[str, np.ndarray] | None = None  # real noise by name; None: to be planted
    apart_N: np.ndarray | None = None  # photos whose truth was seen to be wrong

    @property
    def num_values(self) -> int:
        return int(self.truth_N.max()) + 1

    def counts(self, codes_N: np.ndarray) -> np.ndarray:
        """(N,) whether a photo counts in a list: a wrong label that nobody planted is neither a hit nor a false alarm."""
        return np.ones(len(codes_N), bool) if self.apart_N is None else (codes_N != self.truth_N) | ~self.apart_N


def all_sets(
    names: Sequence[str], data: Path, weights: Path, cache: Path, size_px: int, apart: frozenset[str] = frozenset()
) -> Iterator[LabelledSet]:
    """The sets of these NAMES that `data` has, seen as squares of this side. `apart`: photos of folders, as `flowers5/train/rose/1.jpg`."""
    cache.mkdir(parents=True, exist_ok=True)
    seer = Seer(weights, cache, size_px)
    makers = {
        "cifar10n": lambda: _cifar(data, seer),
        "faces": lambda: _faces(data, seer),
        "masks": lambda: _folder(data, "masks", seer, apart),
        "flowers5": lambda: _folder(data, "flowers5", seer, apart),
        "demo": lambda: _demo(cache, seer),
    }
    for name in names:
        yield from makers[name]()


class Seer:
    """A frozen MobileNetV2 that looks at photos once; what it saw is kept by name."""

    def __init__(self, weights: Path, cache: Path, size_px: int):
        self.weights, self.cache, self.size_px, self._model = weights, cache, size_px, None

    def __call__(self, name: str, photos: list) -> np.ndarray:
        """(N, D) float32 of photos: uint8 arrays (H, W, 3), or paths."""
        path = self.cache / f"{name}-{self.weights.stem}-{self.size_px}.npy"
        if not path.exists():
            starts = range(0, len(photos), BATCH)
            np.save(path, np.concatenate([self._see(photos[s : s + BATCH]) for s in starts]))
        return np.load(path)

    def _see(self, photos: list) -> np.ndarray:
        import torch

        model = self._load()
        pixels = np.stack([_square(photo, self.size_px) for photo in photos])
        with torch.inference_mode():
            images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
            return model(images).numpy()

    def _load(self):
        import timm
        import torch

        if self._model is None:
            torch.set_num_threads(1)
            backbone = "mobilenetv2_100" if "100" in self.weights.stem else "mobilenetv2_035"
            model = timm.create_model(backbone, pad_type="same", num_classes=0)
            state = torch.load(self.weights, weights_only=True)
            model.load_state_dict({key: value for key, value in state.items() if not key.startswith("classifier")})
            self._model = model.eval()
        return self._model


def _square(photo: np.ndarray | Path, size_px: int) -> np.ndarray:
    from photobench import images

    pixels = photo if isinstance(photo, np.ndarray) else images.read_photo(photo, min_side_px=size_px).pixels
    return images.resize(pixels, size_px, "crop")


def _cifar(data: Path, seer: Seer) -> list[LabelledSet]:
    path = data / "cifar10n" / "cifar10n_8k.npz"
    if not path.exists():
        return []
    arrays = np.load(path)
    truth_N = arrays["clean_label"].astype(np.int64)
    photos = next(arrays[key] for key in arrays.files if arrays[key].ndim == 4)
    names = ("aggre_label", "random_label1", "worse_label")
    given = {name: arrays[name].astype(np.int64) for name in names}
    return [LabelledSet("cifar10n", seer("cifar10n", list(photos)), truth_N, np.arange(len(truth_N)), given=given)]


def _faces(data: Path, seer: Seer) -> list[LabelledSet]:
    folder = data / "faces"
    if not folder.exists():
        return []
    table = pd.read_csv(folder / "labels.csv")
    paths = [folder / path for path in table["path"]]
    seen_ND, clusters_N = seer("faces", paths), _copies(paths)
    band_N = np.digitize(table["age"], [30, 60])
    gender_N = (table["gender"] == "female").to_numpy(dtype=np.int64)
    return [
        LabelledSet("faces gender", seen_ND, gender_N, clusters_N),
        LabelledSet("faces age", seen_ND, band_N, clusters_N),
    ]


def _folder(data: Path, name: str, seer: Seer, apart: frozenset[str]) -> list[LabelledSet]:
    from photobench.images import is_photo

    paths = [path for path in sorted((data / name).rglob("*")) if is_photo(path) and _reads(path)]
    if not paths:
        return []
    truth_N = pd.factorize(pd.Series([path.parent.name for path in paths]), sort=True)[0]
    apart_N = np.array([path.relative_to(data).as_posix() in apart for path in paths])
    return [LabelledSet(name, seer(name, paths), truth_N, _copies(paths), apart_N=apart_N)]


def _demo(cache: Path, seer: Seer) -> list[LabelledSet]:
    photos, pixels_NHWC = _cut_faces(cache / "demo")
    table = pd.read_csv(cache / "demo" / "photos" / "truth" / "train.csv", index_col="photo").loc[photos]
    seen_ND = seer("demo-faces", list(pixels_NHWC))
    people_N = pd.factorize(table["id"])[0]
    true_N3, given_N3 = (_parts(table[key].to_numpy()) for key in ("true_class", "given_class"))
    sets = []
    for number, name in enumerate(("mask", "gender", "age")):
        groups_N = people_N if name != "mask" else None
        sets.append(
            LabelledSet(
                f"demo {name}", seen_ND, true_N3[:, number], people_N, groups_N, {"planted": given_N3[:, number]}
            )
        )
    return sets


def _cut_faces(folder: Path) -> tuple[list[str], np.ndarray]:
    """The demo's labelled photos that can be read (`person/photo.jpg`), and their squares, faces cut out as `photobench demo` does."""
    from photobench.sources.demo import make_demo
    from photobench.workflow.bench import open_bench
    from photobench.workflow.demonstrating import FACES
    from photobench.workflow.photos.first_look import init
    from photobench.workflow.photos.preparing import prepare
    from photobench.workspace import PROJECT_FILE

    if not (folder / PROJECT_FILE).exists():
        make_demo(folder / "photos")
        init(folder / "photos", folder, chosen=FACES)
    prepared = prepare(open_bench(folder))
    rows = prepared.manifest.rows("train", "valid")
    names = ["/".join(path.split("/")[-2:]) for path in prepared.manifest.frame["path"].iloc[rows]]
    return names, np.asarray(prepared.pack.pixels[rows])


def _parts(classes_N: np.ndarray) -> np.ndarray:
    return np.stack([classes_N // 6, classes_N // 3 % 2, classes_N % 3], axis=1)


def _copies(paths: list[Path]) -> np.ndarray:
    return pd.factorize(pd.Series([hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]))[0]


def _reads(path: Path) -> bool:
    from photobench.errors import PhotobenchError
    from photobench.images import read_photo

    try:
        read_photo(path)
    except PhotobenchError:
        return False
    return True
