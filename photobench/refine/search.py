"""What is tried, in its order: views, then temperatures on their mean, then how the class is decided on.

A refinement by itself is measured on photos of groups that it was not fitted to. Choosing the best of several makes its measure too good
again, so the whole search is repeated without each part of the groups in turn, and asked about that part: that is what is promised.
What changes answers is kept only where this promise is beyond doubt; temperatures cost nothing and are kept where the log-loss is lower.

Shape legend: N photos, K joint classes, R rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from photobench.bootstrap import Sample
from photobench.evaluation import Figure, Reliability
from photobench.refine.decisions import MOST_PROBABLE, RULES, most_probable, rules
from photobench.refine.outcome import DECISION, TEMPERATURES, VIEWS, Chosen, Refinement, Tried
from photobench.refine.temperature import Form, Temperatures, fit_temperatures, forms, lost
from photobench.refine.told import PARTS, PLAIN, Measure, Told
from photobench.reliability import reliability

SEARCHES = PARTS + 1
"""How often the search is made: without each part, and with all photos."""

BEST, WITHIN, WORSE, SAME = "yes", "no: within doubt", "no: it is worse", "no: it changes no answer"
HONEST = "yes: the probabilities are more honest, and it costs nothing"
HARDLY = "yes: within doubt, but it costs nothing"
BETTER_ONE, NOTHING_MORE = "no: another one is better", "no: it adds nothing to the others"
NOT_ELSEWHERE = "no: chosen on some photos, it is within doubt on others"


@dataclass(frozen=True)
class Answers:
    """Of every held-out photo by what was chosen without it: probabilities (N, K), joint classes (N,)."""

    probs_NK: np.ndarray
    classes_N: np.ndarray


def refine(
    base: str, told: Told, views: Sequence[str], measure: Measure, advance: Callable[[], None] = lambda: None
) -> tuple[Refinement, Answers]:
    """What is worth keeping on top of `base`, and what it answers of photos that nothing of it was chosen on.

    Args:
        told: what the base says of its held-out photos, of the plain view and of `views`.
        advance: called after each of SEARCHES searches.
    """

    search = _Search(tuple(views), measure)

    def choose(some: Told) -> Chosen:
        chosen = search.everything(some)[0]
        advance()
        return chosen

    plain_N = told.plain_NK.argmax(axis=1)
    answers = _in_turns(told, choose)
    gain = measure.gain(told, answers.classes_N, plain_N)
    chosen, tried = search.everything(told)
    advance()
    if not (chosen.changes_answers and gain.low > 0):
        tried = [_not_elsewhere(one) for one in tried if one.part != TEMPERATURES]
        chosen, heats = search.temperatures_alone(told)
        tried += heats
        answers = _in_turns(told, lambda some: search.temperatures_alone(some)[0])
        gain = measure.gain(told, answers.classes_N, plain_N)
    return _outcome(base, told, chosen, tried, gain, answers, measure), answers


def _in_turns(told: Told, choose: Callable[[Told], Chosen]) -> Answers:
    def answer(chosen: Chosen, asked: Told) -> tuple[np.ndarray, ...]:
        probs_NK = chosen.probs(asked.seen(chosen.views), told.space)
        return probs_NK, chosen.decision.classes(probs_NK, told.space)

    return Answers(*told.in_turns(choose, answer))


def _not_elsewhere(one: Tried) -> Tried:
    return replace(one, used=False, why=NOT_ELSEWHERE) if one.used else one


def _outcome(
    base: str, told: Told, chosen: Chosen, tried: Sequence[Tried], gain: Figure, answers: Answers, measure: Measure
) -> Refinement:
    def honest(probs_NK: np.ndarray, classes_N: np.ndarray) -> Reliability:
        sample = Sample(told.truth_N, classes_N, probs_NK, told.groups_N, told.num_groups)
        return reliability(sample, measure.num, measure.confidence, measure.seed)

    order = (VIEWS, TEMPERATURES, DECISION)
    return Refinement(
        base=base,
        metric=measure.metric,
        num_photos=len(told),
        num_groups=told.num_groups,
        chosen=chosen,
        tried=tuple(sorted(tried, key=lambda one: order.index(one.part))),
        gain=gain,
        before=honest(told.plain_NK, told.plain_NK.argmax(axis=1)),
        after=honest(answers.probs_NK, answers.classes_N),
        loss_before=float(lost(told.plain_NK, told.truth_N).mean()),
        loss_after=float(lost(answers.probs_NK, told.truth_N).mean()),
    )


@dataclass(frozen=True)
class _Search:
    """One search: what it would keep, and what it saw of each refinement by itself."""

    views: tuple[str, ...]
    measure: Measure

    def everything(self, told: Told) -> tuple[Chosen, list[Tried]]:
        views, tried_views = self._views(told)
        seen = told.seen_as_plain(views)
        temperatures, tried_temperatures = self._temperatures(seen)
        rule, tried_rules = self._rule(seen, temperatures.form if temperatures else None)
        decision = RULES.build(rule, probs_NK=_heated(temperatures, seen), truth_N=seen.truth_N, space=seen.space)
        return Chosen(views, temperatures, decision), [*tried_views, *tried_temperatures, *tried_rules]

    def temperatures_alone(self, told: Told) -> tuple[Chosen, list[Tried]]:
        temperatures, tried = self._temperatures(told)
        return Chosen((PLAIN,), temperatures, most_probable(told.space)), tried

    def _views(self, told: Told) -> tuple[tuple[str, ...], list[Tried]]:
        """Greedy: the view that helps most joins those that are there, as long as one helps beyond doubt."""
        chosen: tuple[str, ...] = (PLAIN,)
        alone = gains = self._gains_of_views(told, chosen)
        while gains:
            best = max(gains, key=lambda name: gains[name].value)
            if not gains[best].low > 0:
                break
            chosen = (*chosen, best)
            gains = self._gains_of_views(told, chosen)
        return chosen, _judged(VIEWS, alone, chosen, NOTHING_MORE)

    def _gains_of_views(self, told: Told, chosen: tuple[str, ...]) -> dict[str, Figure]:
        now_N = told.seen(chosen).argmax(axis=1)
        rest = [name for name in self.views if name not in chosen]
        return {name: self.measure.gain(told, told.seen((*chosen, name)).argmax(axis=1), now_N) for name in rest}

    def _temperatures(self, seen: Told) -> tuple[Temperatures | None, list[Tried]]:
        """The form that takes most off the log-loss of photos that it was not fitted to, fitted to all; None where none does."""
        before_N = lost(seen.plain_NK, seen.truth_N)
        gains = {
            form: self.measure.change(seen, before_N - lost(_heated_in_turns(seen, form), seen.truth_N))
            for form in forms(seen.space)
        }
        best = max(gains, key=lambda form: gains[form].value)
        used = gains[best].value > 0
        found = {form: fit_temperatures(seen.plain_NK, seen.truth_N, seen.space, form) for form in gains}
        tried = [
            Tried(
                TEMPERATURES,
                f"{'one for all' if form == 'one' else form} ({found[form]})",
                gain,
                used and form == best,
                _why_heated(gain, used and form == best),
            )
            for form, gain in gains.items()
        ]
        return found[best] if used else None, tried

    def _rule(self, seen: Told, form: Form | None) -> tuple[str, list[Tried]]:
        """The rule that gains most, beyond doubt, over saying the most probable class."""
        names = rules(seen.space)

        def choose(some: Told) -> Callable[[Told], tuple[np.ndarray, ...]]:
            heat = fit_temperatures(some.plain_NK, some.truth_N, some.space, form) if form else None
            probs_NK = _heated(heat, some)
            found = [RULES.build(name, probs_NK=probs_NK, truth_N=some.truth_N, space=some.space) for name in names]
            return lambda asked: tuple(one.classes(_heated(heat, asked), asked.space) for one in found)

        said = dict(zip(names, seen.in_turns(choose, lambda decide, asked: decide(asked)), strict=True))
        usual_N = said.pop(MOST_PROBABLE)
        gains = {name: self.measure.gain(seen, classes_N, usual_N) for name, classes_N in said.items()}
        best = max(gains, key=lambda name: gains[name].value)
        rule = best if gains[best].low > 0 else MOST_PROBABLE
        return rule, _judged(DECISION, gains, (rule,), BETTER_ONE)


def _heated(temperatures: Temperatures | None, seen: Told) -> np.ndarray:
    return temperatures.apply(seen.plain_NK, seen.space) if temperatures else seen.plain_NK


def _heated_in_turns(seen: Told, form: Form) -> np.ndarray:
    """(N, K) by temperatures that were fitted without each photo's group."""
    return seen.in_turns(
        lambda some: fit_temperatures(some.plain_NK, some.truth_N, some.space, form),
        lambda heat, asked: (heat.apply(asked.plain_NK, asked.space),),
    )[0]


def _judged(part: str, gains: Mapping[str, Figure], used: Sequence[str], beaten: str) -> list[Tried]:
    return [
        Tried(part, name, gain, name in used, BEST if name in used else _why_not(gain, beaten))
        for name, gain in gains.items()
    ]


def _why_not(gain: Figure, beaten: str) -> str:
    if np.isnan(gain.low):
        return SAME if gain.value == 0 else "no: how sure that is cannot be said"
    if gain.low > 0:
        return beaten
    return WORSE if gain.high < 0 else WITHIN


def _why_heated(gain: Figure, used: bool) -> str:
    if used:
        return HONEST if gain.low > 0 else HARDLY
    return BETTER_ONE if gain.value > 0 else WORSE
