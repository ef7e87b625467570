"""A pretrained model fine-tuned as people do it without photobench: the ways that to_score.py compares with.

    python bench/fine_tuning.py plain --photos photos.csv --folder OUT --weights FILE --backbone mobilenetv2_035 [--crop face]

PHOTOS is a table of paths, class numbers and split. After every epoch OUT/history.csv holds the validation macro-F1 of each so far,
by photobench's own function, so that all ways are scored alike. Nothing is timed here: who starts this watches the file.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

BATCH, LR, WEIGHT_DECAY = 32, 5e-4, 0.02
MEAN_STD = 0.5  # of weights that come from TensorFlow
MARGIN = 0.25  # around a face, as photobench has it


class History:
    """The scores of the epochs so far, in a file that is whole at any time."""

    def __init__(self, folder: Path, num_classes: int):
        self.file, self.num_classes = folder / "history.csv", num_classes
        self.scores: list[float] = []

    def add(self, truth_N: np.ndarray, probs_NK: np.ndarray) -> None:
        from photobench.metrics import score

        self.scores.append(score("macro_f1", truth_N, probs_NK))
        partial = self.file.with_suffix(".partial")
        pd.DataFrame({"macro_f1": self.scores}).to_csv(partial, index=False)
        partial.replace(self.file)


class FaceCrop:
    """The largest face of a photo, looked for whenever the photo is asked for; the whole photo where there is none."""

    def __init__(self) -> None:
        from facenet_pytorch import MTCNN

        self.detector = MTCNN()

    def __call__(self, photo: Any) -> Any:
        try:
            boxes, _ = self.detector.detect(photo)
        except Exception:  # facenet-pytorch fails where its first network finds nothing
            return photo
        if boxes is None:
            return photo
        left, top, right, bottom = boxes[0]
        across, down = MARGIN * (right - left), MARGIN * (bottom - top)
        return photo.crop((left - across, top - down, right + across, bottom + down))


class PhotoDataset:
    """Open, crop, transform, in `__getitem__`."""

    def __init__(self, table: pd.DataFrame, crop: Any, transform: Any):
        self.paths, self.classes = table["path"].tolist(), table["class"].tolist()
        self.crop, self.transform = crop, transform

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, number: int) -> tuple[Any, int]:
        from PIL import Image

        photo = Image.open(self.paths[number]).convert("RGB")
        return self.transform(self.crop(photo) if self.crop else photo), self.classes[number]


def plain(table: pd.DataFrame, history: History, args: argparse.Namespace) -> None:
    """A loop of PyTorch: fp32, torchvision's transforms, batches of 32, AdamW, cosine; a worker per core."""
    import timm
    import torch
    from torch.utils.data import DataLoader
    from torchvision import transforms

    finish = [transforms.ToTensor(), transforms.Normalize((MEAN_STD,) * 3, (MEAN_STD,) * 3)]
    resize = transforms.Resize((args.size, args.size))
    learn = transforms.Compose([resize, transforms.RandomHorizontalFlip(), *finish])
    ask = transforms.Compose([resize, *finish])
    crop = FaceCrop() if args.crop == "face" else None
    sides = {side: table[table["split"] == side] for side in ("train", "valid")}
    common = {"batch_size": BATCH, "num_workers": os.cpu_count()}
    train = DataLoader(PhotoDataset(sides["train"], crop, learn), shuffle=True, **common)  # type: ignore[arg-type,var-annotated]
    valid = DataLoader(PhotoDataset(sides["valid"], crop, ask), **common)  # type: ignore[arg-type,var-annotated]
    torch.manual_seed(0)
    model = timm.create_model(args.backbone, pretrained=True, num_classes=history.num_classes, **_weights(args))
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)
    for _ in range(args.epochs):
        model.train()
        for images, classes in train:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(images), classes).backward()
            optimizer.step()
        schedule.step()
        model.eval()
        with torch.no_grad():
            probs = [model(images).softmax(dim=1).numpy() for images, _ in valid]
        history.add(sides["valid"]["class"].to_numpy(), np.concatenate(probs))


def fastai(table: pd.DataFrame, history: History, args: argparse.Namespace) -> None:
    """`fine_tune` with its defaults: photos resized, aug_transforms on the batch, the head alone for an epoch first."""
    from fastai.vision import all as fv

    frame = table.assign(is_valid=table["split"] == "valid", label=table["class"].map("{:04d}".format))
    columns = {"fn_col": "path", "label_col": "label", "valid_col": "is_valid"}
    dls = fv.ImageDataLoaders.from_df(
        frame, path="/", item_tfms=fv.Resize(args.size), batch_tfms=fv.aug_transforms(), **columns
    )
    of_vocab = [int(label) for label in dls.vocab]

    class Score(fv.Callback):
        """Macro-F1 of each epoch's validation."""

        def before_validate(self) -> None:
            self.probs: list[np.ndarray] = []
            self.truth: list[np.ndarray] = []

        def after_loss(self) -> None:
            if not self.training:
                self.probs.append(self.pred.softmax(dim=1).numpy(force=True))
                self.truth.append(self.y.numpy(force=True))

        def after_validate(self) -> None:
            probs_NV = np.concatenate(self.probs)
            probs_NK = np.zeros((len(probs_NV), history.num_classes))
            probs_NK[:, of_vocab] = probs_NV
            history.add(np.array(of_vocab)[np.concatenate(self.truth)], probs_NK)

    fv.set_seed(0)
    learn = fv.vision_learner(dls, args.backbone, cbs=Score(), **_weights(args))
    learn.fine_tune(args.epochs)


WAYS = {"plain": plain, "fastai": fastai}


def _weights(args: argparse.Namespace) -> dict[str, Any]:
    """What makes timm load the file, and fastai normalise as it wants."""
    overlay = {"file": str(args.weights), "mean": (MEAN_STD,) * 3, "std": (MEAN_STD,) * 3}
    return {"pretrained_cfg_overlay": overlay, **json.loads(args.args)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("--photos", type=Path, required=True, help="table with the columns path, class, split")
    parser.add_argument("--folder", type=Path, required=True, help="where history.csv goes")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--backbone", required=True)
    parser.add_argument("--args", default="{}", help="further arguments of timm.create_model, in JSON")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--size", type=int, default=224, help="side of the photos, in pixels")
    parser.add_argument("--crop", choices=("face", "none"), default="none")
    args = parser.parse_args()
    table = pd.read_csv(args.photos)
    WAYS[args.way](table, History(args.folder, int(table["class"].max()) + 1), args)


if __name__ == "__main__":
    main()
