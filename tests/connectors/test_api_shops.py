"""Shops and their inbox for programs: what the pages show, and nothing that a shop's access hangs on."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.models import Shop
from tests.connectors.arrivals import PREPAID, arrive, ready_shop
from tests.connectors.conftest import make_shop
from tests.programs import Program

pytestmark = pytest.mark.django_db


def test_a_shop_is_given_without_its_keys(dropshipper: Any) -> None:
    shop = make_shop(dropshipper, address="http://127.0.0.1:9")
    (found,) = Program(dropshipper, "shops:read").get("shops").json()["data"]
    assert (found["id"], found["platform"], found["state"]) == (str(shop.pk), "woocommerce", "active")
    said = str(found)
    assert shop.key not in said
    assert not [name for name in found if "secret" in name or "credential" in name or name == "key"]


def test_the_inbox_is_that_of_the_page(dropshipper: Any, other_dropshipper: Any) -> None:
    shop = make_shop(dropshipper, address="http://127.0.0.1:9")
    ready_shop(shop)
    orders = [arrive(shop, number, sku="ALIENO", **PREPAID) for number in (1, 2, 3)]
    program = Program(dropshipper, "inbox:read")
    page = program.get("inbox/woocommerce?limit=2").json()
    rest = program.get(f"inbox/woocommerce?limit=2&cursor={page['next_cursor']}").json()
    found = [row["id"] for row in page["data"] + rest["data"]]
    assert found == [str(order.pk) for order in reversed(orders)]
    assert page["data"][0]["problems"][0]["code"] == "unknown_sku"
    assert program.get("inbox/shopify").json()["data"] == []
    assert Program(other_dropshipper).get("inbox/woocommerce").json()["data"] == []


def test_a_shop_of_another_is_not_there(dropshipper: Any, other_dropshipper: Any) -> None:
    make_shop(other_dropshipper, address="http://127.0.0.1:9")
    program = Program(dropshipper)
    assert program.get("shops").json()["data"] == []
    assert program.get(f"shops/{Shop.objects.get().pk}").status_code == 404
