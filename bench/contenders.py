"""One training epoch as users of fastai and of Lightning write it, timed from photo files to updated weights.

Each contender gets what its own documentation recommends and otherwise its defaults: number of workers,
threads, precision; the model is timm's, from nothing, as photobench's is. What is counted is training: photos that went through a step, and the time from asking for
the first batch of an epoch to the end of its last step. Validation and the program's start are left out.

    python bench/contenders.py fastai --folder photos --json result.json

Run each in a process of its own (`measure` does), for each library sets up threads and workers its own way.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

MODEL = "resnet18"
VALID_SHARE = 0.2
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
STDERR_LINES_SHOWN = 15

Result = dict[str, Any]


class ContenderError(Exception):
    """A contender did not finish; the message holds the end of what it printed."""


class EpochClock:
    """Counts the photos and the seconds of each training epoch."""

    def __init__(self) -> None:
        self.num_photos: list[int] = []
        self.epoch_s: list[float] = []
        self._started = 0.0

    def start(self) -> None:
        self.num_photos.append(0)
        self._started = time.perf_counter()

    def saw(self, num_photos: int) -> None:
        self.num_photos[-1] += num_photos

    def stop(self) -> None:
        self.epoch_s.append(time.perf_counter() - self._started)

    def images_per_s(self) -> list[float]:
        return [photos / seconds for photos, seconds in zip(self.num_photos, self.epoch_s, strict=True)]


@dataclass(frozen=True)
class Setting:
    """What all contenders are given. `num_workers` None is what the library takes or suggests by itself."""

    folder: Path
    size_px: int = 224
    batch: int = 32
    epochs: int = 2
    num_workers: int | None = None
    model: str = MODEL

    def __post_init__(self) -> None:
        if self.epochs < 2:
            raise ValueError(f"epochs must be at least 2, for the first is not the steady state; got {self.epochs}")


def fastai_epoch(setting: Setting) -> Result:
    """fastai as its book teaches it: resize large on the CPU's workers, then augment whole batches.

    The large size is 460 px for 224, and in that ratio for others. fastai's own number of workers is that of all cores, up to 16.
    """
    from fastai.vision import all as fv

    presize = fv.Resize(round(setting.size_px * 460 / 224))
    return _fastai(setting, presize, fv.aug_transforms(size=setting.size_px))


def fastai_resize_epoch(setting: Setting) -> Result:
    """fastai with photos resized to the final size at once, then whole batches augmented."""
    from fastai.vision import all as fv

    return _fastai(setting, fv.Resize(setting.size_px), fv.aug_transforms())


def fastai_crop_epoch(setting: Setting) -> Result:
    """fastai with what the Lightning contender does to a photo: random crop, flip, normalise. The like-for-like comparison."""
    from fastai.vision import all as fv

    crop = fv.RandomResizedCrop(setting.size_px, min_scale=0.08)  # torchvision's scale
    normalise = fv.Normalize.from_stats(IMAGENET_MEAN, IMAGENET_STD)
    return _fastai(setting, crop, [fv.Flip(), normalise])


def lightning_epoch(setting: Setting) -> Result:
    """Lightning's Trainer with its defaults, over torchvision's ImageFolder and transforms.

    Lightning suggests one worker fewer than there are cores, at least 1.
    """
    import lightning
    from lightning.fabric.utilities.data import suggested_max_num_workers

    if setting.num_workers is None:
        setting = replace(setting, num_workers=suggested_max_num_workers(1))
    loader, num_classes = _torchvision_loader(setting)
    clock = EpochClock()
    with tempfile.TemporaryDirectory(prefix="bench-lightning-") as logs:
        callbacks = [_lightning_clock(clock)]
        trainer = lightning.Trainer(max_epochs=setting.epochs, callbacks=callbacks, default_root_dir=logs)
        trainer.fit(_lightning_module(setting, num_classes), loader)
    return _result("lightning", clock, setting, str(trainer.strategy.root_device))


class Contender(NamedTuple):
    run: Callable[[Setting], Result]
    about: str


CONTENDERS: dict[str, Contender] = {
    "fastai": Contender(fastai_epoch, "presize each photo, aug_transforms on the batch, as in its book"),
    "fastai-resize": Contender(fastai_resize_epoch, "Resize to the final size, aug_transforms on the batch"),
    "fastai-crop": Contender(fastai_crop_epoch, "random crop, flip, normalise, as the Lightning contender"),
    "lightning": Contender(lightning_epoch, "torchvision random crop, flip, normalise; Trainer defaults"),
}


def measure(name: str, folder: Path, *, timeout_s: float = 3600, **options: int | str) -> Result:
    """Run a contender in a process of its own and return its result (see `_result` for what is in it).

    `options` are fields of `Setting`. Raises KeyError for an unknown name, ContenderError when
    it fails or takes longer than `timeout_s`.
    """
    if name not in CONTENDERS:
        raise KeyError(f"no contender {name!r}; there are {', '.join(CONTENDERS)}")
    with tempfile.TemporaryDirectory(prefix="bench-result-") as results:
        result_path = Path(results) / "result.json"
        command = [sys.executable, __file__, name, "--folder", str(folder), "--json", str(result_path)]
        for option, value in options.items():
            command += [f"--{option.replace('_', '-')}", str(value)]
        _run_quietly(name, command, timeout_s)
        return json.loads(result_path.read_text())


def input_size(model: str, size_px: int) -> dict[str, int]:
    """What timm must be told of the size: a ViT has it in its position embedding."""
    import timm

    facts = timm.get_pretrained_cfg(model)
    return {"img_size": size_px} if facts is not None and facts.fixed_input_size else {}


def _run_quietly(name: str, command: list[str], timeout_s: float) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        raise ContenderError(f"{name} took longer than {timeout_s:.0f} s") from error
    if done.returncode != 0:
        end = "\n".join(done.stderr.splitlines()[-STDERR_LINES_SHOWN:])
        raise ContenderError(f"{name} ended with exit code {done.returncode}:\n{end}")


def _fastai(setting: Setting, item_tfms: Any, batch_tfms: list[Any]) -> Result:
    from fastai.vision import all as fv

    dls = fv.ImageDataLoaders.from_folder(
        setting.folder,
        valid_pct=VALID_SHARE,
        seed=0,
        item_tfms=item_tfms,
        batch_tfms=batch_tfms,
        bs=setting.batch,
        **({} if setting.num_workers is None else {"num_workers": setting.num_workers}),
    )
    clock = EpochClock()
    # Without pretrained weights nothing is frozen, so that every layer trains.
    sized = input_size(setting.model, setting.size_px)
    learn = fv.vision_learner(dls, setting.model, pretrained=False, cbs=_fastai_clock(clock), **sized)
    learn.fit_one_cycle(setting.epochs)
    setting = replace(setting, num_workers=dls.train.fake_l.num_workers)
    return _result("fastai", clock, setting, str(dls.device))


def _fastai_clock(clock: EpochClock) -> Any:
    from fastai.vision import all as fv

    class TrainClock(fv.Callback):
        def before_train(self) -> None:
            clock.start()

        def after_batch(self) -> None:
            if self.training:
                clock.saw(len(self.xb[0]))

        def after_train(self) -> None:
            clock.stop()

    return TrainClock()


def _torchvision_loader(setting: Setting) -> tuple[Any, int]:
    """The training share of the photos, the same in number as fastai's, and how many classes there are."""
    import torch
    from torch.utils.data import DataLoader, random_split
    from torchvision import transforms
    from torchvision.datasets import ImageFolder

    transform = transforms.Compose(
        [
            transforms.RandomResizedCrop(setting.size_px),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD),
        ]
    )
    photos = ImageFolder(setting.folder, transform)
    shares = [1 - VALID_SHARE, VALID_SHARE]
    train, _ = random_split(photos, shares, generator=torch.Generator().manual_seed(0))
    loader = DataLoader(train, batch_size=setting.batch, shuffle=True, num_workers=setting.num_workers or 0)
    return loader, len(photos.classes)


