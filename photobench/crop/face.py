"""Faces by MTCNN: the networks and weights of facenet-pytorch, in a cascade of our own that is made for whole data sets.

Zhang, Zhang, Li, Qiao: Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks. IEEE SPL 23 (2016).

Three small networks, each more careful than the one before: P looks everywhere at every size, R and O look again at what P took
for a face. bench/crop.py holds it beside facenet-pytorch's own cascade.

Shape legend: B images, N candidates (of all images of a batch), YX the cells that P-Net looks at.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch
from facenet_pytorch.models.mtcnn import ONet, PNet, RNet
from torch import Tensor, nn
from torchvision.ops import batched_nms

from photobench.crop.found import Detector, Found
from photobench.crop.pyramid import Averages, Tile, lay_out, paint
from photobench.memory import keep_freed_memory

CELL_PX, STRIDE = 12, 2  # what P-Net sees at once, and how far apart its looks are
FACTOR = 0.709  # from one size to the next
THRESHOLDS = {"p": 0.6, "r": 0.7, "o": 0.7}  # facenet-pytorch's
R_SIDE_PX, O_SIDE_PX = 24, 48
R_AT_ONCE, O_AT_ONCE = 64, 16
LARGE_PIXELS = 1 << 17  # of a photo for which that is worth a look of its own
PORTRAIT, SURE = 0.4, 0.95
"""A face of this share of the shorter side, and this sure, makes a photo a portrait: smaller ones are not looked for in it."""


@dataclass(frozen=True)
class Candidates:
    """Boxes that may be faces: which image, x1 y1 x2 y2 in its pixels, how sure, how a network would shift the corners."""

    image_N: Tensor
    boxes_N4: Tensor
    scores_N: Tensor
    shifts_N4: Tensor

    @classmethod
    def joined(cls, parts: Sequence[Candidates]) -> Candidates:
        return cls(*(torch.cat([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.image_N)

    def take(self, which: Tensor) -> Candidates:
        return Candidates(self.image_N[which], self.boxes_N4[which], self.scores_N[which], self.shifts_N4[which])

    def without_overlaps(self, iou: float) -> Candidates:
        """The surest of those that overlap by more than `iou`, in each image."""
        return self.take(batched_nms(self.boxes_N4, self.scores_N, self.image_N, iou))

    def shifted(self, extra: int) -> Candidates:
        """Corners moved as the network said. `extra`: R and O count a box from 1 to 3 as three pixels wide, P as two."""
        sides_N2 = self.boxes_N4[:, 2:] - self.boxes_N4[:, :2] + extra
        return replace(self, boxes_N4=self.boxes_N4 + self.shifts_N4 * sides_N2.repeat(1, 2))

    def squared(self) -> Candidates:
        """Squares around the middles, as long as the longer side: what the next network looks at."""
        middle_N2 = (self.boxes_N4[:, :2] + self.boxes_N4[:, 2:]) / 2
        half_N1 = (self.boxes_N4[:, 2:] - self.boxes_N4[:, :2]).amax(dim=1, keepdim=True) / 2
        return replace(self, boxes_N4=torch.cat([middle_N2 - half_N1, middle_N2 + half_N1], dim=1))


class SlicedMaxPool(nn.Module):
    """nn.MaxPool2d(kernel, 2, ceil_mode=True) without the indices that PyTorch notes on the CPU: several times as fast."""

    def __init__(self, kernel: int):
        super().__init__()
        self.kernel = kernel

    def forward(self, images_BCHW: Tensor) -> Tensor:
        return self._along(self._along(images_BCHW, 2), 3)

    def _along(self, values: Tensor, dim: int) -> Tensor:
        windows = -(-(values.shape[dim] - self.kernel) // 2) + 1
        highest = _every_second(values, dim, 0, windows).clone()
        for start in range(1, self.kernel):
            others = _every_second(values, dim, start, windows)  # the last window may reach beyond the edge
            part = highest.narrow(dim, 0, others.shape[dim])
            torch.maximum(part, others, out=part)
        return highest


def _every_second(values: Tensor, dim: int, start: int, limit: int) -> Tensor:
    taken = values[:, :, start::2] if dim == 2 else values[..., start::2]
    return taken.narrow(dim, 0, min(limit, taken.shape[dim]))


class Face(Detector):
    """MTCNN. Five landmarks: the eyes (the left one in the picture first), nose, corners of the mouth."""

    mixes_sizes = True
    at_once = os.cpu_count() or 1
    fingerprint = "face"

    def __init__(self, min_face_px: int, thorough: bool):
        """`thorough` looks for small faces also where a face fills the photo."""
        keep_freed_memory()
        self.p_net, self.r_net, self.o_net = _networks()
        self.min_face_px, self.thorough = min_face_px, thorough

    def begin_thread(self) -> None:
        """Each batch on one core: the layers are too small to be shared."""
        torch.set_num_threads(1)

    @contextmanager
    def working(self) -> Iterator[None]:
        before = torch.get_num_threads()
        try:
            yield
        finally:
            torch.set_num_threads(before)  # what a thread sets counts for threads that begin later

    @torch.inference_mode()
    def detect(self, images: Sequence[np.ndarray]) -> list[Found]:
        averages = [Averages(image) for image in images]
        found = [Found()] * len(images)
        large = [] if self.thorough else [n for n, a in enumerate(averages) if a.height * a.width >= LARGE_PIXELS]
        self._fill(found, averages, large, PORTRAIT)
        rest = [n for n, image in enumerate(averages) if n not in large or not _is_portrait(found[n], image)]
        self._fill(found, averages, rest, 0.0)
        return found

    def _fill(self, found: list[Found], images: Sequence[Averages], asked: Sequence[int], share: float) -> None:
        answers = self._cascade([images[number] for number in asked], share)
        for number, answer in zip(asked, answers, strict=True):
            found[number] = answer

    def _cascade(self, images: Sequence[Averages], share: float) -> list[Found]:
        """Faces from about this share of the shorter side on."""
        return self._settled(images, self._again(images, self._everywhere(images, share))) if images else []

    def _everywhere(self, images: Sequence[Averages], share: float) -> Candidates:
        """P-Net at every size of the photos: where a face of about that size may be."""
        tiles = [
            Tile(number, scale, int(image.height * scale + 1), int(image.width * scale + 1))
            for number, image in enumerate(images)
            for scale in scales(image.height, image.width, self.min_face_px)
            if CELL_PX / scale >= share * FACTOR**2 * min(image.height, image.width)
        ]
        found = [self._on_canvas(images, canvas) for canvas in (lay_out(tiles) if tiles else [])]
        return Candidates.joined([_nothing(), *found]).without_overlaps(0.7).shifted(0).squared()

    def _on_canvas(self, images: Sequence[Averages], canvas: Sequence[Tile]) -> Candidates:
        shifts_14YX, probs_12YX = self._p_net(_as_input(paint(canvas, images)[None]), canvas)
        probs_YX = probs_12YX[0, 1]
        tile_YX = torch.full(probs_YX.shape, -1)
        for number, tile in enumerate(canvas):
            tile_YX[tile.top // 2 :, tile.left // 2 :][: _cells(tile.height), : _cells(tile.width)] = number
        y_N, x_N = ((probs_YX >= THRESHOLDS["p"]) & (tile_YX >= 0)).nonzero(as_tuple=True)
        tile_N = tile_YX[y_N, x_N]
        facts = torch.tensor([(t.image, t.left // 2, t.top // 2) for t in canvas])[tile_N]
        scale_N1 = torch.tensor([t.scale for t in canvas])[tile_N, None]
        cell_N2 = (torch.stack([x_N, y_N], dim=1) - facts[:, 1:]) * STRIDE
        boxes_N4 = torch.cat([((cell_N2 + 1) / scale_N1).floor(), ((cell_N2 + CELL_PX) / scale_N1).floor()], dim=1)
        found = Candidates(facts[:, 0], boxes_N4, probs_YX[y_N, x_N], shifts_14YX[0, :, y_N, x_N].T)
        return found.take(batched_nms(found.boxes_N4, found.scores_N, tile_N, 0.5))

    def _p_net(self, canvas_13HW: Tensor, tiles: Sequence[Tile]) -> tuple[Tensor, Tensor]:
        """P-Net on a canvas, as if each tile were alone: the pooling of a tile of odd length ends at its edge."""
        net = self.p_net
        seen_1CHW = net.prelu1(net.conv1(canvas_13HW))
        for tile in tiles:
            bottom, right = tile.top + tile.height - 2, tile.left + tile.width - 2
            if tile.height % 2:
                seen_1CHW[:, :, bottom, tile.left : right + 1] = -math.inf
            if tile.width % 2:
                seen_1CHW[:, :, tile.top : bottom + 1, right] = -math.inf
        seen = net.prelu2(net.conv2(net.pool1(seen_1CHW)))
        seen = net.prelu3(net.conv3(seen))
        return net.conv4_2(seen), net.conv4_1(seen).softmax(dim=1)

    def _again(self, images: Sequence[Averages], candidates: Candidates) -> Candidates:
        """R-Net on what P-Net took for a face."""
        candidates = _inside(images, candidates)
        if not len(candidates):
            return candidates
        shifts_N4, probs_N2 = _asked(self.r_net, images, candidates, R_SIDE_PX, R_AT_ONCE)
        judged = replace(candidates, scores_N=probs_N2[:, 1], shifts_N4=shifts_N4)
        return judged.take(judged.scores_N > THRESHOLDS["r"]).without_overlaps(0.7).shifted(1).squared()

    def _settled(self, images: Sequence[Averages], candidates: Candidates) -> list[Found]:
        """O-Net on what R-Net took for a face: the boxes, and the landmarks."""
        candidates = _inside(images, candidates)
        if not len(candidates):
            return [Found()] * len(images)
        shifts_N4, points_N10, probs_N2 = _asked(self.o_net, images, candidates, O_SIDE_PX, O_AT_ONCE)
        sure = probs_N2[:, 1] > THRESHOLDS["o"]
        before = candidates.take(sure)
        judged = replace(before, scores_N=probs_N2[sure, 1], shifts_N4=shifts_N4[sure]).shifted(1)
        start_N12 = before.boxes_N4[:, None, :2]
        sides_N12 = (before.boxes_N4[:, 2:] - before.boxes_N4[:, :2] + 1)[:, None]
        landmarks_N52 = points_N10[sure].view(-1, 2, 5).transpose(1, 2) * sides_N12 + start_N12 - 1
        return [_of_image(judged, landmarks_N52, number) for number in range(len(images))]


def scales(height: int, width: int, min_face_px: int) -> list[float]:
    """The sizes at which P-Net looks, as factors: a face of min_face_px fills its cell at the first, a larger one at a later."""
    scale, found = CELL_PX / min_face_px, []
    while min(height, width) * scale >= CELL_PX:
        found.append(scale)
        scale *= FACTOR
    return found


def _networks() -> tuple[Any, Any, Any]:
    p_net, r_net, o_net = (_for_the_cpu(net().eval()) for net in (PNet, RNet, ONet))
    return p_net, r_net, o_net


def _for_the_cpu(net: nn.Module) -> nn.Module:
    for name, module in list(net.named_children()):
        if isinstance(module, nn.MaxPool2d):
            setattr(net, name, SlicedMaxPool(cast(int, module.kernel_size)))
    return net.to(memory_format=torch.channels_last)


def _is_portrait(found: Found, image: Averages) -> bool:
    sides_F = np.sqrt((found.boxes_F4[:, 2:] - found.boxes_F4[:, :2]).prod(axis=1))
    return bool(((sides_F >= PORTRAIT * min(image.height, image.width)) & (found.scores_F >= SURE)).any())


def _nothing() -> Candidates:
    return Candidates(torch.zeros(0, dtype=torch.int64), torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, 4))


def _cells(side_px: int) -> int:
    """How many cells P-Net answers for along a side: two convolutions of 3 px on what a pooling by 2 leaves of another."""
    return -(-(side_px - 2) // 2) - 4


def _as_input(images_BHWC: np.ndarray) -> Tensor:
    """0 to 255 → about −1 to 1, (B, 3, H, W) in channels_last memory."""
    return torch.from_numpy(images_BHWC).permute(0, 3, 1, 2).sub_(127.5).mul_(1 / 128)


def _inside(images: Sequence[Averages], candidates: Candidates) -> Candidates:
    """Those that do not lie beside their photo."""
    corners_N4 = _corners(images, candidates)
    kept_N = (corners_N4[:, 2:] > corners_N4[:, :2]).all(axis=1)
    return candidates.take(torch.from_numpy(kept_N))


def _corners(images: Sequence[Averages], candidates: Candidates) -> np.ndarray:
    """left, top, right, bottom in whole pixels, inside the photo: (N, 4)."""
    sizes_N2 = np.array([(image.width, image.height) for image in images])[candidates.image_N.numpy()]
    corners_N4 = candidates.boxes_N4.trunc().int().numpy()
    return np.hstack([np.maximum(corners_N4[:, :2], 1) - 1, np.minimum(corners_N4[:, 2:], sizes_N2)])


def _asked(
    net: nn.Module, images: Sequence[Averages], candidates: Candidates, side_px: int, at_once: int
) -> tuple[Tensor, ...]:
    """What a network says of what the boxes hold. A few at a time: it all then stays in the processor's cache."""
    corners_N4, image_N = _corners(images, candidates), candidates.image_N.numpy()
    answers = []
    order = np.argsort(image_N, kind="stable")
    for start in range(0, len(order), at_once):
        part = order[start : start + at_once]
        pixels = [images[n].windows(corners_N4[part][image_N[part] == n], side_px) for n in np.unique(image_N[part])]
        answers.append(net(_as_input(np.concatenate(pixels))))
    back = torch.from_numpy(np.argsort(order, kind="stable"))
    return tuple(torch.cat(answer)[back] for answer in zip(*answers, strict=True))


