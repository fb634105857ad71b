"""A reseller's logo on a paper: bytes of theirs, so nothing is believed of them."""

from __future__ import annotations

import functools
import io
import warnings

from PIL import Image, ImageOps
from reportlab.lib.utils import ImageReader

from shipping.papers.errors import BadLogo

MOST_BYTES = 2 * 1024 * 1024
MOST_POINTS = 4000  # a side
_PRINTED = (900, 400)  # enough for 60 x 25 mm at 300 dpi and more
_FORMATS = ("PNG", "WEBP", "JPEG")


@functools.lru_cache(maxsize=64)
def logo(data: bytes) -> ImageReader:
    """The picture as it is printed: the first one of an animated file, upright, small, on white. Raises BadLogo; who
    takes a logo in asks here first."""
    if not 0 < len(data) <= MOST_BYTES:
        raise BadLogo
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                if max(picture.size) > MOST_POINTS:
                    raise BadLogo
                found = ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise BadLogo from None
    found.thumbnail(_PRINTED)
    white = Image.new("RGB", found.size, "white")
    white.paste(found, mask=found.getchannel("A"))
    return ImageReader(white)


def or_none(data: bytes) -> ImageReader | None:
    """The logo, or None when there is none or it cannot be read: a bad picture stops no parcel."""
    try:
        return logo(data) if data else None
    except BadLogo:
        return None
