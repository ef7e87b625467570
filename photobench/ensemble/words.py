"""What is said of an ensemble: tables, and sentences that a person can act on."""

from __future__ import annotations

from photobench.ensemble.diversity import Diversity
from photobench.ensemble.record import EnsembleRecord, Way
from photobench.evaluation import Figure
from photobench.words import columns

NAMES = {
    "single": "best member",
    "soup": "soup (mean of weights)",
    "soft": "soft (mean)",
    "hard": "hard (votes)",
    "rank": "rank (mean of ranks)",
    "greedy": "greedy (weights)",
    "stacking": "stacking",
}
VISIBLE = 0.02
"""Two figures of one member that are this far apart need a word."""
ALIKE = 0.7
"""Mistakes that go together more than this leave little to gain."""


def described(record: EnsembleRecord) -> str:
    """All of it, for a terminal."""
    said = [verdict(record), about_diversity(record)]
    return "\n".join([about(record), "", members_table(record), "", ways_table(record), "", *said])


def about(record: EnsembleRecord) -> str:
    """Who was asked about what."""
    groups = f" in {record.num_groups:,} groups" if record.num_groups < record.num_photos else ""
    return (
        f"{len(record.members)} members, asked about {record.num_photos:,} photos{groups} that they did not learn from."
    )


def origin(record: EnsembleRecord) -> str:
    """Who answers together and how, and how honest that is."""
    asked = record.members if record.soup else [record.members[number] for number in record.fitted.asked()]
    names = ", ".join(one.name for one in asked)
    if len(asked) == 1:
        return f"The best member alone answers: {names}."
    how = "their weights averaged" if record.soup else f"combined by {NAMES.get(record.method, record.method)}"
    chosen = (
        f" The way was chosen among {len(record.tried)} on these photos, so it looks slightly too good."
        if record.asked == "best"
        else ""
    )
    return f"{len(asked)} answer together, {how}: {names}. A held-out photo is told by what was fitted to other groups.{chosen}"


def members_table(record: EnsembleRecord) -> str:
    """A row per member, with its weight where it has one of its own."""
    return columns(member_rows(record), MEMBER_HEADS)


MEMBER_HEADS = ("member", "macro-F1", "interval", "ms per photo", "weight")
WAY_HEADS = ("way", "macro-F1", "interval", "against the best member", "interval", "ms per photo")
EXPECTED_HEADS = ("expected on new photos", "90 % interval")
"""Before the last one, where it is known."""


def member_rows(record: EnsembleRecord) -> list[tuple[str, ...]]:
    """The cells of `members_table`. In a soup, the weight is of the member's weights in their mean."""
    weights = [f"{one:.2f}" for one in record.fitted.weights_M]
    return [
        (one.name, *_figure(one.score), _ms(one.ms), weight)
        for one, weight in zip(record.members, weights, strict=True)
    ]


def ways_table(record: EnsembleRecord) -> str:
    """A row per way, the simplest first."""
    return columns(way_rows(record), way_heads(record))


def way_heads(record: EnsembleRecord) -> tuple[str, ...]:
    """The heads of `ways_table`."""
    return (*WAY_HEADS[:-1], *(EXPECTED_HEADS if _knows_expected(record) else ()), WAY_HEADS[-1])


def way_rows(record: EnsembleRecord) -> list[tuple[str, ...]]:
    """The cells of `ways_table`; the way that was taken has a star."""
    return [
        (
            NAMES.get(way.method, way.method) + (" ★" if way.method == record.method else ""),
            *_figure(way.score),
            *_figure(way.gain, "+"),
            *(_figure(way.expected, "+") if _knows_expected(record) else ()),
            _ms(way.ms),
        )
        for way in record.tried
    ]


def _knows_expected(record: EnsembleRecord) -> bool:
    return any(way.expected for way in record.tried)


def verdict(record: EnsembleRecord) -> str:
    """Whether it is worth it, how sure that is, and what it costs."""
    single = next(way for way in record.tried if way.method == "single")
    if record.method == "single":
        return _not_worth_it(record, single)
    way = record.way
    assert way.gain is not None
    why = "as asked for" if record.asked != "best" else _why(way, max(record.tried, key=_worth))
    cost = f"It takes {_ms(way.ms)} ms per photo, the best member {_ms(single.ms)}."
    return f"{way.method.capitalize()} is taken, {why}: {_sure(way.gain)}.{_on_new_photos(record, way)} {cost}{_choosing(record, single)}"


def _worth(way: Way) -> float:
    """How much better than the best member it is expected to be on new photos, as far as that is known."""
    gain = way.expected or way.gain
    return gain.value if gain else 0.0


