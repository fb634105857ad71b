"""Products of ours in the shop: once, however often it is repeated; of the merchant's own only the prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.platforms.base import Access, ShopUnreachable
from connectors.platforms.goods import PriceLevel, ProductDraft, Published, VariantDraft
from connectors.platforms.shopify import products
from connectors.platforms.shopify.client import Client
from demo.shops.shopify import FakeShop
from tests.connectors.shopify.stage import names


def variant(sku: str, *options: str, **fields: Any) -> VariantDraft:
    given: dict[str, Any] = {
        "sku": sku,
        "external_id": "",
        "ean": "8001234567890",
        "options": options,
        "price": Decimal("49.90"),
        "compare_at": Decimal("59.90"),
        "weight_g": 3500,
        "quantity": 5,
    }
    return VariantDraft(**{**given, **fields})


def draft(*variants: VariantDraft, **fields: Any) -> ProductDraft:
    given: dict[str, Any] = {
        "reference": "tavolo-100",
        "external_id": "",
        "ours": True,
        "title": "Tavolo 100",
        "html": "<p>Tavolo</p>",
        "brand": "Legno & Co",
        "categories": ["Casa", "Tavoli"],
        "images": ["https://cdn.example.com/tavolo.jpg"],
        "options": ["Colore"] if variants and variants[0].options else [],
        "variants": variants or (variant("TAV-100"),),
        "safety_html": "<p>Fabbricante: Legno & Co</p>",
    }
    return ProductDraft(**{**given, **fields})


def publish(access: Access, *drafts: ProductDraft) -> list[Published]:
    return products.publish(access, Client(access, deadline_s=10), drafts)


def test_a_product_with_variants_is_made_and_shown(fake: FakeShop, access: Access) -> None:
    red, blue = variant("TAV-R", "Rosso"), variant("TAV-B", "Blu", quantity=0)
    (made,) = publish(access, draft(red, blue))
    assert (made.error, made.reference) == ("", "tavolo-100")
    assert set(made.variants) == {"TAV-R", "TAV-B"}
    assert all(id_.startswith(f"{made.external_id}/") for id_ in made.variants.values())
    product = fake.products.get(int(made.external_id))
    assert product is not None
    assert (product["handle"], product["title"], product["status"]) == ("mci-tavolo-100", "Tavolo 100", "ACTIVE")
    assert "Publish" in "".join(names(fake))


def test_a_product_without_options_has_one_variant(fake: FakeShop, access: Access) -> None:
    (made,) = publish(access, draft())
    assert (made.error, list(made.variants)) == ("", ["TAV-100"])
    remote = products.page(access, Client(access), None).products
    mine = next(one for one in remote if one.sku == "TAV-100")
    assert (mine.external_id, mine.ean, mine.quantity) == (made.variants["TAV-100"], "8001234567890", 5)


def test_a_repeat_after_a_lost_answer_finds_what_was_made(fake: FakeShop, access: Access) -> None:
    fake.faults.add("MciProductSet", "applied_then_timeout")
    with pytest.raises(ShopUnreachable):
        publish(access, draft())
    before = len(fake.products.all())
    (made,) = publish(access, draft())
    assert made.error == ""
    assert len(fake.products.all()) == before


def test_an_update_keeps_the_variants_and_fetches_no_picture_again(fake: FakeShop, access: Access) -> None:
    (first,) = publish(access, draft())
    fake.calls.clear()
    again = draft(variant("TAV-100", price=Decimal("44.90")), external_id=first.external_id, title="Tavolo nuovo")
    (second,) = publish(access, again)
    assert (second.external_id, second.variants) == (first.external_id, first.variants)
    given = next(variables for name, variables in fake.calls if name == "MciProductSet")["input"]
    assert "files" not in given
    assert "inventoryQuantities" not in given["variants"][0]


def sources(fake: FakeShop, made: Published) -> list[str]:
    product = fake.products.get(int(made.external_id))
    assert product is not None
    return [one["source"] for one in product["media"]]


def test_pictures_that_changed_go_along_and_the_merchants_own_stay(fake: FakeShop, access: Access) -> None:
    table, legs, top = (f"https://cdn.example.com/{name}.webp" for name in ("tavolo", "gambe", "piano"))
    (made,) = publish(access, draft(images=[table, legs]))
    product = fake.products.get(int(made.external_id))
    assert product is not None
    kept = {one["source"]: one["id"] for one in product["media"]}
    product["media"].append(fake.products.medium("https://suo.example.com/ambiente.jpg"))
    fake.products.save(product)

    changed = draft(images=[top, table], external_id=made.external_id)
    (second,) = publish(access, changed)
    assert second.error == ""
    assert sources(fake, made) == [top, table, "https://suo.example.com/ambiente.jpg"]
    product = fake.products.get(int(made.external_id))
    assert product is not None
    assert product["media"][1]["id"] == kept[table]  # not fetched a second time

    fake.calls.clear()
    elsewhere = [image.replace("cdn.example.com", "mci.example.it") for image in changed.images]
    publish(access, draft(images=elsewhere, external_id=made.external_id))  # MCI moved: the same pictures
    given = next(variables for name, variables in fake.calls if name == "MciProductSet")["input"]
    assert "files" not in given


def test_a_picture_that_could_not_be_fetched_is_given_again(fake: FakeShop, access: Access) -> None:
    (made,) = publish(access, draft(images=["ftp://nowhere.example.com/a.webp"]))
    product = fake.products.get(int(made.external_id))
    assert product is not None
    assert [one["status"] for one in product["media"]] == ["FAILED"]
    publish(access, draft(images=["https://cdn.example.com/a.webp"], external_id=made.external_id))
    assert sources(fake, made) == ["https://cdn.example.com/a.webp"]


def test_pictures_that_the_shop_still_works_on_are_left_alone(fake: FakeShop, access: Access) -> None:
    (made,) = publish(access, draft())
    product = fake.products.get(int(made.external_id))
    assert product is not None
    product["media"][0]["status"] = "PROCESSING"
    fake.products.save(product)
    publish(access, draft(images=["https://cdn.example.com/altro.webp"], external_id=made.external_id))
    assert sources(fake, made) == ["https://cdn.example.com/tavolo.jpg"]


def test_a_product_that_was_deleted_in_the_shop_is_made_anew(fake: FakeShop, access: Access) -> None:
    (first,) = publish(access, draft())
    fake.products.delete(int(first.external_id))
    (second,) = publish(access, draft(external_id=first.external_id))
    assert second.error == ""
    assert second.external_id != first.external_id


def test_a_product_of_the_merchants_with_our_handle_is_left_alone(fake: FakeShop, access: Access) -> None:
    his = fake.products.create(title="Suo", handle="mci-tavolo-100")
    (made,) = publish(access, draft())
    assert made.error == "not_ours"
    product = fake.products.get(his["id"])
    assert product is not None
    assert product["title"] == "Suo"


def test_of_a_product_of_the_merchants_only_the_price_is_written(fake: FakeShop, access: Access) -> None:
    his = fake.products.variants()[0]
    known = f"{his['product']}/{his['id']}"
    title = fake.products.get(his["product"])["title"]  # type: ignore[index]
    (made,) = publish(access, draft(variant("X", external_id=known), ours=False, external_id=str(his["product"])))
    assert (made.error, made.variants) == ("", {"X": known})
    assert fake.products.get(his["product"])["title"] == title  # type: ignore[index]
    assert [name for name in names(fake) if name != "MciVariantsUpdate"] == []


def test_prices_are_one_call_per_product_and_each_refusal_is_its_own(fake: FakeShop, access: Access) -> None:
    one, other = fake.products.variants()[:2]
    good = f"{one['product']}/{one['id']}"
    refused = products.tell_prices(
        Client(access),
        [
            PriceLevel(good, Decimal("12.90"), Decimal("15.00")),
            PriceLevel(f"{other['product']}/999", Decimal("1.00")),
            PriceLevel("7/8", Decimal("1.00")),
        ],
    )
    assert set(refused) == {f"{other['product']}/999", "7/8"}
    found = next(row for row in fake.products.variants() if row["id"] == one["id"])
    assert (Decimal(found["price"]), Decimal(found["compare_at"])) == (Decimal("12.90"), Decimal("15.00"))


def test_off_sale_is_a_draft_and_twice_is_once(fake: FakeShop, access: Access) -> None:
    (made,) = publish(access, draft())
    for _time in range(2):
        assert products.unpublish(Client(access), [made.external_id, "999"]) == {}
    product = fake.products.get(int(made.external_id))
    assert product is not None
    assert product["status"] == "DRAFT"


def test_what_the_shop_sells_is_read_page_by_page(
    access: Access, monkeypatch: pytest.MonkeyPatch, fake: FakeShop
) -> None:
    monkeypatch.setattr(products, "PER_PAGE", 4)
    found, cursor = [], None
    while True:
        page = products.page(access, Client(access), cursor)
        found += page.products
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(one.sku for one in found) == sorted(one["sku"] for one in fake.products.variants())