def _of_image(candidates: Candidates, landmarks_N52: Tensor, image: int) -> Found:
    mine = (candidates.image_N == image).nonzero()[:, 0]
    boxes_F4, scores_F = candidates.boxes_N4[mine].numpy(), candidates.scores_N[mine].numpy()
    kept = _without_nested(boxes_F4, scores_F, 0.7)
    return Found(boxes_F4[kept], scores_F[kept], landmarks_N52[mine].numpy()[kept])


def _without_nested(boxes_F4: np.ndarray, scores_F: np.ndarray, share: float) -> np.ndarray:
    """Numbers of the boxes to keep, the surest first: what shares more than `share` of the smaller with a surer one goes."""
    areas_F = (boxes_F4[:, 2:] - boxes_F4[:, :2] + 1).prod(axis=1)
    left, kept = np.argsort(-scores_F, kind="stable"), []
    while len(left):
        first, left = left[0], left[1:]
        kept.append(first)
        start = np.maximum(boxes_F4[first, :2], boxes_F4[left, :2])
        end = np.minimum(boxes_F4[first, 2:], boxes_F4[left, 2:])
        shared = np.maximum(end - start + 1, 0).prod(axis=1) / np.minimum(areas_F[first], areas_F[left])
        left = left[shared <= share]
    return np.array(kept, dtype=int)