def _on_new_photos(record: EnsembleRecord, way: Way) -> str:
    """What is left of a gain where members answer new photos with several models each; empty where they do not."""
    if not _is_of_sets(record) or way.method == "soup":
        return ""
    less = " Out of fold a photo is told by one model of each set; a new photo by the mean of all, which does a part of what an ensemble does: "
    if way.expected:
        interval = f" (90 %: {way.expected.interval(sign='+')})" if way.expected.is_known else ""
        unsure = ", which is not sure enough" if record.method == "single" and way.expected.value > 0 else ""
        return f"{less}{way.expected.value:+.3f} macro-F1{interval} is expected there{unsure}."
    return f"{less}expect less than this there. How much less can be told with test photos, or with an evaluation set that nothing was learned from (split.test, source.predict)."


def _is_of_sets(record: EnsembleRecord) -> bool:
    return any(len(one.runs) > 1 for one in record.members)


def _choosing(record: EnsembleRecord, single: Way) -> str:
    """Why the best member scores less among the ways than among the members, where that shows."""
    alone = max(member.score.value for member in record.members)
    if alone - single.score.value < VISIBLE:
        return ""
    return (
        f" The best member has {single.score.value:.3f} here and not {alone:.3f}: like every way it is chosen on some groups and measured on "
        "others, and which member is best depends on the groups."
    )


def _not_worth_it(record: EnsembleRecord, single: Way) -> str:
    if record.asked == "single":
        return f"The best member alone, as asked for: {record.alone.name}."
    best = max((way for way in record.tried if way.gain), key=_worth)
    if best.gain and best.gain.value <= 0:
        return f"An ensemble is not worth it here: no way to combine is better than the best member. Use {record.alone.name} alone."
    return (
        f"An ensemble is not worth it here: the best way, {best.method}, is {_doubt(record, best)}{_on_new_photos(record, best)} It takes "
        f"{_ms(best.ms)} ms per photo, the best member {_ms(single.ms)}. Use {record.alone.name} alone."
    )


def _doubt(record: EnsembleRecord, way: Way) -> str:
    assert way.gain is not None
    from_it = f"{_apart(way.gain)} from the best member"
    if way.expected:
        return f"{from_it}."
    if not way.gain.is_known:
        return f"{from_it}, and how sure that is cannot be said."
    return f"{from_it}, which is {'not beyond doubt' if _is_of_sets(record) else 'within one standard error'}."


def _why(way: Way, best: Way) -> str:
    if best.method == way.method:
        return "the best"
    how_good = f"{_worth(best):+.3f} expected" if best.expected else f"{best.score.value:.3f}"
    return f"the simplest way within one standard error of the best ({best.method}, {how_good})"


def _sure(gain: Figure) -> str:
    if not gain.low <= gain.high:
        return f"{gain.value:+.3f} macro-F1 from the best member; how sure that is cannot be said: too few groups, or no difference"
    if gain.low <= 0 <= gain.high:
        return f"{_apart(gain)} from the best member, which is not beyond doubt"
    return f"{'better' if gain.low > 0 else 'worse'} than the best member beyond doubt, {_apart(gain)}"


def _apart(gain: Figure) -> str:
    span = f" ({gain.low:+.3f} to {gain.high:+.3f})" if gain.low <= gain.high else ""
    return f"{gain.value:+.3f} macro-F1{span}"


def about_diversity(record: EnsembleRecord) -> str:
    """The pair that is most alike and the one that is least, and what follows from it."""
    found, names = record.diversity, [one.name for one in record.members]
    pairs = [(i, j) for i in range(len(names)) for j in range(i)]
    known = [pair for pair in pairs if found.errors_MM[pair] == found.errors_MM[pair]]
    if not known:
        return "Some members make no mistake, so it cannot be said whether their mistakes go together."
    least, most = (pick(known, key=lambda pair: float(found.errors_MM[pair])) for pick in (min, max))
    text = f"The mistakes of {_pair(names, most)} go together {_how(found, most)}"
    if least != most:
        text += f", those of {_pair(names, least)} {_how(found, least)}"
    alike = found.errors_MM[least] > ALIKE
    return text + (
        ". They are wrong about much the same photos: another backbone, or another size, would add more than another seed."
        if alike
        else "."
    )


def _how(found: Diversity, pair: tuple[int, int]) -> str:
    share = 100 * found.disagreement_MM[pair]
    return (
        f"with a correlation of {found.errors_MM[pair]:.2f} (they say different classes of {share:.0f} % of the photos)"
    )


def _pair(names: list[str], pair: tuple[int, int]) -> str:
    return f"{names[pair[1]]} and {names[pair[0]]}"


def _figure(figure: Figure | None, sign: str = "") -> tuple[str, str]:
    if figure is None:
        return "", ""
    to = "to" if sign else "–"
    span = f"{figure.low:{sign}.3f} {to} {figure.high:{sign}.3f}" if figure.low <= figure.high else "–"
    return f"{figure.value:{sign}.3f}", span


def _ms(ms: float) -> str:
    return f"{ms:.1f}" if ms == ms else "–"
