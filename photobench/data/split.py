"""Who is learned from and who is asked: stratified by class, never separating a group.

Photos of one group stay together, and so do byte-identical photos, whatever their groups say: a copy in train and in valid
would be an answer given away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from photobench.data.folds import divide
from photobench.data.options import SplitOptions
from photobench.errors import SplitError
from photobench.records import Manifest
from photobench.words import count, examples, listed, quotes

REMEDY = (
    "Add photos of it, put some in the other split, or move the value from `values` to `left_out` in photobench.toml."
)


def split_manifest(manifest: Manifest, options: SplitOptions) -> Manifest:
    """The manifest with its `split` filled in. What the source gives is kept; what it leaves open is divided.

    With folds, a given `valid` is divided anew together with `train`.

    Raises:
        SplitError: naming every label that cannot be both learned and checked.
    """
    split = manifest.frame["split"].to_numpy(dtype=object).copy()
    labelled = (manifest.classes() >= 0) & manifest.usable()
    notes = manifest.notes
    if options.folds and (split == "valid").any():
        split[split == "valid"] = "train"
        notes = (
            *notes,
            "The given validation photos take part in the folds: they are divided together with the training photos.",
        )
    pool = np.flatnonzero(labelled & np.isin(split, ["", "train"]))
    _check_pool(manifest, pool, given_valid=bool((split == "valid").any()))
    split[pool] = "train"
    clusters = clusters_of(manifest)
    if options.test and not (split == "test").any():
        split[_take(manifest, np.flatnonzero(split == "train"), clusters, options.test, options.seed + 1)] = "test"
    if options.folds:
        _hold_out_fold(manifest, split, clusters, options)
    elif not (split == "valid").any():
        left = np.flatnonzero(split == "train")
        fraction = min(options.valid * len(pool) / max(len(left), 1), 0.9)
        split[_take(manifest, left, clusters, fraction, options.seed)] = "valid"
    split[~labelled & (split != "predict")] = ""
    result = replace(manifest.with_columns(split=split), notes=notes)
    check_sides(result)
    return result


def _hold_out_fold(manifest: Manifest, split: np.ndarray, clusters: np.ndarray, options: SplitOptions) -> None:
    """Makes the asked part of what is to be learned from `valid`, after every part has shown to have every label."""
    pool = np.flatnonzero(split == "train")
    labels_NL = np.column_stack([manifest.classes()[pool], manifest.codes()[pool]])
    part = divide(labels_NL, clusters[pool], options.folds, (options.seed, options.repeat))
    _check_folds(manifest, pool, clusters, part, options.folds)
    split[pool[part == options.fold - 1]] = "valid"


def clusters_of(manifest: Manifest) -> np.ndarray:
    """(N,) the number of the cluster of each photo: photos linked by a shared group or by identical bytes."""
    frame = manifest.frame
    num = len(frame)
    by_group = frame["group"].factorize()[0]
    hashed = np.flatnonzero((frame["sha256"] != "").to_numpy())
    by_hash = frame["sha256"].iloc[hashed].factorize()[0]
    photos = np.concatenate([np.arange(num), hashed])
    links = np.concatenate([num + by_group, num + by_group.max(initial=0) + 1 + by_hash])
    size = int(links.max(initial=num - 1)) + 1
    graph = coo_matrix((np.ones(len(photos), dtype=np.int8), (photos, links)), shape=(size, size))
    return connected_components(graph, directed=False)[1][:num]


def split_notes(manifest: Manifest) -> list[str]:
    """What a person should know of this split: copies across it, classes that one side lacks."""
    notes = []
    frame = manifest.frame[manifest.usable() & manifest.frame["split"].isin(["train", "valid", "test"])]
    crossing = int((frame.groupby(manifest.contents())["split"].nunique() > 1).sum())
    if crossing:
        notes.append(
            f"{count(crossing, 'photo is', 'photos are')} in more than one of the given splits, byte for byte: its score there is memory."
        )
    if manifest.has_groups:
        crossing = int((frame.groupby("group")["split"].nunique() > 1).sum())
        if crossing:
            notes.append(
                f"{count(crossing, 'group is', 'groups are')} on both sides of the given split: validation will look better than it is."
            )
    counts = split_counts(manifest)
    missing = [name for name, row in zip(manifest.space.class_names, counts, strict=True) if row[0] and not row[1]]
    if missing:
        notes.append(f"No validation photo for {examples(quotes(missing), 4)}: their scores are not measured.")
    unseen = [name for name, row in zip(manifest.space.class_names, counts, strict=True) if not row[0]]
    if unseen:
        notes.append(
            f"No training photo for {examples(quotes(unseen), 4)}: the joint class can only be composed from its attributes."
        )
    return notes


def split_counts(manifest: Manifest) -> np.ndarray:
    """(K, 3): photos of each class in train, valid and test."""
    classes = manifest.classes()
    num = manifest.space.num_classes
    return np.stack(
        [np.bincount(classes[manifest.rows(s)], minlength=num)[:num] for s in ("train", "valid", "test")], axis=1
    )


def _take(manifest: Manifest, pool: np.ndarray, clusters: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    """Rows of `pool`, about `fraction` of each class, in whole clusters.

    Greedy: clusters that hold much of a rare class choose first, the others in random order, so that the taken part is like the
    rest; each goes where it brings the class counts nearer to their targets. A cluster so large that it would be much of the taken part stays, where smaller ones suffice: scores over few
    clusters are unsure. Then every class that can be on both sides is.
    """
    members, where = np.unique(clusters[pool], return_inverse=True)
    counts_GK = np.zeros((len(members), manifest.space.num_classes))
    np.add.at(counts_GK, (where, manifest.classes()[pool]), 1)
    totals_K = counts_GK.sum(axis=0)
    share_GK = counts_GK / np.maximum(totals_K, 1)
    order = np.random.default_rng(seed).permutation(len(members))
    order = order[np.argsort(share_GK[order].max(axis=1) <= fraction / 4, kind="stable")]
    taken_G = np.zeros(len(members), dtype=bool)
    deviation_K = -fraction * (totals_K > 0)
    barred_G = _too_large(share_GK, fraction)
    for group in order:
        if not barred_G[group] and share_GK[group] @ (2 * deviation_K + share_GK[group]) < 0:
            taken_G[group] = True
            deviation_K = deviation_K + share_GK[group]
    _cover(taken_G, share_GK, order)
    return pool[taken_G[where]]


def _too_large(share_GK: np.ndarray, fraction: float) -> np.ndarray:
    """(G,) clusters with over a quarter of what is taken of a class that smaller clusters can fill twice over."""
    large_GK = share_GK > fraction / 4
    filled_K = np.where(large_GK, 0, share_GK).sum(axis=0) >= 2 * fraction
    return (large_GK & filled_K).any(axis=1)


def _cover(taken_G: np.ndarray, share_GK: np.ndarray, order: np.ndarray) -> None:
    """Moves the smallest cluster of a class that one side lacks, where the other side has two or more."""
    for side in (True, False):
        for k in np.flatnonzero(share_GK.sum(axis=0) > 0):
            holders = order[share_GK[order, k] > 0]
            if len(holders) > 1 and not (taken_G[holders] == side).any():
                spare = [g for g in holders if _leaves_others(g, taken_G == side, share_GK)]
                if spare:
                    taken_G[min(spare, key=lambda g: share_GK[g].sum())] = side


def _leaves_others(group: int, on_side_G: np.ndarray, share_GK: np.ndarray) -> bool:
    """Moving the group to this side takes no class away from the other side altogether."""
    rest_K = share_GK[~on_side_G].sum(axis=0) - share_GK[group]
    return bool((rest_K[share_GK[group] > 0] > 1e-12).all())


def _check_pool(manifest: Manifest, pool: np.ndarray, given_valid: bool) -> None:
    if not len(pool):
        raise SplitError(
            "There is no labelled photo to learn from that can be read. Look at the photos and labels with: photobench list problems"
        )
    if given_valid:
        return
    mistakes = []
    clusters, codes_NA = clusters_of(manifest)[pool], manifest.codes()[pool]
    for number, attribute in enumerate(manifest.space.attributes):
        for code, value in enumerate(attribute.values):
            rows = codes_NA[:, number] == code
            photos, groups = int(rows.sum()), len(np.unique(clusters[rows]))
            if photos and groups < 2:
                have = "one photo" if photos == 1 else f"{photos} photos, all of one group"
                mistakes.append(
                    f'{attribute.name} "{value}" has {have}: two groups are needed, one to learn from and one to check'
                )
    _raise(mistakes)


def _check_folds(manifest: Manifest, pool: np.ndarray, clusters: np.ndarray, part: np.ndarray, num: int) -> None:
    """Every fold is to be asked about every label. Of the joint classes that is too much to ask: `split_notes` tells of them."""
    codes_NA, scarce, absent = manifest.codes()[pool], dict[str, int](), list[str]()
    for number, attribute in enumerate(manifest.space.attributes):
        for code, value in enumerate(attribute.values):
            rows = codes_NA[:, number] == code
            lacking = [str(fold + 1) for fold in np.setdiff1d(np.arange(num), part[rows])]
            if not rows.any() or not lacking:
                continue
            label, groups = f'{attribute.name} "{value}"', len(np.unique(clusters[pool[rows]]))
            if groups < num:
                scarce[label] = groups
            else:
                where = f"{'fold' if len(lacking) == 1 else 'folds'} {listed(lacking)} of {num}"
                absent.append(f"{label} is absent from {where}: its photos are of {groups} groups")
    remedy = "add photos, or move the value from `values` to `left_out` in photobench.toml."
    if scarce:
        raise SplitError(f"{_too_few(scarce, num, manifest.has_groups)}, {remedy}")
    if absent:
        raise SplitError(f"{examples(absent, between='; ')}. Ask for fewer folds, {remedy}")


def _too_few(scarce: Mapping[str, int], num: int, has_groups: bool) -> str:
    """`scarce`: how many groups each label has that has fewer than there are to be folds."""
    one, most = "group" if has_groups else "different photo", min(scarce.values())
    shown = examples(f"{label} has {count(groups, one)}" for label, groups in scarce.items())
    asked = f"Ask for {most} folds or fewer" if most > 1 else "Train without folds"
    return f"Each of {num} folds is asked about every label, which takes {num} {one}s of it: {shown}. {asked}"


def check_sides(manifest: Manifest, remedy: str = "") -> None:
    """Raises SplitError where a value of an attribute has no readable photo in train or in valid (all are named)."""
    codes_NA, mistakes = manifest.codes(), []
    sides = {side: manifest.rows(side) for side in ("train", "valid")}
    for number, attribute in enumerate(manifest.space.attributes):
        for code, value in enumerate(attribute.values):
            counts = {side: int((codes_NA[rows, number] == code).sum()) for side, rows in sides.items()}
            lacking = [side for side, num in counts.items() if not num]
            if lacking:
                mistakes.append(f'{attribute.name} "{value}" has no readable photo in {" or ".join(lacking)}')
    _raise(mistakes, remedy or REMEDY)


def _raise(mistakes: list[str], remedy: str = REMEDY) -> None:
    if mistakes:
        raise SplitError(f"{'; '.join(mistakes)}. {remedy}")
