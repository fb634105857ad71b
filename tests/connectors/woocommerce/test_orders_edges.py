"""When an order of WooCommerce was placed and changed, whose goods it repeats, and what its payment says of itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.platforms.base import Unreadable
from core.money import ZERO
from tests.connectors.woocommerce.test_whole_orders import meta, read


def test_without_dates_of_their_own_the_next_best_is_taken() -> None:
    dates: dict[str, str | None] = {
        "date_modified_gmt": "2026-10-09T00:00:00",
        "date_created_gmt": "2026-10-08T00:00:00",
        "date_modified": "2026-10-07T00:00:00",
        "date_created": "2026-10-06T00:00:00",
        "date_paid_gmt": "2026-10-05T00:00:00",
        "date_paid": "2026-10-04T00:00:00",
    }
    none = dict.fromkeys(dates)
    for name, value in list(dates.items()):
        assert read(**dates).version_at.isoformat() == f"{value}+00:00"
        dates[name] = None
    assert dates == none
    with pytest.raises(Unreadable):
        read(**none)


def test_when_an_order_without_a_date_of_creation_was_placed() -> None:
    def placed(**fields: Any) -> tuple[str, list[str]]:
        none = dict.fromkeys(("date_created_gmt", "date_created", "date_paid_gmt", "date_paid"))
        found = read(**{**none, **fields})
        return found.placed_at.date().isoformat(), [one.code for one in found.doubts if one.code == "age_unknown"]

    order = ("date_created", "date_paid_gmt", "date_completed_gmt", "date_paid", "date_completed")
    days = {name: f"2026-09-{number:02}T00:00:00" for number, name in enumerate(order, start=1)}
    for number, name in enumerate(order, start=1):
        assert placed(**days) == (f"2026-09-{number:02}", [])
        del days[name]
    assert placed() == ("2026-10-03", ["age_unknown"])
    assert placed(date_modified_gmt=None, date_modified="2026-10-07T00:00:00") == ("2000-01-01", ["age_unknown"])
    assert placed(status="spedito") == ("2000-01-01", [])


# ---- two orders with the same goods, and what we wrote


def test_an_order_that_is_a_part_or_has_some_is_asked() -> None:
    def parent(**fields: Any) -> list[Any]:
        return [doubt.params["parent"] for doubt in read(**fields).doubts if doubt.code == "split_order"]

    assert parent() == parent(parent_id=-1) == parent(parent_id="x") == []
    assert parent(parent_id=12) == parent(parent_id="12") == ["12"]
    for renewal in ("_subscription_renewal", "_subscription_resubscribe", "_subscription_switch"):
        assert parent(parent_id=12, meta_data=meta(**{renewal: 7})) == []
        assert parent(parent_id=12, meta_data=meta(**{renewal: ""})) == ["12"]
    for key in ("has_sub_order", "_HAS_dokan_suborders", "_split_from", "x_splitted_from_order", "_cloned_from"):
        assert parent(meta_data=meta(**{key: "yes"})) == ["2026-4711"], key
        assert parent(number="", meta_data=meta(**{key: "yes"})) == ["4711"]
        for no in ("no", "False", "", None):
            assert parent(meta_data=meta(**{key: no})) == [], key
    assert parent(meta_data=meta(duplicated_from=5)) == ["2026-4711"]
    assert parent(meta_data=meta(not_has_sub_order_x=5)) == []
    assert parent(number="n" * 70, meta_data=meta(_split_from=5)) == ["n" * 60]


def test_what_we_wrote_on_it_is_known_again() -> None:
    def told(**metas: Any) -> bool:
        return read(meta_data=meta(**metas)).told

    assert told(_mci_tracking="x")
    assert told(_wc_shipment_tracking_items=[{"tracking_id": "x"}, "?", {"tracking_id": "mci-7"}])
    assert told(_wc_shipment_tracking_items='[{"tracking_id": "mci-7"}]')
    assert not told(_mci_tracking="")
    assert not told(_wc_shipment_tracking_items=[{"tracking_id": "7-mci-"}])
    assert not told(_wc_shipment_tracking_items="mci-7")
    assert not told(other=[{"tracking_id": "mci-7"}])
    assert not told()


def test_a_draft_of_its_payment_in_parts() -> None:
    part = read(payment_method="cod", refunds=[], meta_data=meta(_has_deposit="yes", _remaining_amount="30.5"))
    shown = (part.payment, part.payment_reason, part.rule_applies, part.to_collect)
    assert shown == ("review", "part_paid", False, Decimal("30.50"))
    settled = read(payment_method="cod", refunds=[], meta_data=meta(_has_deposit="yes", _balance_paid="yes"))
    assert (settled.payment, settled.payment_reason, settled.to_collect) == ("review", "cod_and_paid", ZERO)
    card = read(refunds=[], meta_data=meta(_has_deposit="yes", _balance_paid="yes"))
    assert (card.payment, card.payment_reason, card.to_collect) == ("prepaid", "paid", None)
    waits = read(refunds=[], status="on-hold", meta_data=meta(_has_deposit="yes"))
    assert (waits.payment, waits.payment_reason, waits.rule_applies) == ("awaiting", "on_hold", False)
    sent = read(refunds=[], status="spedito", meta_data=meta(_has_deposit="yes"))
    assert (sent.payment, sent.payment_reason, sent.finished) == ("review", "completed_in_shop", True)


def test_what_the_gateway_kept_of_the_payment() -> None:
    def said(**fields: Any) -> tuple[str, str, bool, bool]:
        found = read(refunds=[], **fields)
        return found.payment, found.payment_reason, found.rule_applies, found.finished

    test, reserved, counter = meta(_mode="test"), meta(_captured="no"), meta(_pos="1")
    assert said(meta_data=test) == ("review", "test_order", False, False)
    assert said(meta_data=reserved) == ("awaiting", "authorized", False, False)
    assert said(meta_data=counter) == ("review", "point_of_sale", False, False)
    nowhere = {"shipping": {"first_name": "Anna"}, "billing": {}}
    assert said(meta_data=counter, **nowhere) == ("review", "point_of_sale", False, True)
    assert said(meta_data=test, **nowhere) == ("review", "test_order", False, False)
    # At the door nothing was taken that could be a trial.
    assert said(payment_method="cod", meta_data=test) == ("cod", "cod_gateway", True, False)
    assert said(payment_method="cod", meta_data=reserved) == ("cod", "cod_gateway", True, False)
    assert said(payment_method="cod", meta_data=counter) == ("review", "point_of_sale", False, False)
    waits = {"status": "pending"}
    assert said(meta_data=test, **waits) == ("awaiting", "test_order", False, False)
    assert said(meta_data=reserved, **waits) == ("awaiting", "authorized", False, False)
    unknown = {"payment_method": "boh", "payment_method_title": "", "date_paid_gmt": None, "transaction_id": ""}
    assert said(meta_data=reserved, **unknown) == ("review", "unknown_method", True, False)
    assert said(status="spedito", meta_data=test) == ("review", "test_order", False, True)


def test_a_refund_in_whole_ends_it() -> None:
    gone = read(refunds=[{"id": 91, "total": "-99.79"}])
    assert (gone.live, gone.total) == (False, ZERO)
    assert [read(status=status).live for status in ("cancelled", "refunded", "failed", "trash")] == [False] * 4
