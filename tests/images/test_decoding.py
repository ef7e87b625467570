"""Photos decoded at a part of their size, in threads, in processes."""

from __future__ import annotations

import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from photobench.images import Photo, decode, resize
from tests.images.samples import (
    IMAGE,
    RGB,
    SAMPLES,
    difference,
    encoded,
    exif,
)


@pytest.mark.parametrize("size", [(800, 600), (601, 799), (100, 90), (4000, 60), (1, 1), (33, 2000)])
@pytest.mark.parametrize("min_side_px", [1, 32, 75, 224])
def test_reduced_decoding_keeps_twice_the_side(size, min_side_px):
    data = encoded(IMAGE.resize(size), "JPEG")
    pixels, full, _ = decode(data, min_side_px=min_side_px)
    assert full == size
    assert min(pixels.shape[:2]) >= min(*size, 2 * min_side_px)


def test_reduced_decoding_reduces_and_looks_the_same():
    data = encoded(IMAGE.resize((1600, 1200), Image.Resampling.BICUBIC), "JPEG", quality=95)
    small, _, _ = decode(data, min_side_px=128)
    assert small.shape == (300, 400, 3)
    full, _, _ = decode(data)
    assert full.shape == (1200, 1600, 3)
    assert difference(resize(small, 128, "crop"), resize(full, 128, "crop")) < 1


def test_other_formats_are_decoded_in_full():
    assert decode(encoded(IMAGE, "PNG"), min_side_px=4)[0].shape == (40, 60, 3)


def test_threads_read_the_same_as_one():
    data = [sample for sample, _ in SAMPLES.values()] * 4
    alone = [decode(d)[0] for d in data]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda d: decode(d)[0], data))
    for left, right in zip(alone, together, strict=True):
        np.testing.assert_array_equal(left, right)


def test_remarks_on_metadata_stay_silent_in_threads_and_other_warnings_do_not():
    corrupt = encoded(IMAGE, "JPEG", exif=exif(6).tobytes()[:-9])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(decode, [corrupt] * 40))
        warnings.warn("mine", UserWarning, stacklevel=1)
    assert [str(w.message) for w in caught] == ["mine"]


def test_pillow_is_left_as_it_was():
    code = (
        "from PIL import Image, ImageFile\n"
        "before = Image.MAX_IMAGE_PIXELS\n"
        "from photobench import images\n"
        "images.decode(open(0, 'rb').read())\n"
        "assert Image.MAX_IMAGE_PIXELS == before and not ImageFile.LOAD_TRUNCATED_IMAGES"
    )
    done = subprocess.run([sys.executable, "-c", code], input=SAMPLES["rgb.jpg"][0], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_photo_is_frozen():
    photo = Photo(RGB, 60, 40, "", 0, "PNG")
    with pytest.raises(AttributeError):
        photo.width = 1  # type: ignore[misc]
