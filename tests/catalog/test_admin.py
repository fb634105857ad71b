"""The supplier's side: products with variants and pictures, and pieces that only move through the acts."""

from __future__ import annotations

import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog import stock
from catalog.models import Category, Product, ProductImage, Stock, StockMove, Variant
from tests import cast
from tests.catalog import goods
from tests.second_look import seen

pytestmark = pytest.mark.django_db
ADD = "/admin/catalog/product/add/"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def desk(staff: Any, client_for: Any) -> Any:
    return client_for(staff)


def upload(content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("lampada.png", goods.picture().getvalue() if content is None else content, "image/png")


def product_form(*variants: dict[str, Any], pictures: list[dict[str, Any]] | None = None, **fields: Any) -> dict:
    data: dict[str, Any] = {
        "name": "Lampada",
        "slug": "lampada",
        "category": goods.category().pk,
        "brand": "Faro",
        "active": "on",
        "description_html": "<p>Bella</p>",
        **fields,
    }
    plain = {
        "net_price": "12.00",
        "vat_rate": "22.00",
        "retail_price": "",
        "weight_g": "800",
        "length_mm": "0",
        "width_mm": "0",
        "height_mm": "0",
        "active": "on",
    }
    for prefix, rows in (("variants", [plain | row for row in variants]), ("images", pictures or [])):
        known = sum("id" in row for row in rows)
        data |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": known}
        data |= {f"{prefix}-{index}-{name}": value for index, row in enumerate(rows) for name, value in row.items()}
    return data


def test_a_product_is_made_with_its_variants_and_pictures(desk: Any, media: Path) -> None:
    assert desk.get(ADD).status_code == 200

    answer = desk.post(
        ADD,
        product_form(
            {"sku": " LAM-S "},
            {"sku": "LAM-L", "net_price": "15.50", "retail_price": "39.90"},
            pictures=[{"upload": upload(), "position": "0"}, {"upload": upload(), "position": "5"}],
        ),
    )

    assert answer.status_code == 302, answer.context["errors"]
    product = Product.objects.get()
    assert [(v.sku, v.net_price) for v in product.variants.order_by("id")] == [
        ("LAM-S", Decimal("12.00")),
        ("LAM-L", Decimal("15.50")),
    ]
    assert [picture.position for picture in product.images.all()] == [0, 5]
    assert len(list(media.rglob("*.webp"))) == 6
    assert not Stock.objects.exists()


@pytest.mark.parametrize(
    ("variant", "pictures"),
    [
        ({"sku": "lam-1"}, []),  # another variant has it, in other letters
        ({"sku": ""}, []),
        ({"sku": "NEW", "ean": "8001234567899"}, []),  # its last digit is wrong
        ({"sku": "NEW", "net_price": "-1"}, []),
        ({"sku": "NEW", "weight_g": "-5"}, []),
        ({"sku": "NEW"}, [{"upload": upload(b"no picture"), "position": "0"}]),
        ({"sku": "NEW"}, [{"position": "3"}]),  # a picture without its file
    ],
)
def test_what_is_wrong_is_refused_and_leaves_nothing(variant: dict, pictures: list, desk: Any, media: Path) -> None:
    goods.variant(sku="LAM-1")

    answer = desk.post(ADD, product_form(variant, pictures=pictures))

    assert answer.status_code == 200
    assert Product.objects.count() == Variant.objects.count() == 1
    assert not ProductImage.objects.exists()
    assert list(media.rglob("*.webp")) == []


def test_pictures_are_moved_and_removed_on_the_products_page(desk: Any, media: Path) -> None:
    from catalog import images

    variant = goods.variant(sku="LAM-1")
    first, second = (images.add(variant.product, goods.picture()) for _n in range(2))
    url = reverse("admin:catalog_product_change", args=[variant.product_id])
    assert desk.get(url).status_code == 200
    rows = [
        {"id": first.pk, "product": variant.product_id, "position": "0", "DELETE": "on"},
        {"id": second.pk, "product": variant.product_id, "position": "7", "upload": upload()},
        {"position": "9", "upload": upload(), "DELETE": "on"},
    ]
    known = {"id": variant.pk, "product": variant.product_id, "sku": "LAM-1"}

    answer = desk.post(url, product_form(known, pictures=rows))

    assert answer.status_code == 302
    kept = ProductImage.objects.get()
    assert (kept.pk, kept.position, kept.file.name) == (second.pk, 7, second.file.name)
    assert len(list(media.rglob("*.webp"))) == 3


def test_goods_are_taken_off_sale_and_never_deleted(desk: Any) -> None:
    variant = goods.variant()
    product = reverse("admin:catalog_product_delete", args=[variant.product_id])

    assert desk.post(product, {"post": "yes"}).status_code == 403
    assert desk.post(reverse("admin:catalog_variant_delete", args=[variant.pk]), {"post": "yes"}).status_code == 403
    data = {"action": "take_off_sale", "_selected_action": [variant.product_id]}
    assert variant.product.name in desk.post("/admin/catalog/product/", data).content.decode()  # asks first
    assert Product.objects.get().active
    desk.post("/admin/catalog/product/", {**data, "post": "yes"})  # nobody was shown what it does
    assert Product.objects.get().active
    desk.post("/admin/catalog/product/", seen(desk, "/admin/catalog/product/", data))
    variant.product.refresh_from_db()
    assert not variant.product.active


def test_lists_and_forms_open(desk: Any) -> None:
    variant = goods.variant(sku="LAM-1", ean="8001120000012")
    for path in ("category/", "product/", "variant/", "product/?q=LAM-1", "variant/?q=lam"):
        assert desk.get(f"/admin/catalog/{path}").status_code == 200
    assert desk.get(reverse("admin:catalog_variant_change", args=[variant.pk])).status_code == 200
    data = {"name": "Cucina", "slug": "cucina", "position": "1"}
    assert desk.post("/admin/catalog/category/add/", data).status_code == 302
    assert Category.objects.filter(slug="cucina").exists()


def stock_url(variant: Variant) -> str:
    return reverse("admin:catalog_variant_stock", args=[variant.pk])


def test_a_count_and_a_delivery_go_through_the_acts_and_are_written_down(desk: Any, staff: Any) -> None:
    variant = goods.variant(pieces=0)
    url = stock_url(variant)
    assert desk.get(url).status_code == 200

    assert desk.post(url, {"do": "count", "count-on_hand": "7"}).status_code == 302
    data = {"do": "receive", "receive-pieces": "5", "receive-key": str(uuid.uuid4())}
    assert desk.post(url, data).status_code == 302
    assert desk.post(url, data).status_code == 302  # the same click again
    data = {"do": "arrange", "arrange-buffer": "2", "arrange-restock_on": "2027-01-31"}
    assert desk.post(url, data).status_code == 302

    row = Stock.objects.get()
    assert (row.on_hand, row.reserved, row.buffer, row.available) == (12, 0, 2, 10)
    moves = StockMove.objects.order_by("id")
    assert [(move.kind, move.on_hand_change, move.by) for move in moves] == [
        ("counted", 7, staff),
        ("received", 5, staff),
    ]


@pytest.mark.parametrize(
    "data",
    [
        {"do": "count", "count-on_hand": "1"},  # two are promised to an order
        {"do": "count", "count-on_hand": "-1"},
        {"do": "count", "count-on_hand": "9999999999"},
        {"do": "count", "count-on_hand": "abc"},
        {"do": "count"},
        {"do": "receive", "receive-pieces": "0", "receive-key": str(uuid.uuid4())},
        {"do": "receive", "receive-pieces": "3", "receive-key": "not a key"},
        {"do": "arrange", "arrange-buffer": "-2"},
        {"do": "arrange", "arrange-buffer": "1", "arrange-restock_on": "tomorrow"},
    ],
)
def test_a_refused_stock_form_says_so_and_moves_nothing(data: dict, desk: Any) -> None:
    variant = goods.variant(pieces=4)
    stock.reserve({"order:1": {variant.pk: 2}}, by=None)
    before = (Stock.objects.values().get(), StockMove.objects.count())

    answer = desk.post(stock_url(variant), data)

    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert (Stock.objects.values().get(), StockMove.objects.count()) == before


def test_pieces_can_not_be_typed_into_a_variants_form(desk: Any) -> None:
    variant = goods.variant(pieces=4)
    url = reverse("admin:catalog_variant_change", args=[variant.pk])
    data = {name: getattr(variant, name) for name in ("sku", "ean", "title", "net_price", "vat_rate", "weight_g")}
    data |= {"length_mm": 1, "width_mm": 1, "height_mm": 1, "active": "on", "pieces": 99, "on_hand": 99}

    assert desk.post(url, data).status_code == 302
    assert Stock.objects.get().on_hand == 4


def test_only_those_who_may_open_it(client: Any, owner: Any, client_for: Any) -> None:
    variant = goods.variant()
    helper = client_for(cast.user(is_staff=True))

    for path in ("/admin/catalog/product/", stock_url(variant)):
        assert client.get(path).status_code == 302
        assert client_for(owner).get(path).status_code == 302
        assert helper.get(path).status_code == 403
    assert helper.post(stock_url(variant), {"do": "count", "count-on_hand": "0"}).status_code == 403
    assert Stock.objects.get().on_hand == 10
