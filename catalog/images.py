"""Pictures of products: whatever is uploaded is read by Pillow and kept as WebP in three sizes, 1024, 320 and 96 px.
The file that was uploaded is not kept: no metadata (places, owners), no second meaning of its bytes."""

from __future__ import annotations

import io
import uuid
import zipfile
from typing import IO, Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Max
from PIL import Image, ImageOps, UnidentifiedImageError

from catalog.errors import BadPicture
from catalog.models import Product, ProductImage

SIZES = (1024, 320, 96)
MAX_PIXELS = 50_000_000  # a picture that unpacks to more is refused before it is unpacked
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def add(product: Product, upload: IO[bytes], *, name: str = "", position: int | None = None) -> ProductImage:
    """Keeps `upload` as the last picture of the product, or at `position`. BadPicture: nothing was kept."""
    picture = _read(upload, name or str(getattr(upload, "name", "")))
    stem = f"products/{product.pk}-{uuid.uuid4().hex[:12]}"
    if position is None:
        last = product.images.aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
    names = {size: default_storage.save(f"{stem}-{size}.webp", ContentFile(_webp(picture, size))) for size in SIZES}
    return ProductImage.objects.create(product=product, file=names[1024], thumb=names[320], position=position)


def check(upload: IO[bytes], *, name: str = "") -> None:
    """Raises BadPicture for what `add` would refuse; `upload` can be read again after."""
    _read(upload, name)
    upload.seek(0)


def remove(picture: ProductImage) -> None:
    """Deletes the row, then its files: a file without row is only waste, a row without file is a hole in a page."""
    stem = str(picture.file.name).rsplit("-", 1)[0]
    picture.delete()
    for size in SIZES:
        default_storage.delete(f"{stem}-{size}.webp")


def archive(product: Product) -> bytes:
    """A ZIP of the product's pictures at 1024 px as JPEG, which every shop takes; files that are gone are left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as pack:  # JPEG does not get smaller
        for number, picture in enumerate(product.images.all(), start=1):
            try:
                with picture.file.open("rb") as source, Image.open(source) as image:
                    page = io.BytesIO()
                    image.convert("RGB").save(page, "JPEG", quality=90)
            except FileNotFoundError:
                continue
            pack.writestr(f"{product.slug}-{number:02d}.jpg", page.getvalue())
    return out.getvalue()


def public_url(picture: ProductImage) -> str:
    """Where anybody, a shop above all, can fetch the picture at 1024 px."""
    url = str(picture.file.url)
    return url if "://" in url else f"{settings.SITE_URL}{url}"


def _read(upload: IO[bytes], name: str) -> Image.Image:
    try:
        image: Image.Image = Image.open(upload, formats=FORMATS)
        if image.width * image.height > MAX_PIXELS or min(image.size) < 1:
            raise BadPicture(name=name)
        image.load()
        image = ImageOps.exif_transpose(image)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise BadPicture(name=name) from error
    has_alpha: Any = "transparency" in image.info or image.mode in ("RGBA", "LA", "PA")
    return image.convert("RGBA" if has_alpha else "RGB")


def _webp(picture: Image.Image, size: int) -> bytes:
    small = picture.copy()
    small.thumbnail((size, size), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()
