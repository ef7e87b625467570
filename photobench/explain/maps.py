"""Which parts of a photo speak for a value of an attribute. The only module that imports captum.

Of a convolutional network, and of others that keep a map of the photo: gradient × activation of each place of its last map that is
fine enough (HiResCAM, Draelos and Carin 2020). Of a map that is averaged before a linear head, it is Grad-CAM (Selvaraju et al. 2017)
itself; of an earlier map, Grad-CAM averages away where the gradient is (docs/log.md has both). Of a ViT: its attention, by its
gradient (`attention.py`).

Shape legend: B photos, H, W pixels, h, w cells of the map, V values of an attribute.
"""

from __future__ import annotations

import numpy as np
import torch
from captum.attr import LayerGradientXActivation
from torch import nn

from photobench.explain.attention import rollout
from photobench.explain.places import Place, find_place
from photobench.vision.model import Classifier

BATCH_SIZE = 16
ATTENTION, GRADIENTS = "attention rollout", "gradient × activation (Grad-CAM)"
"""The ways to make a map, as people are told."""


class Explainer:
    """Maps of one model. The model is changed for it (no layer writes over its input): take one that was loaded for this."""

    def __init__(self, model: Classifier):
        self.model = model.eval()
        for module in model.modules():
            if hasattr(module, "inplace"):
                module.inplace = False  # type: ignore[assignment]
        self.place: Place = find_place(model)
        self.way = ATTENTION if self.place.layout == "tokens" else GRADIENTS

    def maps(self, images_BHWC: np.ndarray, attribute: int, values_B: np.ndarray) -> np.ndarray:
        """(B, h, w) float32: how much each part of a photo speaks for its value; ≥ 0, with a sum of 1, or of 0 where none does.

        Args:
            images_BHWC: photos as the model sees them, uint8.
            values_B: the value of the attribute, as its code, that is asked about in each photo.
        """
        parts = [
            self._maps(images_BHWC[s : s + BATCH_SIZE], attribute, values_B[s : s + BATCH_SIZE])
            for s in range(0, len(images_BHWC), BATCH_SIZE)
        ]
        return np.concatenate(parts)

    def _maps(self, images_BHWC: np.ndarray, attribute: int, values_B: np.ndarray) -> np.ndarray:
        device = next(self.model.parameters()).device
        images = torch.from_numpy(np.ascontiguousarray(images_BHWC)).to(device)
        target = torch.from_numpy(np.asarray(values_B, dtype=np.int64)).to(device)
        scores = ValueScores(self.model, attribute)
        with torch.enable_grad():
            found_Bhw = self._attention(scores, images, target) if self.place.layout == "tokens" else None
            if found_Bhw is None:
                self.way = GRADIENTS
                found = LayerGradientXActivation(scores, self.place.layer).attribute(images, target)
                found_Bhw = self.place.grid(found).sum(dim=-1)
        positive_Bhw = found_Bhw.clamp(min=0).float().numpy(force=True)
        total_B = positive_Bhw.sum(axis=(1, 2), keepdims=True)
        return np.divide(positive_Bhw, total_B, out=np.zeros_like(positive_Bhw), where=total_B > 1e-12)

    def _attention(self, scores: ValueScores, images: torch.Tensor, target: torch.Tensor) -> torch.Tensor | None:
        cells, prefix = self.place.cells, self.place.prefix
        flow = rollout(
            self.model.backbone, lambda: scores(images).gather(1, target[:, None]), cells * cells + prefix, prefix
        )
        return None if flow is None else flow.reshape(len(images), cells, cells)

    @torch.inference_mode()
    def probabilities(self, images_BHWC: np.ndarray) -> np.ndarray:
        """(B, K) of the joint classes, in full precision, as the maps are made."""
        device = next(self.model.parameters()).device
        parts = []
        for start in range(0, len(images_BHWC), BATCH_SIZE):
            images = torch.from_numpy(np.ascontiguousarray(images_BHWC[start : start + BATCH_SIZE])).to(device)
            parts.append(self.model.joint_probs(self.model(images)).numpy())
        return np.concatenate(parts)


class ValueScores(nn.Module):
    """Photos → how much speaks for each value of an attribute against the others: its log-odds, (B, V)."""

    def __init__(self, model: Classifier, attribute: int):
        super().__init__()
        self.model, self.attribute = model, attribute

    def forward(self, images_BHWC: torch.Tensor) -> torch.Tensor:
        logits = self.model(images_BHWC)
        spec = self.model.spec
        if spec.head == "attributes":
            return _log_odds(logits[self.attribute].float())
        joint = logits[0].float().reshape(-1, *spec.space.sizes)
        others = [1 + axis for axis in range(len(spec.space.sizes)) if axis != self.attribute]
        return _log_odds(joint.logsumexp(dim=others) if others else joint)


def _log_odds(scores_BV: torch.Tensor) -> torch.Tensor:
    """Each value's score less that of all others together."""
    num = scores_BV.shape[1]
    if num == 1:
        return scores_BV
    own = torch.eye(num, dtype=torch.bool, device=scores_BV.device)
    others_BVV = scores_BV[:, None, :].masked_fill(own, -torch.inf)
    return scores_BV - others_BVV.logsumexp(dim=2)
