"""The bodies of the fake Shopify's webhooks have the keys and types of Shopify's own examples."""

import json
from typing import Any

import pytest

from demo.shops.shopify import FakeShop

from .shopify_client import SHARED
from .test_shopify_webhooks import TOPICS, Wire, acts, official, subscribe


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "none" if value is None else "number" if isinstance(value, int | float) else type(value).__name__


def differences(real: Any, fake: Any, at: str = "") -> list[str]:
    """Keys that one has and the other has not, and types that differ; null fits everything."""
    if isinstance(real, dict) and isinstance(fake, dict):
        found = [f"{at}: {sorted(real.keys() ^ fake.keys())}"] if real.keys() != fake.keys() else []
        return found + [
            d for key in real.keys() & fake.keys() for d in differences(real[key], fake[key], f"{at}.{key}")
        ]
    if isinstance(real, list) and isinstance(fake, list):
        return differences(real[0], fake[0], f"{at}[]") if real and fake else []
    return [] if "none" in (real, fake) or real == fake else [f"{at}: {real} != {fake}"]


EXAMPLES = ["orders/create", "orders/updated", "orders/cancelled", "orders/edited", "orders/delete", "refunds/create",
            "inventory_levels/update", "products/delete", "products/update", "app/uninstalled",
            "fulfillment_orders/hold_released"]  # fmt: skip


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """A body of each topic, out of one walk through everything that can happen to an order."""
    wire = Wire()
    with FakeShop(transport=wire) as shop:
        subscribe(shop, *TOPICS)
        placed = shop.place_order([("SCN-00001", 3)], tags=["a"], discount="5.00")
        for act, _ in acts(shop, placed["id"]):
            act()
        product = shop.products.by_sku("SCN-00002")
        assert product is not None
        subscribe(shop, "PRODUCTS_UPDATE", "PRODUCTS_DELETE")
        shop.products.save(shop.products.get(product["product"]))  # type: ignore[arg-type]
        shop.products.delete(product["product"])
        shop.flush()
    return {topic: json.loads(body) for topic, (_, _, body) in zip(wire.topics, wire.seen, strict=True)}


@official
@pytest.mark.parametrize("topic", EXAMPLES)
def test_a_body_has_the_keys_and_types_of_the_official_example(told: dict[str, Any], topic: str) -> None:
    real = json.loads((SHARED / f"payloads/official/{topic.replace('/', '__')}.json").read_text(encoding="utf-8"))
    if topic == "refunds/create":
        for key in ("order_adjustments", "duties", "additional_fees", "refund_shipping_lines"):
            real[key] = []
    assert differences(shape(real), shape(told[topic])) == []
