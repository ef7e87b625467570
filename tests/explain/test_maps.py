"""Maps on photos of which it is known what decides the class."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from photobench.data.pack import PackSpec
from photobench.explain.attention import attentions
from photobench.explain.hiding import elsewhere, hidden, marked
from photobench.explain.maps import Explainer, ValueScores
from photobench.explain.where import enlarged
from photobench.records import Attribute, ClassSpace
from photobench.vision.model import Classifier, ModelSpec, build_classifier
from tests.explain.drawn import COLOURS, Spot, draw
from tests.explain.test_places import classifier

SIDE = 64
SPACE = ClassSpace((Attribute("label", tuple(COLOURS)),))


def drawn(num: int, seed: int) -> tuple[np.ndarray, np.ndarray, list[Spot]]:
    classes = np.arange(num) % 3
    made = [draw(list(COLOURS.values())[c], seed + n, SIDE) for n, c in enumerate(classes)]
    return np.stack([pixels for pixels, _ in made]), classes, [spot for _, spot in made]


def untrained(backbone: str, **args: object) -> Classifier:
    torch.manual_seed(0)
    spec = ModelSpec(
        backbone, args, "attributes", 0.0, SIDE, 1.0, (0.5,) * 3, (0.25,) * 3, PackSpec(SIDE, "crop"), SPACE
    )
    return build_classifier(spec)


def trained(backbone: str, steps: int, **args: object) -> Classifier:
    """Learns to tell the colour of the disc."""
    model = untrained(backbone, **args).train()
    images, classes, _ = drawn(384, seed=0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    batches = np.random.default_rng(0)
    for _ in range(steps):
        rows = batches.integers(0, len(images), 24)
        loss = torch.nn.functional.cross_entropy(
            model(torch.from_numpy(images[rows]))[0], torch.from_numpy(classes[rows])
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()


@pytest.fixture(scope="module", params=[("test_resnet", 70, {}), ("test_vit", 120, {"img_size": SIDE, "patch_size": 8})],
                ids=["cnn", "vit"])  # fmt: skip
def model(request: pytest.FixtureRequest) -> Classifier:
    backbone, steps, args = request.param
    return trained(backbone, steps, **args)


def weight_on_disc(maps: np.ndarray, spots: list[Spot]) -> np.ndarray:
    """(B,) the share of each map on the disc, over the disc's share of the photo: 1 is chance."""
    masks = [spot.mask(SIDE) for spot in spots]
    fine = [enlarged(one, SIDE) for one in maps]
    return np.array([f[m].sum() / max(f.sum(), 1e-9) / m.mean() for f, m in zip(fine, masks, strict=True)])


def test_the_maps_point_to_what_decides_and_those_of_random_weights_do_not(model: Classifier) -> None:
    """The pointing, and the check of Adebayo et al. (2018): a map that stays when the weights go says nothing of the model."""
    images, classes, spots = drawn(48, seed=10_000)
    explainer = Explainer(model)
    right = explainer.probabilities(images).argmax(axis=1) == classes
    assert right.mean() > 0.8, "the photos are not learned, so the maps cannot be judged"
    maps = explainer.maps(images, 0, classes)
    on_disc = weight_on_disc(maps, spots)[right].mean()
    assert on_disc > 3
    spec = model.spec
    other = Explainer(untrained(spec.backbone, **spec.args).eval()).maps(images, 0, classes)
    assert weight_on_disc(other, spots).mean() < on_disc / 2
    alike = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(maps, other, strict=True) if b.sum() > 0]
    assert np.nanmean(alike) < 0.5


def test_covering_what_is_marked_costs_the_answer_and_covering_elsewhere_does_not(model: Classifier) -> None:
    images, classes, _ = drawn(48, seed=20_000)
    explainer = Explainer(model)
    before = explainer.probabilities(images)[np.arange(48), classes]
    parts = [marked(one, SIDE) for one in explainer.maps(images, 0, classes)]
    rng = np.random.default_rng(0)
    lost = []
    for hide in (parts, [elsewhere(part, rng) for part in parts]):
        after = explainer.probabilities(np.stack([hidden(*pair) for pair in zip(images, hide, strict=True)]))
        lost.append((before - after[np.arange(48), classes]).mean())
    assert lost[0] > lost[1] + 0.02


def test_a_vit_is_left_as_it_was() -> None:
    """What is switched off to see the attention is switched on again, and the answers are the same."""
    explainer = Explainer(classifier("test_vit", 64, img_size=64))
    photos = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    before = explainer.probabilities(photos), [layer.fused_attn for layer in attentions(explainer.model.backbone)]
    first, second = (explainer.maps(photos, 0, np.array([value, value])) for value in (0, 1))
    assert not np.allclose(first, second), "a map is that of its value"
    np.testing.assert_array_equal(explainer.probabilities(photos), before[0])
    assert [layer.fused_attn for layer in attentions(explainer.model.backbone)] == before[1]


def test_a_joint_head_scores_a_value_by_its_marginal() -> None:
    model = classifier("test_resnet", 32, head="joint")
    photos = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    probs_BK = Explainer(model).probabilities(photos)
    for number in range(2):
        with torch.no_grad():
            scores = ValueScores(model, number)(torch.from_numpy(photos)).sigmoid().numpy()
        np.testing.assert_allclose(scores, model.spec.space.marginal(probs_BK, number), atol=1e-5)


def test_what_is_marked_is_a_fifth_and_elsewhere_is_mostly_elsewhere() -> None:
    map_hw = np.zeros((4, 4), np.float32)
    map_hw[0, 0] = 1
    part = marked(map_hw, 64)
    assert part.mean() == pytest.approx(0.2, abs=0.01)
    assert part[0, 0] and not part[63, 63]
    other = elsewhere(part, np.random.default_rng(0))
    assert other.sum() == part.sum()
    assert (other & part).sum() < 0.5 * part.sum()
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    covered = hidden(image, part)
    assert covered[2, 2] == pytest.approx(image.mean(axis=(0, 1)), abs=2)
    assert (covered[63] == image[63]).all()
