"""A picture that Pillow has opened -> upright RGB with 8 bits, whatever its mode and its EXIF block."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFile

# EXIF orientation -> what makes the photo upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION_TAG = 0x0112
FIRST_SIDEWAYS = 5  # orientations 5 to 8 swap width and height


def upright_pixels(image: ImageFile.ImageFile, min_side_px: int) -> tuple[np.ndarray, tuple[int, int]]:
    full = image.size
    side = 2 * min_side_px
    reduced = side > 0 and image.draft(None, (side, side)) is not None  # only JPEG knows it
    image.load()
    orientation = orientation_of(image)
    rgb = _to_rgb(image)
    if orientation in _TURNS:
        rgb = rgb.transpose(_TURNS[orientation])
    if not reduced:
        full = rgb.size
    elif orientation >= FIRST_SIDEWAYS:
        full = full[::-1]
    return np.array(rgb), full


def orientation_of(image: ImageFile.ImageFile) -> int:
    """EXIF (or XMP) orientation, 1 to 8; 1 (upright) when there is none or the EXIF block is corrupt.

    Not ImageOps.exif_transpose: it writes the rest of the block anew, which fails for corrupt ones. The
    unbound getexif does not decode a PNG, which PngImageFile.getexif does. A TIFF turned itself in load().
    """
    try:
        value = Image.Image.getexif(image).get(_ORIENTATION_TAG, 1)
        return value if value in _TURNS else 1
    except Exception:
        return 1


def _to_rgb(image: Image.Image) -> Image.Image:
    """Any mode of Pillow -> RGB with 8 bits.

    Colour profiles (ICC) are ignored: the numbers are taken as sRGB, as by the loaders that pretrained
    weights were made with.
    """
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_grey_to_8_bits(np.asarray(image), image.mode)).convert("RGB")
    if image.has_transparency_data:
        return _on_white(image.convert("RGBA"))
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _grey_to_8_bits(values: np.ndarray, mode: str) -> np.ndarray:
    """Grey values (H, W) of 16 bits ("I;16…"), 32 bits ("I") or real ("F") -> uint8.

    Pillow's own conversion clips them at 255. 16 bits are divided by 257, always, so that two photos stay
    comparable: 12-bit data stored in 16 bits stay dark. The others have no agreed range: 0..1 and 0..255
    (real) and 0..65535 (whole numbers) are taken as such, anything else is stretched from its own darkest to
    its own brightest value.
    """
    exact = np.float32 if mode.startswith("I;16") else np.float64
    with np.errstate(invalid="ignore"):  # a signalling NaN
        values = np.nan_to_num(values.astype(exact), copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if mode != "F" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0
    elif mode == "F" and low >= 0 and high <= 255:
        low, high = 0.0, 1.0 if high <= 1 else 255.0
    if high == low:
        return np.zeros(values.shape, np.uint8)
    return np.rint((values - low) / (high - low) * 255).astype(np.uint8)
