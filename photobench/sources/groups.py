"""Who or what is in a photo, as far as its path tells: proposals for `source.group_pattern`.

A few shapes of names are tried. What they miss: names that say nothing (IMG_2041), people whose name is
spelt in two ways, series told apart only by date. A proposal is never certain: a number may count photos or
people.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from photobench.records import Manifest
from photobench.sources.files import natural_key, split_name
from photobench.words import count

_NUMBERED = r"[ _-]*\(?\d+\)?\.[^./]+$"
_GENERIC = set(
    """
    img image images imgs dsc dscn dscf photo photos pic pict picture screenshot screen shot capture
    frame scan file untitled download oip copy sample data augmented aug pxl mvi vid video face person
    people subject patient user id item object cropped crop out output result new with without the of
    and no
    """.split()  # noqa: SIM905
)
_COPY = r"^(.+?)[ _-]+\(?copy[ _\d]*\)?[ _\d]*\.[^./]+$"
_STEM = r"^(.+)\.[^./]+$"
_AUGMENTED = re.compile(r"(?:^|/)[^/]*(?:augment|(?<![a-z])aug[ _-]|flipped|rotated)[^/]*$", re.IGNORECASE)

MIN_COVERAGE = 0.25  # of the photos, for a pattern to be worth proposing
_MAX_SHARE = 0.25  # of the covered photos in one group; small sets may have half
_SMALL = 40  # photos
_LARGE = 200  # photos, of which no number that is a person has more than _STANDS_OUT, where others have far fewer
_STANDS_OUT = 0.05
_PURE = 0.95  # of the photos whose label a number tells, for it to be a measure
_EVEN = 0.6  # variation (std / mean) of the group sizes up to which they look planned
_MANY_COPIES = 0.02  # of the photos


@dataclass(frozen=True)
class Proposal:
    """A group pattern, and why one may believe it."""

    pattern: str
    num_groups: int
    num_photos: int  # that the pattern puts into groups of two and more
    sure: str  # likely | guess
    evidence: str


def propose(paths: Sequence[str], depth: int, labels: Mapping[str, str] | None = None) -> Proposal | None:
    """The best pattern for these paths, None where names tell nothing.

    Args:
        depth: how many leading folders mean something else: 1 the class, 2 split and class, 0 with a table.
        labels: a label per path; a name that only repeats it is no group.
    """
    copies = _apply(_COPY, paths)
    if len(copies) < max(2, _MANY_COPIES * len(paths)):
        copies = {}
    named = _named([path for path in paths if path not in copies], depth, labels or {})
    return _with_copies(named, copies, paths) if copies else named


def propose_for(manifest: Manifest) -> Proposal | None:
    """The best pattern for the photos of a manifest, whose labels and class folders are no groups."""
    frame, attributes = manifest.frame, manifest.space.attributes
    if not len(frame):
        return None
    parts = frame["path"].iloc[0].split("/")
    values = {value for attribute in attributes for value in attribute.values}
    depth = next((number for number, part in enumerate(parts, 1) if part in values), 0)  # folders that mean the class
    labels = frame[[attribute.name for attribute in attributes]].fillna("").astype(str).agg("\t".join, axis=1)
    return propose(frame["path"].tolist(), depth, dict(zip(frame["path"], labels, strict=True)))


def augmented(paths: Sequence[str]) -> list[str]:
    """Photos whose names say that they are altered copies of others."""
    return [path for path in paths if _AUGMENTED.search(path)]


def _named(paths: Sequence[str], depth: int, labels: Mapping[str, str]) -> Proposal | None:
    """The most even shape of those that are believable; between equals the one tried first."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for shape in ("folder", "name", "prefix", "first"):
        pattern, groups = _try(shape, paths, depth, labels)
        if groups:
            found[shape] = pattern, groups
    if "name" in found and "prefix" in found and len(found["name"][1]) > 0.8 * len(found["prefix"][1]):
        del found["prefix"]  # the same names, with the numbers in front of them
    if not found:
        return None
    return _proposal(*min(found.values(), key=lambda one: _unevenness(one[1], len(paths))), len(paths))