def _lightning_module(setting: Setting, num_classes: int) -> Any:
    import lightning
    import timm
    import torch

    class Classifier(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            sized = input_size(setting.model, setting.size_px)
            self.model = timm.create_model(setting.model, num_classes=num_classes, **sized)

        def training_step(self, batch: Any, batch_idx: int) -> torch.Tensor:
            images_BCHW, labels_B = batch
            loss = torch.nn.functional.cross_entropy(self.model(images_BCHW), labels_B)
            self.log("train_loss", loss, prog_bar=True)
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=1e-3)

    return Classifier()


def _lightning_clock(clock: EpochClock) -> Any:
    import lightning

    class TrainClock(lightning.Callback):
        def on_train_epoch_start(self, *_: Any) -> None:
            clock.start()

        def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, *_: Any) -> None:
            clock.saw(len(batch[0]))

        def on_train_epoch_end(self, *_: Any) -> None:
            clock.stop()

    return TrainClock()


def _result(library: str, clock: EpochClock, setting: Setting, device: str) -> Result:
    """What every contender returns. `images_per_s` is the median of the epochs after the first."""
    import torch

    first, *steady = clock.images_per_s()
    return {
        "library": library,
        "version": version(library),
        "images_per_s": statistics.median(steady),
        "first_epoch_images_per_s": first,
        "num_photos": clock.num_photos,
        "epoch_s": clock.epoch_s,
        "size_px": setting.size_px,
        "batch": setting.batch,
        "num_workers": setting.num_workers,
        "num_threads": torch.get_num_threads(),
        "precision": "fp32",
        "device": device,
    }


def main() -> None:
    about = "\n".join(f"  {name:<14} {contender.about}" for name, contender in CONTENDERS.items())
    description = f"{__doc__.splitlines()[0]}\n\n{about}"
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=description, formatter_class=as_written)
    parser.add_argument("name", choices=CONTENDERS)
    parser.add_argument("--folder", type=Path, required=True, help="photos, in one folder per class")
    parser.add_argument("--json", type=Path, help="where to write the result")
    parser.add_argument("--size-px", type=int, default=224)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--num-workers", type=int, help="the library's default when left out")
    parser.add_argument("--model", default=MODEL, help="timm's name of it")
    args = parser.parse_args()
    setting = Setting(args.folder, args.size_px, args.batch, args.epochs, args.num_workers, args.model)
    result = CONTENDERS[args.name].run(setting)
    text = json.dumps(result, indent=2)
    if args.json is not None:
        args.json.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
