"""Model soups: the mean of the weights of models that were trained alike. Wortsman et al., ICML 2022.

One model answers, so it costs what one costs. It works where the trainings began with the same weights and ended near each other; the
mean of models that were trained from nothing knows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import update_bn

from photobench.predict import BATCH_SIZE
from photobench.vision.model import Classifier
from photobench.vision.preprocess import fixed_view

NORM_PHOTOS = 1024
"""Training photos from which the statistics of batch norm are estimated anew, at the most."""


@torch.no_grad()
def soup(models: Sequence[Classifier], pixels: np.ndarray, rows: np.ndarray) -> Classifier:
    """The mean of these models, which are of one form; it takes the place of the first.

    The statistics of batch norm are those of the features that the mean weights make, so they are estimated anew where they differ
    between the models, from at most NORM_PHOTOS training photos: `rows` of the stored squares `pixels` (N, S, S, 3).
    """
    first = models[0]
    states = [model.state_dict() for model in models]
    anew = _norms_differ(first, states)
    first.load_state_dict({name: _mean([state[name] for state in states]) for name in states[0]})
    if anew:
        update_bn(_views(first, pixels, _spread(rows)), first, next(first.parameters()).device)
    return first.eval()


def _mean(tensors: Sequence[Tensor]) -> Tensor:
    """Of whole numbers, such as how many batches were seen, the first."""
    if not tensors[0].is_floating_point():
        return tensors[0]
    return torch.stack([tensor.double() for tensor in tensors]).mean(dim=0).to(tensors[0].dtype)


def _norms_differ(model: Classifier, states: Sequence[dict[str, Tensor]]) -> bool:
    """A frozen backbone is the same in all of them, and its statistics stay."""
    norms = [name for name, module in model.named_modules() if isinstance(module, _BatchNorm)]
    names = [f"{norm}.running_mean" for norm in norms if f"{norm}.running_mean" in states[0]]
    return any(not torch.equal(states[0][name], state[name]) for name in names for state in states[1:])


def _spread(rows: np.ndarray) -> np.ndarray:
    """At most NORM_PHOTOS of them, from the whole: photos of a class often lie side by side."""
    return np.sort(np.random.default_rng(0).permutation(rows)[:NORM_PHOTOS])


def _views(model: Classifier, pixels: np.ndarray, rows: np.ndarray) -> Iterable[Tensor]:
    rows = np.random.default_rng(0).permutation(rows)  # each batch has photos of all classes
    for start in range(0, len(rows), BATCH_SIZE):
        part = rows[start : start + BATCH_SIZE]
        if len(part) > 1 or not start:
            yield torch.from_numpy(np.ascontiguousarray(fixed_view(pixels[part], model.spec.size_px, model.spec.crop)))
