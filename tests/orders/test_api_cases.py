"""A program opens a return and follows it: by the same rules and words as the reseller's page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from orders.failed import cases as acts
from orders.models import Case, Order
from shipping.models import Shipment
from tests import cast
from tests.orders import stage
from tests.orders.test_returned import back, inspected, settled, shipped
from tests.programs import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(dropshipper: Any) -> Order:
    return shipped(dropshipper, "prepaid", until="delivered", pieces=3, total="119.70")


def body(order: Order, pieces: int = 1, **more: Any) -> dict[str, Any]:
    return {"reason": "damaged", "lines": [{"line_id": str(order.lines.get().pk), "pieces": pieces}]} | more


def test_a_case_from_the_request_to_the_credit(dropshipper: Any, staff: Any, order: Order) -> None:
    program = Program(dropshipper)
    made = program.post(f"orders/{order.pk}/cases", body(order, 2, note="Due rotti nella scatola"))
    assert made.status_code == 201, made.content
    case = Case.objects.get()
    said = made.json()
    assert made["Location"] == f"/api/v1/cases/{case.pk}"
    assert (said["id"], said["number"], said["order_id"]) == (str(case.pk), case.number, str(order.pk))
    assert (said["kind"], said["state"], said["reason"], said["note"]) == (
        "customer",
        "asked",
        "damaged",
        "Due rotti nella scatola",
    )
    assert [(one["sku"], one["pieces"]) for one in said["lines"]] == [("MCI-1", 2)]
    assert (said["total"], said["settled_at"]) == (None, None)

    acts.approve(case.pk, fault="supplier", answer="Rimandali", by=staff.pk)
    acts.receive(case.pk, by=staff.pk)
    settled(inspected(Case.objects.get(), staff, scrap=2), staff)
    now = program.get(f"cases/{case.pk}").json()
    case.refresh_from_db()
    assert (now["state"], now["fault"], now["answer"]) == ("settled", "supplier", "Rimandali")
    assert (now["lines"][0]["scrap"], now["lines"][0]["credit_net"]) == (2, "24.00")
    assert (
        D(now["total"])
        == case.total
        == sum(
            D(now[name]) for name in ("goods_net", "way_out_net", "way_back_net", "storage_net", "handling_net", "vat")
        )
    )
    assert case.total == D("33.34")  # two pieces at 12.00 and two thirds of the way out, with 22 % VAT


def test_the_same_request_twice_is_one_case(dropshipper: Any, order: Order) -> None:
    program = Program(dropshipper)
    first = program.post(f"orders/{order.pk}/cases", body(order), key="reso-1")
    again = program.post(f"orders/{order.pk}/cases", body(order), key="reso-1")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert Case.objects.count() == 1
    other = program.post(f"orders/{order.pk}/cases", body(order, 2), key="reso-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    more = program.post(f"orders/{order.pk}/cases", body(order, 3))
    assert (more.status_code, more.json()["code"]) == (422, "too_many_pieces")
    assert Case.objects.count() == 1


def test_what_cannot_be_asked_for_is_said(dropshipper: Any, order: Order) -> None:
    program = Program(dropshipper)
    line = str(order.lines.get().pk)
    for wrong, pointer, code in (
        (body(order, reason="boh"), "/reason", "invalid_choice"),
        (body(order) | {"lines": [{"line_id": "0", "pieces": 1}]}, "/lines/0/line_id", "unknown_line"),
        (body(order) | {"lines": [{"line_id": line, "pieces": 1}] * 2}, "/lines/1/line_id", "line_twice"),
        (body(order, 0), "/lines/0/pieces", "min_value"),
    ):
        answer = program.post(f"orders/{order.pk}/cases", wrong)
        assert answer.status_code == 422, answer.content
        assert (pointer, code) in [(one["pointer"], one["code"]) for one in answer.json()["errors"]]
    Shipment.objects.update(delivered_at=timezone.now() - dt.timedelta(days=4000))
    late = program.post(f"orders/{order.pk}/cases", body(order))
    assert (late.status_code, late.json()["code"]) == (422, "window_over")
    assert not Case.objects.exists()


def test_another_companys_order_case_and_line_are_not_there(
    dropshipper: Any, other_dropshipper: Any, staff: Any, order: Order
) -> None:
    cast.member(other_dropshipper)
    stage.money(other_dropshipper, "100.00")
    theirs = shipped(other_dropshipper, "prepaid", until="delivered")
    mine, stranger = Program(dropshipper), Program(other_dropshipper)
    made = mine.post(f"orders/{order.pk}/cases", body(order)).json()
    assert stranger.get(f"cases/{made['id']}").status_code == 404
    assert stranger.post(f"orders/{order.pk}/cases", body(order)).status_code == 404
    foreign = mine.post(f"orders/{order.pk}/cases", body(theirs))
    assert foreign.json()["errors"][0]["code"] == "unknown_line"
    assert stranger.get("cases").json()["data"] == []
    assert stranger.get(f"cases?order={order.pk}").json()["data"] == []


def test_cases_are_found_by_state_and_order(dropshipper: Any, staff: Any, order: Order) -> None:
    program = Program(dropshipper)
    program.post(f"orders/{order.pk}/cases", body(order))
    back(shipped(dropshipper), staff)
    found = {state: program.get(f"cases?state={state}").json()["data"] for state in ("asked", "settled", "refused")}
    assert {state: [one["kind"] for one in rows] for state, rows in found.items()} == {
        "asked": ["customer"],
        "settled": ["back"],
        "refused": [],
    }
    assert [one["order_id"] for one in program.get(f"cases?order={order.pk}").json()["data"]] == [str(order.pk)]
    assert program.get("cases?order=x").status_code == 400
    assert program.get("cases?state=boh").status_code == 400


def test_a_list_of_cases_asks_the_same_few_statements_however_long_it_is(
    dropshipper: Any, staff: Any, django_assert_max_num_queries: Any
) -> None:
    program = Program(dropshipper)
    for _ in range(3):
        back(shipped(dropshipper), staff)
    with django_assert_max_num_queries(12):
        assert len(program.get("cases").json()["data"]) == 3
