"""Pictures at upload: what is kept, what is refused and leaves nothing."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from catalog import images
from catalog.errors import BadPicture
from catalog.models import ProductImage
from tests.catalog import goods

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def files(media: Path) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_kept_as_webp_in_three_sizes(kind: str, media: Path) -> None:
    made = images.add(goods.product(), goods.picture(kind=kind), name="x")

    widths = set()
    for path in media.rglob("*.webp"):
        with Image.open(path) as image:
            assert image.format == "WEBP"
            widths.add(image.width)
    assert widths == {1024, 320, 96}
    assert len(files(media)) == 3
    assert made.small_url.endswith("-96.webp")
    assert made.thumb_url.endswith("-320.webp")


def test_pictures_follow_each_other(media: Path) -> None:
    product = goods.product()

    assert [images.add(product, goods.picture()).position for _n in range(3)] == [0, 1, 2]


def test_nothing_of_the_uploaded_file_is_kept_but_its_pixels(media: Path) -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    Image.new("RGB", (400, 300), "red").save(file, "JPEG", exif=exif)
    file.write(b"<script>alert(1)</script>")
    file.seek(0)

    images.add(goods.product(), file)

    assert all(
        b"SECRET" not in path.read_bytes() and b"script" not in path.read_bytes() for path in media.rglob("*.webp")
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"GIF89a\x00\x00\x00\x00",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 40,
        goods.picture().getvalue()[:500],
    ],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(content: bytes, media: Path) -> None:
    with pytest.raises(BadPicture):
        images.add(goods.product(), io.BytesIO(content), name="x.png")

    assert files(media) == []
    assert not ProductImage.objects.exists()


def test_a_picture_that_unpacks_to_too_much_is_refused(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 100 * 100)

    with pytest.raises(BadPicture):
        images.add(goods.product(), goods.picture(size=(101, 100)))
    assert files(media) == []


def test_a_removed_picture_takes_its_files_along(media: Path) -> None:
    product = goods.product()
    gone, kept = images.add(product, goods.picture()), images.add(product, goods.picture())

    images.remove(gone)

    assert list(product.images.all()) == [kept]
    assert len(files(media)) == 3
