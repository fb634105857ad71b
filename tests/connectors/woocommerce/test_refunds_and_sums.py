"""What was given back of an order, and whether the order adds up: to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.platforms.base import Doubt
from connectors.platforms.woocommerce import refunds, sums
from connectors.platforms.woocommerce.refunds import Account, Back
from core.money import ZERO
from tests.connectors.woocommerce.test_whole_orders import back, data, meta


def account(**fields: Any) -> tuple[Account, list[Doubt]]:
    doubts: list[Doubt] = []
    return refunds.account(data(**fields), doubts), doubts


def test_what_was_given_back_of_each_line() -> None:
    lines = {41: Back(2, Decimal("21.80")), 42: Back(1, Decimal("2.20"))}
    part = Doubt("partly_refunded", "", {"amount": "24.00", "pieces": "3"})
    assert account() == (Account(Decimal("75.79"), known=True, lines=lines), [part])
    unknown = (Account(Decimal("75.79")), [Doubt("partly_refunded", "", {"amount": "24.00"})])
    for odd in (
        None,
        [],
        [{"id": 91, "line_items": []}],
        [{"id": 91, "line_items": []}, {"id": 93, "line_items": []}],
        [{"id": 91, "line_items": []}, {"id": 92, "line_items": []}, {"id": 93, "line_items": []}],
        *(
            [{"id": 91, "line_items": []}, {"id": 92, "line_items": [row]}]
            for row in (
                back(99, -1, "-1.00", "0.00"),
                back("x", -1, "-1.00", "0.00"),
                back(41, -1.5, "-1.00", "0.00"),
                back(41, True, "-1.00", "0.00"),
                back(41, "1", "-1.00", "0.00"),
                back(41, -10_000, "-1.00", "0.00"),
                back(41, -1, "?", "0.00"),
                back(41, -1, "-1.00", None),
                {**back(41, -1, "-1.00", "0.00"), "meta_data": meta(other=41)},
            )
        ),
        "?",
    ):
        assert account(**{refunds.HIDDEN: odd}) == unknown, odd
    most = [{"id": 91, "line_items": []}, {"id": 92, "line_items": [back(41, -9_999.0, "-1.00", "-0.50")]}]
    assert account(**{refunds.HIDDEN: most})[0].lines == {41: Back(9_999, Decimal("1.50"))}
    nameless = {"refunds": [{"total": "-24.00"}], refunds.HIDDEN: [{"line_items": []}]}
    assert account(**nameless) == unknown
    assert account(refunds=[]) == (Account(Decimal("99.79"), False, False, {}), [])


def test_what_the_customer_pays_in_the_end() -> None:
    def left(total: Any, *back: Any) -> tuple[Decimal | None, bool]:
        found, _doubts = account(total=total, refunds=[{"id": n, "total": one} for n, one in enumerate(back, start=1)])
        return found.total, found.whole

    assert left("99.79", "-99.77") == (Decimal("0.02"), False)
    assert left("99.79", "-99.78") == (Decimal("0.01"), True)
    assert left("99.79", "-50.00", "50.00") == (ZERO, True)
    assert left("99.790", "-99.787") == (Decimal("0.00"), True)
    assert left("99.79", "0.00") == (Decimal("99.79"), False)
    assert left("0.01", "0.00") == (Decimal("0.01"), False)
    assert left("50", "-49") == (Decimal("1.00"), True)  # a shop that shows no cents
    assert left("49", "-48") == (Decimal("1.00"), False)
    assert left("50", "-48") == (Decimal("2.00"), False)
    assert left("5.0", "-4.9") == (Decimal("0.10"), True)
    assert left("4.9", "-4.8") == (Decimal("0.10"), False)
    assert left("10.00", "-20.00") == (ZERO, True)
    assert account(total="-0.014") == (Account(None), [Doubt("bad_price", "total", {"value": "-0.01"})])
    assert account(total="x") == (Account(None), [Doubt("bad_price", "total", {"value": "x"})])
    assert account(total="0.00", refunds=[]) == (Account(ZERO), [])
    for odd in (["-1"], [{"total": "-1"}, {"total": "?"}]):
        found, doubts = account(refunds=odd)
        assert (found.total, [doubt.subject for doubt in doubts]) == (
            (None, ["refund"]) if len(odd) > 1 else (Decimal("98.79"), [""])
        )


def test_of_the_shops_answer_only_what_is_read_is_kept() -> None:
    item = {**back(41, -2, "-18.00", "-3.80"), "name": "Tazza", "sku": "TAZ-1"}
    refund = {"id": 91, "reason": "Anna non la vuole", "refunded_by": 7, "line_items": [item, "?"]}
    kept = {"quantity": -2, "total": "-18.00", "total_tax": "-3.80", "meta_data": meta(_refunded_item_id="41")}
    assert refunds.trimmed([refund, "?"]) == [{"id": 91, "line_items": [kept]}, {"id": None, "line_items": []}]
    assert refunds.trimmed({"id": 91}) == []
    with_them, without = {"refunds": [{"id": 1}]}, {"refunds": []}
    assert refunds.are_in(with_them)
    assert not refunds.are_in(without)
    assert not refunds.are_in({**with_them, refunds.HIDDEN: None})


# ---- does it add up?


def differs(**fields: Any) -> list[Any]:
    doubts: list[Doubt] = []
    order = {
        "total": "50.00",
        "total_tax": "9.02",
        "line_items": [{"total": "30.00", "total_tax": "6.60"}, {"total": "7.00"}],
        "shipping_lines": [{"total": "5.40", "total_tax": "1.00"}],
        "fee_lines": [],
        **fields,
    }
    sums.judge(order, doubts)
    assert [(doubt.code, doubt.subject) for doubt in doubts] in ([], [("sums_differ", "")])
    return [doubt.params for doubt in doubts]


def test_the_total_is_the_sum_of_the_parts_but_for_their_rounding() -> None:
    assert differs() == []
    assert differs(total="50.04") == differs(total="49.96") == []  # a cent for each of three, and for the total
    assert differs(total="50.05") == [{"total": "50.05", "sum": "50.00"}]
    assert differs(total="49.95") == [{"total": "49.95", "sum": "50.00"}]
    assert differs(total="50.045") == [{"total": "50.05", "sum": "50.00"}]
    assert differs(total="54") == differs(total="46") == differs(total="50.4") == []
    assert differs(total="56") == [{"total": "56.00", "sum": "50.00"}]
    assert differs(total="50.5") == [{"total": "50.50", "sum": "50.00"}]
    fee = {"fee_lines": [{"total": "-1.50", "total_tax": "-0.33"}]}
    assert differs(total="48.17", **fee) == []
    assert differs(**fee) == [{"total": "50.00", "sum": "48.17"}]
    # Taxes that stand on the whole order alone.
    untaxed = {"line_items": [{"total": "30.00"}], "shipping_lines": [{"total": "5.40"}]}
    assert differs(total="44.45", **untaxed) == []
    assert differs(total="44.46", **untaxed) == [{"total": "44.46", "sum": "35.40"}]
    assert differs(total="44.46", total_tax="?", **untaxed) == [{"total": "44.46", "sum": "35.40"}]


def test_of_what_is_not_whole_nothing_is_said() -> None:
    wrong: dict[str, Any] = {"total": "99.00"}
    assert differs(**wrong) == [{"total": "99.00", "sum": "50.00"}]
    for name in ("line_items", "shipping_lines", "fee_lines"):
        doubts: list[Doubt] = []
        sums.judge(
            {key: [{"total": "1"}] for key in ("line_items", "shipping_lines", "fee_lines") if key != name}, doubts
        )
        assert doubts == []
        assert differs(**{**wrong, name: ["?"]}) == []
        assert differs(**{**wrong, name: [{"total": "?"}]}) == []
        assert differs(**{**wrong, name: [{"total": "1.00", "total_tax": None}]}) == []
    assert differs(total="?") == differs(total="-50.00") == []
    assert differs(total="9.00", line_items=[], shipping_lines=[], fee_lines=[]) == []
    assert differs(total="0.00") == [{"total": "0.00", "sum": "50.00"}]


@pytest.mark.parametrize(
    "given",
    [
        *({"gift_cards": [{"amount": "4.00"}, {"amount": "6.00"}]}, {"gift_card_lines": [{"amount": "10.00"}, {}]}),
        *({"meta_data": meta(_gift="10.00")}, {"meta_data": meta(store_CREDIT_used=10)}),
        *(
            {"meta_data": meta(voucher={"code": "x", "used": "-10.00", "amount_left": "90"})},
            {"meta_data": meta(wallet=10.0)},
        ),
        *({"meta_data": meta(_ywgc_x={"AB-12": 10})}, {"meta_data": meta(store_coupon='{"a": 10}')}),
        *({"meta_data": meta(points=[["10.00"]])}, {"meta_data": meta(contribution={"value": [3, "7.00"]})}),
        *({"meta_data": meta(gift={"discount": "10.00"})}, {"meta_data": meta(gift={"total": "10.00"})}),
    ],
)
def test_a_gift_card_or_a_credit_may_be_what_is_missing(given: dict[str, Any]) -> None:
    assert differs(total="40.00", **given) == []
    assert differs(total="40.04", **given) == differs(total="39.96", **given) == []
    assert differs(total="40.05", **given) == [{"total": "40.05", "sum": "50.00"}]
    assert differs(total="39.95", **given) == [{"total": "39.95", "sum": "50.00"}]
    assert differs(total="60.00", **given) == [{"total": "60.00", "sum": "50.00"}]  # it takes off, it adds nothing


@pytest.mark.parametrize(
    "given",
    [
        *(meta(other="10.00"), meta(gift=True), meta(gift="x"), meta(gift={"a": {"b": {"c": {"d": 10}}}})),
        meta(gift=[[[["10.00"]]]]),
    ],
)
def test_what_is_no_amount_of_a_gift_card_explains_nothing(given: list[dict[str, Any]]) -> None:
    assert differs(total="40.00", meta_data=given) == [{"total": "40.00", "sum": "50.00"}]
