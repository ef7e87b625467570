"""What models made of photos before the review began: neighbours, probabilities, mistakes, the map. Read from what is kept; no model is asked.

Shape legend: N photos, D features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from photobench.data.embedded import origin_of, photo_keys, read_kept
from photobench.errors import PhotobenchError
from photobench.explore import PhotoMap
from photobench.explore.projection import METHODS
from photobench.records import Predictions, RunRecord, Said
from photobench.workflow.answers import refined
from photobench.workflow.answers.ensembles import OOF, folder_of, list_ensembles
from photobench.workflow.answers.folding import list_folds
from photobench.workflow.bench import Bench
from photobench.workflow.insight.mapping import kept_map
from photobench.workflow.reviewing.photos import ReviewPhotos
from photobench.workflow.reviewing.words import NO_METHOD, NO_NEIGHBOURS, NO_RUN, OTHER_LABELS, Refused

NUM_NEIGHBOURS = 12

ORIGINS = {
    "run": "run {name}, which did not learn from this photo",
    "folds": "the models of {name}, each of photos that it did not learn from",
    "audit": "the small models that the audit trained in folds, each of photos that it did not learn from",
    "ensemble": "{name}, each photo by members that did not learn from it, and by a combination fitted to others",
    "refined": "{name}, each photo by what was chosen without it, on top of models that did not learn from it",
}
"""Whose word it is, by its kind."""


@dataclass(frozen=True)
class Witness:
    """What a run, or several under one name, says of photos that it was asked about, and did not learn from."""

    name: str
    kind: str  # of ORIGINS
    parts: tuple[Predictions, ...]

    @property
    def origin(self) -> str:
        """For people."""
        return ORIGINS[self.kind].format(name=self.name)

    @cached_property
    def place_of(self) -> dict[str, tuple[int, int]]:
        """Of each photo that there is an answer for: which part, which row."""
        return {
            path: (part, row)
            for part, predictions in enumerate(self.parts)
            for row, (path, reason) in enumerate(zip(predictions.paths, predictions.reasons, strict=True))
            if not reason
        }


class Knowledge:
    """Of one workspace. What is large is read at its first use, or by `read`."""

    def __init__(self, bench: Bench, photos: ReviewPhotos):
        self._bench, self._photos = bench, photos
        self._made, self._folder = self._made_last(), self._kept_embeddings()

    def read(self) -> None:
        """All that a photo is told with, before somebody waits for it."""
        _ = self._is_seen_N, self._witness and self._witness.place_of

    # --- neighbours --------------------------------------------------------------------------------------------------------

    @property
    def no_neighbours(self) -> Said:
        """Why there are none; empty where there are."""
        return Said() if self._is_seen_N.any() else NO_NEIGHBOURS()

    @property
    def neighbours_from(self) -> Said:
        """Whose embeddings they come from."""
        return origin_of(self._folder) if self._folder else Said()

    def _look_again(self) -> None:
        """`photobench explore` or an audit may run beside the page: what was read before they wrote is forgotten."""
        made = self._made_last()
        if made != self._made:
            self._made, self._folder = made, self._kept_embeddings()
            for name in ("units_ND", "_is_seen_N", "_map"):
                self.__dict__.pop(name, None)

    def _made_last(self) -> int:
        """When the last embedding or map was written, in nanoseconds; 0 where there is none."""
        kept = self._bench.workspace.embeddings
        files = [*kept.glob("*/*.npz"), *kept.glob("*/about.json"), *kept.glob("map-*.parquet")]
        return max((path.stat().st_mtime_ns for path in files), default=0)

    def _kept_embeddings(self) -> Path | None:
        """The folder that was written last, of a backbone that said whose it is."""
        folders = [path.parent for path in self._bench.workspace.embeddings.glob("*/about.json")]
        folders = [folder for folder in folders if origin_of(folder) and any(folder.glob("*.npz"))]
        return max(folders, key=lambda folder: (folder / "about.json").stat().st_mtime_ns, default=None)

    @cached_property
    def units_ND(self) -> np.ndarray:
        """Embeddings of length one; rows of zeros where there is none."""
        known = read_kept(self._folder) if self._folder else {}
        keys = photo_keys(self._photos.pack, np.arange(len(self._photos)))
        size = len(next(iter(known.values()))) if known else 1
        units_ND = np.zeros((len(keys), size), np.float32)
        for row, key in enumerate(keys):
            if key in known:
                units_ND[row] = known[key]
        units_ND /= np.maximum(np.linalg.norm(units_ND, axis=1, keepdims=True), 1e-12)
        return units_ND

    @cached_property
    def _is_seen_N(self) -> np.ndarray:
        """(N,) bool: there is an embedding of the photo."""
        return np.asarray(self.units_ND.any(axis=1))

    def neighbours(self, row: int) -> list[dict[str, float]]:
        """The most similar photos that are not of its group, the most similar first."""
        if not self._is_seen_N.any():
            self._look_again()
        if not self._is_seen_N[row]:
            return []
        cosine_N = self.units_ND @ self.units_ND[row]
        cosine_N[self._photos.rows_of_group[self._photos.groups[row]]] = -2
        cosine_N[~self._is_seen_N] = -2
        best = np.argpartition(-cosine_N, min(NUM_NEIGHBOURS, len(cosine_N) - 1))[:NUM_NEIGHBOURS]
        best = best[np.argsort(-cosine_N[best], kind="stable")]
        return [{"photo": int(n), "cosine": round(float(cosine_N[n]), 4)} for n in best if cosine_N[n] > -2]

    # --- the map -----------------------------------------------------------------------------------------------------------

    @cached_property
    def _map(self) -> PhotoMap | None:
        return kept_map(self._bench)

    @property
    def has_map(self) -> bool:
        self._look_again()
        return bool(self._is_seen_N.any()) or self._map is not None

    def places(self, method: str = "") -> Mapping[str, Any]:
        """Where photos lie by a method of the map that `photobench explore` made, or of the main components of all kept embeddings.

        Raises:
            PhotobenchError: there is no map, or no such method.
        """
        if not self.has_map:
            raise Refused(NO_NEIGHBOURS())
        made = self._map
        methods = list(made.methods) if made else ["pca"]
        method = method or methods[0]
        if method not in methods:
            raise Refused(NO_METHOD(method=method, known=", ".join(methods)))
        if method == "pca" and self._is_seen_N.any():
            rows, places_N2, origin = (*self._components(), self.neighbours_from)
        else:
            assert made is not None
            row_P = np.array([self._photos.row_of.get(path, -1) for path in made.frame["path"]], dtype=int)
            rows, places_N2, origin = row_P[row_P >= 0], made.places(method)[row_P >= 0], made.origin
        x_N, y_N = _unit(places_N2).T.round(4)
        return {
            "methods": methods, "names": {name: METHODS[name] for name in methods}, "method": method, "from": origin.to_json(),
            "total": len(self._photos), "photo": rows.tolist(), "x": x_N.tolist(), "y": y_N.tolist(),
        }  # fmt: skip

    def _components(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of all photos that have an embedding, and their first two main components."""
        rows = np.flatnonzero(self._is_seen_N)
        centred_ND = self.units_ND[rows] - self.units_ND[rows].mean(axis=0)
        axes_D2 = np.linalg.eigh(centred_ND.T @ centred_ND)[1][:, :-3:-1]
        return rows, centred_ND @ axes_D2

    # --- what runs say -----------------------------------------------------------------------------------------------------

    @property
    def names(self) -> list[str]:
        """Of those, also that were finished a moment ago, that can be asked what they took for what: several under one name first, the latest first."""
        runs = [r.name for r in self._bench.workspace.list_runs() if r.status == "finished" and not r.purpose]
        return [*self._together(), *reversed(runs)]

    def _together(self) -> dict[str, tuple[str, Path]]:
        """Sets of folds, refined ones and ensembles by name: their kind, and where it is kept what they said of held-out photos."""
        bench = self._bench
        return {
            **{name: ("folds", bench.workspace.folds / name / OOF) for name in list_folds(bench)},
            **{name: ("refined", refined.folder(bench, name) / OOF) for name in refined.list_refined(bench)},
            **{name: ("ensemble", folder_of(bench, name) / OOF) for name in list_ensembles(bench)},
        }

    def check_name(self, name: str) -> None:
        """Raises PhotobenchError where there is nobody of this name who could be asked."""
        if name not in self.names:
            raise Refused(NO_RUN(name=name))

    def said_by(self, name: str) -> Witness:
        """Raises PhotobenchError where there is nobody of this name, or what was said is not kept."""
        self.check_name(name)
        kind, file = self._together().get(name, ("run", None))
        if file is not None:
            return self._checked(Witness(name, kind, (Predictions.read(file),)))
        return self._checked(self._of_run(self._bench.workspace.find_run(name)))

    def _of_run(self, record: RunRecord) -> Witness:
        folder = self._bench.workspace.root / record.folder
        kept = [folder / f"predictions-{split}.parquet" for split in ("valid", "test", "predict")]
        parts = tuple(Predictions.read(path) for path in kept if path.exists())
        return Witness(record.name, "run", parts)

    def _checked(self, said: Witness) -> Witness:
        if any(part.space != self._photos.manifest.space for part in said.parts):
            raise Refused(OTHER_LABELS(name=said.name))
        return said

    @cached_property
    def _witness(self) -> Witness | None:
        """Whose probabilities are shown: folds where there are some, also those that the audit trained, else the run that was used last."""
        latest = self._bench.workspace.latest_run()
        openings = [
            *(partial(self.said_by, name) for name in list_folds(self._bench)[:1]),
            *(partial(self._of_audit, path) for path in self._audit_folds()),
            *([partial(self.said_by, latest.name)] if latest else []),
        ]
        for opening in openings:
            try:
                return opening()
            except PhotobenchError:  # of other labels, or damaged: no witness
                continue
        return None

    def _audit_folds(self) -> list[Path]:
        """Of sets of folds that no person has trained, what the one that was made last says."""
        known = set(list_folds(self._bench))
        found = [path for path in self._bench.workspace.folds.glob("*/oof.parquet") if path.parent.name not in known]
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)[-1:]

    def _of_audit(self, path: Path) -> Witness:
        return self._checked(Witness(path.parent.name, "audit", (Predictions.read(path),)))

    def probabilities(self, row: int) -> Mapping[str, Any] | None:
        """Of each value of each attribute; None where nobody was asked who did not learn from the photo."""
        said = self._witness
        place = said.place_of.get(self._photos.paths[row]) if said else None
        if said is None or place is None:
            return None
        joint_1K = said.parts[place[0]].joint_NK[place[1] : place[1] + 1]
        space = self._photos.manifest.space
        return {
            "from": said.origin,
            "by": said.kind,
            "name": said.name,
            "held_out": True,
            "attributes": {
                a.name: np.round(space.marginal(joint_1K, n)[0], 4).tolist() for n, a in enumerate(space.attributes)
            },
        }

    def mistakes(self, name: str, codes_NA: np.ndarray) -> Mapping[str, Any]:
        """Photos that a run or folds took for another class, the surest mistakes first.

        Args:
            codes_NA: the labels that stand today.
        """
        said, space = self.said_by(name), self._photos.manifest.space
        truth_N = space.compose(codes_NA)
        rows, told, sure = [], [], []
        for part in said.parts:
            for path, answer, joint_K in zip(part.paths, part.classes(), part.joint_NK, strict=True):
                row = self._photos.row_of.get(path)
                if row is not None and answer >= 0 and truth_N[row] >= 0 and truth_N[row] != answer:
                    rows.append(row)
                    told.append(answer)
                    sure.append(float(joint_K[answer]))
        order = np.argsort(-np.array(sure), kind="stable")
        row_M = np.array(rows, dtype=int)[order]
        said_MA, truth_MA = space.decompose(np.array(told, dtype=int)[order]), codes_NA[row_M]
        columns = {
            what: {a.name: codes_MA[:, n].tolist() for n, a in enumerate(space.attributes)}
            for what, codes_MA in (("truth", truth_MA), ("said", said_MA))
        }
        return {
            "run": name, "from": said.origin, "photo": row_M.tolist(), **columns,
            "probability": np.round(np.array(sure)[order], 4).tolist(),
        }  # fmt: skip


def _unit(places_N2: np.ndarray) -> np.ndarray:
    """Within 0 and 1, proportions kept, the longer side filled."""
    low_2, high_2 = places_N2.min(axis=0), places_N2.max(axis=0)
    return 0.5 + (places_N2 - (low_2 + high_2) / 2) / max(float((high_2 - low_2).max()), 1e-9)