def _try(shape: str, paths: Sequence[str], depth: int, labels: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The pattern of the shape and what it finds, {path: group}; nothing when that is not believable."""
    found = _apply(_pattern(shape, depth, []), paths)
    useless = _useless(found, paths, depth)
    kept = {path: group for path, group in found.items() if group not in useless}
    sizes = Counter(found.values())
    pattern = _pattern(shape, depth, sorted((n for n in useless if sizes[n] > 1), key=natural_key))
    return pattern, kept if _is_believable(kept, len(paths), labels) else {}


def _pattern(shape: str, depth: int, without: Sequence[str]) -> str:
    if shape == "folder":
        return (rf"^(?:[^/]+/){{{depth},}}" if depth else "") + "([^/]+)/[^/]+$"
    if shape == "name":  # up to the last number, without the numbers in front: 0_1_anna_0021.jpg
        return rf"^(?:.*/)?(?:\d+[ _-]+)*{_not(without, _NUMBERED)}([^\W\d_][^/]*?){_NUMBERED}"
    if shape == "prefix":  # up to the last number: 012_3.jpg
        return rf"^(?:.*/)?{_not(without, _NUMBERED)}([^/]+?)[ _-]+\(?\d+\)?\.[^./]+$"
    return rf"^(?:.*/)?{_not(without, '_')}([^/_]+)_[^/]*$"


def _not(names: Sequence[str], then: str) -> str:
    return rf"(?!(?:{'|'.join(map(re.escape, names))}){then})" if names else ""


def _apply(pattern: str, paths: Sequence[str]) -> dict[str, str]:
    compiled = re.compile(pattern)
    matches = ((path, compiled.search(path)) for path in paths)
    return {path: match[1] for path, match in matches if match and match[1]}


def _useless(found: Mapping[str, str], paths: Sequence[str], depth: int) -> set[str]:
    """Names that are a camera's or a class folder's, or that hold most of a class folder."""
    folders = Counter("/".join(path.split("/")[:depth]) for path in paths)
    in_folder = Counter(("/".join(path.split("/")[:depth]), group) for path, group in found.items())
    whole = {group for (folder, group), n in in_folder.items() if n > 3 and n > folders[folder] / 2}
    classes = {_letters(part) for folder in folders for part in folder.split("/")}
    generic = {g for g in set(found.values()) if _is_generic(g) or _letters(g) in classes or split_name(g)}
    return generic | (whole if depth else set())


def _is_generic(name: str) -> bool:
    words = re.findall(r"[^\W\d_]+", name.lower())
    return bool(words) and not re.search(r"\d", name) and all(word in _GENERIC for word in words)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _is_believable(kept: Mapping[str, str], num_photos: int, labels: Mapping[str, str]) -> bool:
    sizes = np.array(list(Counter(kept.values()).values()))
    if len(kept) < MIN_COVERAGE * num_photos or not 2 <= len(sizes) <= len(kept) / 2 or np.median(sizes) < 2:
        return False
    if sizes.max() > (_MAX_SHARE if len(kept) >= _SMALL else 0.5) * len(kept):
        return False
    is_even = _variation(kept) < _EVEN
    if len(kept) >= _LARGE and sizes.max() > _STANDS_OUT * len(kept) and not is_even and not _has_letters(kept):
        return False
    return not _repeats_label(kept, labels) and (is_even or not _is_measure(kept, labels))


def _repeats_label(kept: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether the name only says the label again, as "cat" of cat_12.jpg or the age 53 of 53_0.jpg does."""
    known = [(group, labels[path]) for path, group in kept.items() if path in labels]
    if not known:
        return False
    same = sum(_letters(group) in {_letters(word) for word in label.split("\t")} for group, label in known)
    values: dict[str, set[str]] = {}
    for group, label in known:
        values.setdefault(group, set()).add(label)
    pure = all(len(v) == 1 for v in values.values())
    return same > 0.9 * len(known) or (pure and len(values) <= len({label for _, label in known}))


def _has_letters(kept: Mapping[str, str]) -> bool:
    return any(re.search(r"[^\W\d_]", group) for group in kept.values())


def _is_measure(kept: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a number in the name is what a label is a band of, such as the age 26 of 26_0_1: along it, each band comes once."""
    pairs = [(re.findall(r"\d+", group), labels[path].split("\t")) for path, group in kept.items() if path in labels]
    if not pairs or len({len(numbers) for numbers, _ in pairs}) != 1:
        return False
    places, columns = range(len(pairs[0][0])), range(len(pairs[0][1]))
    return any(
        _in_bands([(int(n[place]), label[column]) for n, label in pairs]) for place in places for column in columns
    )


def _in_bands(pairs: Sequence[tuple[int, str]]) -> bool:
    """Numbers and labels: along the numbers, the label changes no more often than there are labels."""
    counted: dict[int, Counter[str]] = {}
    for number, label in pairs:
        counted.setdefault(number, Counter())[label] += 1
    most = [counted[number].most_common(1)[0] for number in sorted(counted)]
    told = sum(times for _, times in most)
    labels = {label for _, label in pairs}
    runs = 1 + sum(label != after for (label, _), (after, _) in itertools.pairwise(most))
    return len(counted) > len(labels) > 1 and told > _PURE * len(pairs) and runs <= len(labels)


def _variation(groups: Mapping[str, str]) -> float:
    sizes = np.array(list(Counter(groups.values()).values()))
    return float(sizes.std() / sizes.mean())


def _unevenness(groups: Mapping[str, str], num_photos: int) -> float:
    """Low for groups of like size that cover many photos."""
    return round(_variation(groups), 1) + 1 - len(groups) / num_photos


def _proposal(pattern: str, groups: Mapping[str, str], num_photos: int) -> Proposal:
    sizes = Counter(groups.values())
    name, most = sizes.most_common(1)[0]
    if len(set(sizes.values())) == 1:
        shape = f"{count(len(sizes), 'name')} × {most} photos"
    else:
        shape = f"{count(len(sizes), 'name')} on {count(len(groups), 'photo')}, most often {name} ({most:,})"
    example = next(path for path, group in groups.items() if group == name)
    even = _variation(groups) < _EVEN and len(groups) > 0.9 * num_photos
    evidence = f'{example} → "{groups[example]}": {shape}'
    return Proposal(pattern, len(sizes), len(groups), "likely" if even else "guess", evidence)


def _with_copies(named: Proposal | None, copies: Mapping[str, str], paths: Sequence[str]) -> Proposal:
    """Adds that "a copy 2.jpg" belongs to "a.jpg"."""
    stems = _apply(_STEM, paths)
    originals = {path for path, stem in stems.items() if stem in set(copies.values())}
    number, photos = len(set(copies.values())), len(copies) + len(originals - set(copies))
    example, group = next(iter(copies.items()))
    evidence = f'{example} → "{group}": {count(len(copies), "copy", "copies")} of {count(number, "photo")}'
    if named is None:
        return Proposal(f"{_COPY}|{_STEM}", number, photos, "guess", evidence)
    pattern = f"{_COPY}|{named.pattern}|{_STEM}"
    evidence = f"{named.evidence}; and {evidence}"
    return Proposal(pattern, named.num_groups + number, named.num_photos + photos, "guess", evidence)
