"""Each word by which plugins say that a part was paid, or that a payment was a trial, is only reserved or was made over
a counter: what it means, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.platforms.base import Doubt
from connectors.platforms.woocommerce import deposits, paid
from connectors.platforms.woocommerce.deposits import Part
from tests.connectors.woocommerce.test_whole_orders import meta

TOTAL = Decimal("89.90")


def part(metas: dict[str, Any], *lines: dict[str, Any], total: Decimal | None = TOTAL) -> Part | None:
    items = [{"meta_data": meta(**line)} for line in lines]
    return deposits.read({"meta_data": meta(**metas), "line_items": items}, total)


HAS = (
    *("has_deposit", "_wc_is_a_deposits", "with_partial_payment", "is_partial_payments", "order has partial cod"),
    *("has_a_deposit",),
)
NO_HAS = ("deposit_has", "hasdeposit", "has_deposit_x")
REST_PAID = (
    *("second_payment_paid", "_remaining_paid", "remaining_balance_paid", "remaining payment paid", "balance_paid"),
    *("remaining_amount_paid", "x_balance_payment_paid", "full_payment_paid", "fully_paid", "saldo_paid"),
)
REST = (
    *(
        "second_payment",
        "remaining",
        "remaining_amount",
        "remaining_balance_due",
        "remaining_payment",
        "remaining_total",
    ),
    *("remaining_cod", "balance_due", "balance_amount", "deposit_balance", "amount_due", "payment_due", "total_due"),
    *("due_amount", "due_payment", "due_on_delivery", "pay_on_delivery", "payable-on-delivery", "amount_on_delivery"),
    *("future_payment", "future_payments", "cod_remaining", "cod_balance_amount", "cod_due", "saldo", "saldo_dovuto"),
    *("_da_saldare",),
)
PARTS = (
    *(
        "advance_paid",
        "partial_amount",
        "upfront_total",
        "deposit_value",
        "acconto_payment_paid",
        "anticipo_cod_amount",
    ),
    *("caparra_paid_amount", "advance_payment", "acconto", "anticipo", "x_caparra", "deposit_total_paid"),
)


@pytest.mark.parametrize("key", HAS)
def test_that_an_order_has_a_deposit(key: str) -> None:
    assert part({key: "yes"}) == part({key: True}) == part({key: 1}) == Part(None, False)
    for no in ("", "0", "No", "FALSE", "off", "null", "none", "[]", None, False, " "):
        assert part({key: no}) is None
    assert part({key: "yes", "x_has_deposit": "no"}) == part({"x_has_deposit": "no", key: "yes"}) == Part()
    assert part({key: "yes", "remaining": "0.00"}) is None
    assert part({key: "yes", "balance_paid": "yes"}) == Part(settled=True)


@pytest.mark.parametrize("key", REST_PAID)
def test_that_the_rest_was_paid(key: str) -> None:
    assert part({key: "yes"}) == Part(settled=True)
    assert part({key: "no", "remaining": "3.5"}) == Part(Decimal("3.50"))
    assert part({key: "yes", "x_fully_paid": "no"}) == Part(settled=True)
    assert part({f"{key}_on": "yes"}) is None
    # Of a line whose own rest is open the order's word is not enough.
    assert part({key: "yes"}, {"is_deposit": "yes"}) == Part()
    assert part({key: "yes"}, {"is_deposit": "yes", key: "yes"}, {}) == Part(settled=True)
    assert part({}, {"is_deposit": "yes", key: "1"}) is None


@pytest.mark.parametrize("key", REST)
def test_how_much_the_rest_is(key: str) -> None:
    assert part({key: "30.5"}) == part({key: 30.5}) == part({key: " 30.50 "}) == Part(Decimal("30.50"))
    assert part({key: 30}) == Part(Decimal("30.00"))
    assert part({key: "0.01"}) == Part(Decimal("0.01"))
    assert part({key: "89.89"}) == Part(Decimal("89.89"))
    for none in ("0.00", "89.90", "100.00", "-1.00"):
        assert part({key: none}) is None
    assert part({key: "?", "has_deposit": "yes"}) == Part()
    assert part({key: "30"}, total=None) is None
    assert part({key: "30", "x_second_payment": "20"}) == Part(Decimal(30))
    assert part({key: {"x": 1}}) is None
    assert part({f"{key}_note": "30"}) is None


@pytest.mark.parametrize("key", PARTS)
def test_how_much_was_paid_before(key: str) -> None:
    assert part({key: "9.90"}) == part({key: 9.9}) == Part()
    for none in ("0.00", "89.90", "-1.00", "x"):
        assert part({key: none}) is None
    assert part({key: "9.90"}, total=None) is None
    assert part({key: "9.90", "remaining": "80.00"}) == Part(Decimal("80.00"))
    assert part({key: "9.90", "remaining": "0"}) is None
    assert part({key: "9.90", "x_acconto": "0"}) == part({"x_acconto": "0", key: "9.90"}) == Part()


ENDS = "type percent percentage date time status method id enabled label title refund discount tax"


@pytest.mark.parametrize("end", ENDS.split())
def test_what_only_describes_a_part(end: str) -> None:
    assert part({f"deposit_value_{end}": "9.90", f"acconto_{end}": "9.90"}) is None


@pytest.mark.parametrize("key", ["_is_deposit", "wcdp_is_deposit", "deposit", "wc_deposit"])
def test_that_a_line_is_priced_by_its_deposit(key: str) -> None:
    assert part({}, {}, {key: "yes"}) == part({}, {key: {"enable": "yes"}}) == Part()
    assert part({}, {key: "no"}) is None
    assert part({}, {key: {"enable": "no"}}) is None
    assert part({}, {key: {"on": "yes"}}) is None
    assert part({}, {key: "yes", "balance_paid": "no"}) == Part()
    assert part({}, {key: "yes", "balance_paid": "yes"}, {key: "yes"}) == Part()
    assert part({"remaining": "30"}, {key: "yes"}) == Part(Decimal(30))
    assert part({}, {"no_deposits": "yes", "deposit_x": "yes"}) is None


def test_an_order_that_collects_the_rest_of_another() -> None:
    def follows(**fields: Any) -> str:
        doubts: list[Doubt] = []
        deposits.judge(fields, doubts)
        other = deposits.follows(fields)
        assert doubts == ([Doubt("split_order", "", {"parent": other})] if other else [])
        return other

    for key in ("original_order_id", "_deposit_order_id", "deposit parent order", "wcdp_parent_order"):
        assert follows(meta_data=meta(**{key: "77"})) == "77"
        assert follows(line_items=[{}, {"meta_data": meta(x=1, **{key: 78})}], meta_data=meta(**{key: "77"})) == "78"
        assert follows(meta_data=meta(**{key: "x"})) == ""
        assert follows(line_items=[{"meta_data": meta(**{key: "x"})}], created_via="deposits") == "?"
        assert follows(meta_data=meta(**{f"x_{key}_x": "77"})) == ""
    for via in ("wc_deposit", "WC_Deposits", "yith_wcdp_balance_order", "wcdp_x_payment", "awcdp"):
        assert follows(created_via=via, parent_id=5, number="7") == "5"
        assert follows(created_via=via, number="n" * 70) == "n" * 60
        assert follows(created_via=via) == "?"
    assert follows(created_via="checkout", parent_id=5) == follows(created_via="deposit_x", parent_id=5) == ""
    said = [Doubt("split_order", "", {"parent": "1"})]
    deposits.judge({"created_via": "deposits"}, said)
    assert said == [Doubt("split_order", "", {"parent": "1"})]


# ---- what metadata say of a payment


def doubted(via: str = "", **metas: Any) -> str:
    return paid.doubted({"created_via": via, "meta_data": meta(**metas)})


def test_a_payment_that_was_a_trial() -> None:
    for key in ("_wcpay_mode", "mode", "x environment", "stripe_env"):
        for said in ("test", "Testing", "sandbox", "demo", "staging", "development"):
            assert doubted(**{key: said}) == "test_order", (key, said)
        assert doubted(**{key: "live"}) == doubted(**{f"{key}s": "test"}) == ""
    for key in ("test_order", "_is_testmode", "x_test_payment", "is_test_transaction", "sandbox", "sandbox_mode"):
        for said in ("yes", "1", "True", "on", True, 1):
            assert doubted(**{key: said}) == "test_order", (key, said)
        assert doubted(**{key: "no"}) == doubted(**{key: ["yes"]}) == doubted(**{f"{key}_x": "yes"}) == ""
    assert doubted(_mode="test", _captured="no") == "test_order"
    assert doubted("pos", _mode="test") == "test_order"


def test_money_that_is_reserved() -> None:
    for key in ("captured", "_stripe_charge_captured"):
        for said in ("no", "0", "False", "off", False, 0):
            assert doubted(**{key: said}) == "authorized", (key, said)
        assert doubted(**{key: "yes"}) == doubted(**{key: ""}) == ""
    words = ("requires_capture", "authorized", "Authorised", "uncaptured", "pre_authorized", "preauthorized")
    for key in ("intention", "intent", "payment", "charge", "authorization", "transaction"):
        for said in words:
            assert doubted(**{f"_{key}_status": said}) == "authorized", (key, said)
            for yes in ("yes", "1", "true", "on"):
                assert doubted(**{f"_{key}_status": said, "captured": yes}) == ""
        assert doubted(**{f"{key}_status": "succeeded"}) == ""
    assert doubted("pos", captured="no") == "authorized"


def test_what_was_sold_over_a_counter() -> None:
    for via in ("pos", "WooCommerce-POS", "my pos app", "point_of_sale", "PointOfSale"):
        assert doubted(via) == "point_of_sale", via
    for key in ("pos", "_pos", "is_pos", "pos_order", "wc_pos_id", "yith_pos_x", "wcpos", "wcpos_x", "woocommerce_pos"):
        assert doubted(**{key: "7"}) == doubted(**{key: "yes"}) == "point_of_sale", key
        for no in ("no", "0", "false", "off", ""):
            assert doubted(**{key: no}) == "", (key, no)
    for key in ("position", "post", "x_pos_order", "wcposx"):
        assert doubted(key.replace("_", ""), **{key: "7"}) == "", key
    assert doubted("x" * 56 + " pos") == "point_of_sale"
    assert doubted("x" * 57 + " pos") == ""


def test_an_address_that_is_none() -> None:
    assert paid.is_nowhere({"shipping": {"first_name": "Anna", "country": "IT", "city": " "}})
    assert paid.is_nowhere({})
    for key in ("address_1", "address_2", "city", "postcode"):
        assert not paid.is_nowhere({"shipping": {key: "x"}})
