"""The check "leakage": what makes a score look better than it is. Photos or groups on both sides of a split, two groups that are one
person, and labels that the file or the background give away.

Shape legend: N photos, P pairs, G groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from photobench.audit.copies import find_copies
from photobench.audit.evidence import Evidence
from photobench.audit.kinds import Kind
from photobench.audit.persons import likely_same
from photobench.audit.scenes import scenes_across
from photobench.audit.shortcuts import shortcuts
from photobench.records import Finding, Manifest, Sentence
from photobench.sources.groups import propose_for

MISSES = (
    "A person whose photos look different in each group, a background that only a trained eye sees, "
    'leaks through time or place that no file property shows, copies that "duplicates" misses, and shots of one scene of which there are '
    "more than two, for each is as near as the next."
)
FALSE_ALARMS = (
    "Two people or things that look alike to the backbone, twins, or a studio that all share; and labels that have to do with light or colour "
    "by their nature, such as day and night."
)

SIDES = {"train": "train", "valid": "the validation set", "test": "the test set", "predict": "the evaluation set"}
ORDER = list(SIDES)
SHOWN = 8


def _on_two(side: str, other: str) -> str:
    return f"in {SIDES[side]} and in {SIDES[other]}"


KINDS = (
    *(Kind(_on_two(*sides), "one picture on both sides of a split", 1.2) for sides in combinations(ORDER, 2)),
    Kind(
        "one scene on two sides", "two shots of one scene, no copies, that are probably on both sides of a split", 1.0
    ),
    Kind("group on two sides", "photos of one person or thing on several sides of a split", 1.2),
    Kind(
        "two groups look like one", "groups that share copies, or whose photos are each other's nearest", 1.0, "group"
    ),
    Kind("label given away", "a label that file, border or light tell without what is shown", 1.0, of_label=True),
)


def _on_both(side: str, other: str, exact: bool) -> str:
    how = "byte for byte" if exact else "as a copy"
    return f"It is in {SIDES[side]}, and {how} in {SIDES[other]} too: a score there is memory."


def _on_several(group: str, **counts: int) -> str:
    told = ", ".join(f"{counts[side]} in {SIDES[side]}" for side in ORDER if side in counts)
    return f'Photos of group "{group}" are on several sides: {told}. A score there is partly memory.'


def _one_scene(photo: str, side: str, similarity: float, next_similarity: float) -> str:
    return (
        f"It may show the same scene as {photo} in {SIDES[side]}: each is the other's nearest photo by far (similarity {similarity:.2f}, "
        f"of the next photo {next_similarity:.2f}). If it does, a score there is partly memory."
    )


COPY_ON_BOTH, GROUP_ON_SEVERAL = (
    Sentence("copy on both sides", _on_both),
    Sentence("group on several sides", _on_several),
)
ONE_SCENE = Sentence("one scene", _one_scene)
GIVEN_AWAY = Sentence(
    "label given away",
    "'{value}' is told from {properties} alone with {accuracy:.0%} balanced accuracy (chance 50 %): a score may measure where the "
    "photos come from. This is one of those told most surely.",
)


def look(evidence: Evidence) -> list[Finding]:
    """Findings of all kinds; that names give away a person is said in the notes."""
    note = _about_names(evidence.manifest)
    evidence.notes.extend([note] if note else [])
    return [
        *_copies_across(evidence),
        *_scenes_across(evidence),
        *_groups_across(evidence.manifest),
        *_one_person(evidence),
        *_given_away(evidence),
    ]


def _copies_across(evidence: Evidence) -> Iterator[Finding]:
    """For each photo that is learned from, or only selects, and has a copy on a side that judges."""
    copies, frame = find_copies(evidence), evidence.manifest.frame
    clusters_N = copies.clusters(len(frame))
    alike = dict(zip(copies.second_P.tolist(), copies.likeness_P.tolist(), strict=True))
    linked = frame.assign(cluster=clusters_N, row=np.arange(len(frame)))
    linked = linked[linked["cluster"].isin(clusters_N[copies.first_P]) & linked["split"].isin(ORDER)]
    for _, cluster in linked.groupby("cluster"):
        sides = [side for side in ORDER if (cluster["split"] == side).any()]
        if len(sides) < 2:
            continue
        kept = cluster[cluster["split"] == sides[-1]]
        exact = set(cluster["sha256"]) == set(kept["sha256"].iloc[:1])
        score = 1.0 if exact else 0.9 * min(alike.get(row, 1.0) for row in cluster["row"])
        for _, photo in cluster[cluster["split"] != sides[-1]].iterrows():
            words, why = COPY_ON_BOTH(side=photo["split"], other=sides[-1], exact=exact)
            yield Finding(
                "leakage", _on_two(photo["split"], sides[-1]), photo["path"], "", float(score), "", "", "exclude", words,
                tuple(kept["path"])[:SHOWN], kept["path"].iloc[0], why,
            )  # fmt: skip


def _scenes_across(evidence: Evidence) -> Iterator[Finding]:
    """For each two shots of one scene on two sides: about the one that is learned from, or only selects. Where they are known to be of one
    group, that is said of the group."""
    frame, has_groups = evidence.manifest.frame, evidence.manifest.has_groups
    paths, sides, groups = (frame[name].to_numpy(dtype=object) for name in ("path", "split", "group"))
    for scene in scenes_across(evidence):
        pair = (scene.first, scene.second)
        if any(sides[row] not in ORDER for row in pair) or (has_groups and groups[scene.first] == groups[scene.second]):
            continue
        photo, other = sorted(pair, key=lambda row: ORDER.index(sides[row]))
        words, why = ONE_SCENE(
            photo=paths[other], side=sides[other], similarity=scene.similarity, next_similarity=scene.next_similarity
        )
        yield Finding(
            "leakage", "one scene on two sides", paths[photo], "", scene.score, "", "", "look", words, (paths[other],),
            paths[other], why,
        )  # fmt: skip


def _groups_across(manifest: Manifest) -> Iterator[Finding]:
    """A finding for each group that is on several sides, about its first photo on the side that learns."""
    if not manifest.has_groups:
        return
    frame = manifest.frame[manifest.usable() & manifest.frame["split"].isin(ORDER)]
    across = frame.groupby("group")["split"].transform("nunique") > 1
    for name, group in frame[across].groupby("group", sort=False):
        sides = [side for side in ORDER if (group["split"] == side).any()]
        words, why = GROUP_ON_SEVERAL(group=name, **{side: int((group["split"] == side).sum()) for side in sides})
        group = group.sort_values("split", key=lambda column: column.map(ORDER.index), kind="stable")
        paths = group["path"].tolist()
        related = (*group.loc[group["split"] == sides[-1], "path"], *paths[1:])[:SHOWN]
        yield Finding(
            "leakage", "group on two sides", paths[0], "", 0.95, "", "", "look", words, related, str(name), why
        )


def _one_person(evidence: Evidence) -> Iterator[Finding]:
    """A finding for each two groups that look like one, about a photo of the smaller one."""
    for pair in likely_same(evidence):
        yield Finding(
            "leakage", "two groups look like one", pair.path, "group", pair.score, pair.group, pair.other, "group",
            pair.words, pair.related[:SHOWN], f"{pair.group} = {pair.other}", pair.why,
        )  # fmt: skip


def _given_away(evidence: Evidence) -> Iterator[Finding]:
    """A finding for each value of a label that file or background tell, about the photo that they tell most surely."""
    paths = evidence.manifest.frame["path"].to_numpy()
    for found in shortcuts(evidence):
        words, why = GIVEN_AWAY(value=found.value, properties=found.properties, accuracy=found.accuracy)
        evidence.notes.append(
            f"{found.attribute}: '{found.value}' is told from {found.properties} alone with {found.accuracy:.0%}."
        )
        photo, *others = paths[found.rows[: SHOWN + 1]]
        yield Finding(
            "leakage", "label given away", photo, found.attribute, float(np.clip(2 * found.low - 1, 0, 1)), found.value, "",
            "look", words, tuple(others), f"{found.attribute} {found.value}", why,
        )  # fmt: skip


def _about_names(manifest: Manifest) -> str:
    """A sentence where no groups are known and the names suggest some."""
    found = None if manifest.has_groups else propose_for(manifest)
    if found is None:
        return ""
    return f"File names seem to say who or what is in a photo, which no split knows yet: source.group_pattern = '{found.pattern}' ({found.evidence})."
