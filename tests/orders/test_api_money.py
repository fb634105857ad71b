"""What the API says of money: no balance to a key that may not read it, no amount to collect that nobody collects."""

from __future__ import annotations

import re
from typing import Any

import pytest

from orders.models import Order
from tests.orders import stage
from tests.programs import Program

pytestmark = pytest.mark.django_db
AMOUNT = re.compile(r"\d+[.,]\d{2} €")


@pytest.mark.parametrize("more", [(), ("wallet:read",)])
def test_a_refusal_tells_what_is_missing_to_who_reads_the_wallet(dropshipper: Any, more: tuple[str, ...]) -> None:
    method = stage.method("espresso")
    stage.variant("MCI-1", net="12.00")
    stage.money(dropshipper, "3.21")
    recipient = {"name": "Lucia Finta", "street": "Via Roma 1", "postcode": "10122", "city": "Torino", "province": "TO"}
    body = {"recipient": recipient, "lines": [{"sku": "MCI-1"}], "sale_total": "39.90", "method_id": str(method.pk)}
    program = Program(dropshipper, "orders:read", "orders:write", "orders:send", "catalogue:read", *more)
    made = program.post("orders", body)
    assert made.status_code == 201, made.content
    place = f"orders/{made.json()['id']}"
    sent = program.post(f"{place}/send", {"figures": figures(program.get(f"{place}/price").json())})
    assert (sent.status_code, sent.json()["code"]) == (422, "insufficient_funds")
    told = [made.json()["refusal"], program.get(f"{place}/price").json()["refusal"], sent.json()]
    for one in told:
        assert one["code"] == "insufficient_funds"
        assert bool(AMOUNT.search(one["detail"])) == bool(more), one
        assert ("3,21" in str(one)) == bool(more)
    assert {"needed", "missing"} <= sent.json().keys() if more else not {"needed", "missing"} & sent.json().keys()


def figures(price: dict[str, Any]) -> str:
    return str(price["price"]["figures"])


@pytest.mark.parametrize(
    ("payment", "collect", "status"),
    [
        ("prepaid", "39.90", 422),
        (None, "39.90", 422),
        ("cod", "39.90", 201),
        ("prepaid", "0.00", 201),
        ("prepaid", None, 201),
    ],
)
def test_an_amount_to_collect_of_what_is_not_cod_is_asked_about(
    dropshipper: Any, payment: str | None, collect: str | None, status: int
) -> None:
    """Dropped without a word it would be a parcel that nobody collects for."""
    method = stage.method("espresso")
    stage.variant("MCI-1", net="12.00")
    recipient = {"name": "Lucia Finta", "street": "Via Roma 1", "postcode": "10122", "city": "Torino", "province": "TO"}
    body = {"recipient": recipient, "lines": [{"sku": "MCI-1"}], "to_collect": collect, "method_id": str(method.pk)}
    answer = Program(dropshipper).post("orders", body | ({"payment": payment} if payment else {}))
    assert answer.status_code == status, answer.content
    if status == 422:
        assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/to_collect", "not_cod")]
        assert not Order.objects.exists()


def test_the_ways_of_shipping_are_named_with_what_they_allow(dropshipper: Any) -> None:
    method = stage.method("espresso")
    off = stage.method("spento")
    type(off).objects.filter(pk=off.pk).update(active=False)
    (found,) = Program(dropshipper, "orders:read").get("methods").json()["data"]
    assert found == {
        "id": str(method.pk),
        "name": str(method),
        "days_min": method.days_min,
        "days_max": method.days_max,
        "cod_allowed": method.cod_allowed,
    }
