"""A newer word of a shop against the whole of an open order; and both words of a conflict."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from orders.errors import StaleEdit
from orders.intake import creation, editing, follow
from orders.models import Order
from orders.problems import Doubt
from orders.questions import conflicts, questions
from tests import cast, differing
from tests.orders.test_shop_orders_whole import TOLD_ADDRESS, kept, made
from tests.orders.whole import changed, line, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> differing.World:
    return differing.world()


@pytest.fixture
def by(world: differing.World) -> int:
    return cast.member(world.seller).pk


def dated(**fields: Any) -> dict[str, Any]:
    return {"updated_at": True, **fields}


def test_a_word_that_says_the_same_changes_nothing(world: differing.World) -> None:
    order, data = made(world)
    assert changed(order, lambda: follow.refresh(order.pk, data)) == (False, dated())


def test_each_section_that_changed_is_taken(world: differing.World) -> None:
    order, data = made(world)
    newer = replace(
        data,
        address=replace(data.address, phone="+393330000003"),
        lines=[replace(data.lines[0], quantity=3)],
        payment="prepaid",
        payment_reason="paid",
        payment_detail="Carta",
        to_collect=None,
        currency="USD",
        sale_total=D("91.07"),
        source_number="1001-B" + "x" * 60,
        fiscal={"sdi_code": "M5UXCR1"},
        details=[("Data", "13/4")],
        doubts=[Doubt("archived")],
    )
    told = {
        "address": [*TOLD_ADDRESS[:8], "+393330000003", *TOLD_ADDRESS[9:]],
        "lines": [["DIV-A", "p/1", "Targa", 3, "24.18", [["Incisione", "Ada"]]]],
        "payment": ["prepaid", "paid", "Carta", "None"],
        "total": ["USD", "91.07"],
    }
    given, diff = changed(order, lambda: follow.refresh(order.pk, newer))
    assert (given, diff) == (
        True,
        dated(
            phone="+393330000003",
            lines=[{**kept(world, "a")[0], "quantity": 3, "shop_quantity": 3}],
            payment="prepaid",
            payment_reason="paid",
            payment_detail="Carta",
            to_collect=None,
            currency="USD",
            sale_total=D("91.07"),
            source_number=("1001-B" + "x" * 60)[:60],
            fiscal={"sdi_code": "M5UXCR1"},
            details=[["Data", "13/4"]],
            version=2,
            shop_data=told,
            problems=[("archived", "", {}, True)],
            events=[("refreshed", {"sections": ["address", "lines", "payment", "total"]}, None)],
        ),
    )
    # And from prepaid to COD: what the shop says of it now.
    cod = replace(newer, payment="cod", payment_reason="c" * 50, payment_detail="d" * 130, currency="EUR")
    given, diff = changed(order, lambda: follow.refresh(order.pk, cod))
    assert (diff["payment"], diff["to_collect"]) == ("cod", D("91.07"))
    assert (diff["payment_reason"], diff["payment_detail"]) == ("c" * 40, "d" * 120)
    assert diff["events"] == [("refreshed", {"sections": ["payment", "total"]}, None)]
    Order.objects.filter(pk=order.pk).update(forgotten_at=timezone.now())
    assert changed(order, lambda: follow.refresh(order.pk, data)) == (False, {})
    assert changed(order, lambda: follow.revive(order.pk, data)) == (None, {})


def test_what_a_person_decided_stays_and_what_both_changed_is_asked(world: differing.World, by: int) -> None:
    order, data = made(world)
    fields = {"street": "Via Po 3", "phone": "+393330000003", "to_collect": D("50.01")}
    Order.objects.filter(pk=order.pk).update(payment_reason="by_hand", **fields)
    editing.edit(
        order.pk,
        replace(data, address=Order.objects.get(pk=order.pk).address, lines=data.lines[:1], to_collect=D("50.01")),
        version=1,
        by=by,
    )
    newer = replace(
        data,
        address=replace(data.address, street="Via Dora 5", phone="+393330000005", name="Ugo Neri"),
        note="Altro",
        lines=[replace(data.lines[0], quantity=9)],
        to_collect=D("79.99"),
        payment_detail="Altro nome",
    )
    rows = [
        ("conflict", "lines", {"field": "lines", "mine": "2 × DIV-A", "theirs": "9 × DIV-A"}, True),
        ("conflict", "phone", {"field": "phone", "mine": "+393330000003", "theirs": "+393330000005"}, True),
        ("conflict", "street", {"field": "street", "mine": "Via Po 3", "theirs": "Via Dora 5"}, True),
        ("conflict", "to_collect", {"field": "to_collect", "mine": "50.01", "theirs": "79.99"}, True),
    ]
    given, diff = changed(order, lambda: follow.refresh(order.pk, newer))
    assert given is True
    told = diff.pop("shop_data")
    assert (told["mine"], told["payment"][3], told["lines"][0][3]) == (["lines"], "79.99", 9)
    assert (
        diff
        == dated(
            state="received",
            name="Ugo Neri",
            note="Altro",
            payment_detail="Altro nome",
            version=3,
            answered=[],
            problems=rows,
            events=[("refreshed", {"sections": ["address", "lines", "payment"]}, None), ("to_fix", {}, None)],
        )
        or diff["problems"] == rows
    )
    # The same again asks nothing more; what the shop says as it stands here is asked no more.
    given, diff = changed(order, lambda: follow.refresh(order.pk, newer))
    assert (given, diff) == (False, dated())
    same = replace(newer, address=replace(newer.address, phone="+393330000003"), to_collect=D("50.01"))
    _given, diff = changed(order, lambda: follow.refresh(order.pk, same))
    assert [row[1] for row in diff["problems"]] == ["lines", "street"]
    # A new total alone, where the amount is a person's and the shop's word of it is as before: nothing to choose.
    _given, diff = changed(order, lambda: follow.refresh(order.pk, replace(same, sale_total=D("95.05"))))
    assert diff == dated(
        sale_total=D("95.05"),
        version=5,
        shop_data=diff["shop_data"],
        events=[("refreshed", {"sections": ["total"]}, None)],
    )


TAKEN = [
    ("street", "Via Dora 5", "Via Po 3", "Via Dora 5"),
    ("phone", "+393330000005", "+393330000003", "+393330000005"),
    ("to_collect", D("79.99"), "50.01", "79.99"),
]


@pytest.mark.parametrize(("field", "value", "mine", "theirs"), TAKEN)
@pytest.mark.parametrize("side", ["mine", "theirs"])
def test_either_word_of_a_conflict_is_taken(
    field: str, value: Any, mine: str, theirs: str, side: str, world: differing.World, by: int
) -> None:
    order, data = made(world, lines=whole_lines(world), doubts=[Doubt("archived")])
    Order.objects.filter(pk=order.pk).update(street="Via Po 3", phone="+393330000003", to_collect=D("50.01"))
    newer = replace(
        data, address=replace(data.address, street="Via Dora 5", phone="+393330000005"), to_collect=D("79.99")
    )
    follow.refresh(order.pk, newer)
    left = [row for row in read(order.pk)["problems"] if row[1] != field]
    row = order.problems.get(code="conflict", subject=field)
    with pytest.raises(StaleEdit):
        conflicts.take(order.pk, field, side, by=by, seen="another")
    given, diff = changed(order, lambda: conflicts.take(order.pk, field, side, by=by, seen=questions.mark(row)))
    event = ("conflict_kept", {"field": field}, by)
    if side == "theirs":
        event = ("conflict_taken", {"field": field, "changes": [[field, mine, theirs]]}, by)
    taken = {field: value} if side == "theirs" else {}
    assert (given, diff) == (True, dated(version=3, problems=left, events=[event], **taken))
    assert changed(order, lambda: conflicts.take(order.pk, field, side, by=by)) == (False, {})
    for wrong in [("street2", "mine"), ("nonsense", "mine"), ("street", "both"), ("lines", "theirs")]:
        assert changed(order, lambda wrong=wrong: conflicts.take(order.pk, *wrong, by=by)) == (False, {})  # type: ignore[misc]


def whole_lines(world: differing.World) -> list[creation.LineData]:
    return [creation.LineData("DIV-A", "Targa", 2, None, "p/1", D("24.18"), shop_line="l1")]


def test_the_shops_articles_are_taken_or_kept(world: differing.World, by: int) -> None:
    order, data = made(world, lines=whole_lines(world))
    editing.edit(order.pk, replace(data, lines=[replace(data.lines[0], quantity=1)]), version=1, by=by)
    newer = replace(
        data, lines=[replace(data.lines[0], quantity=9), creation.LineData("DIV-B", "Vaso", 4, shop_line="l2")]
    )
    follow.refresh(order.pk, newer)
    row = order.problems.get(code="conflict", subject="lines")
    theirs = "9 × DIV-A, 4 × DIV-B"
    assert row.params == {"field": "lines", "mine": "1 × DIV-A", "theirs": theirs}
    # An edit shows what stands now; what is the same on both sides is asked no more.
    version = Order.objects.get(pk=order.pk).version
    editing.edit(order.pk, replace(data, lines=[replace(data.lines[0], quantity=3)]), version=version, by=by)
    row.refresh_from_db()
    assert row.params == {"field": "lines", "mine": "3 × DIV-A", "theirs": theirs}
    with pytest.raises(StaleEdit):
        conflicts.take_lines(order.pk, newer.lines, by=by, seen="x")
    given, diff = changed(order, lambda: conflicts.take_lines(order.pk, newer.lines, by=by, seen=questions.mark(row)))
    told = read(order.pk)["shop_data"]
    assert "mine" not in told
    first = {**kept(world, "a")[0], "attributes": [], "bundle": "", "quantity": 9, "shop_quantity": 9}
    second = line(
        sku="DIV-B", name="Vaso", quantity=4, variant=world.articles["DIV-B"].pk, shop_line="l2", shop_quantity=4
    )
    changes = [["lines", "3 × DIV-A", theirs]]
    assert (given, diff) == (
        True,
        dated(
            version=version + 2,
            state="ready",
            lines=[first, second],
            problems=[],
            shop_data=told,
            events=[("conflict_taken", {"field": "lines", "changes": changes}, by), ("ready", {}, by)],
        ),
    )
    assert changed(order, lambda: conflicts.take_lines(order.pk, newer.lines, by=by)) == (False, {})

    follow.refresh(order.pk, replace(newer, address=replace(data.address, phone="+393330000003")))
    Order.objects.filter(pk=order.pk).update(phone="+393330000009")
    follow.refresh(order.pk, replace(newer, address=replace(data.address, phone="+393330000005")))
    assert [row[1] for row in read(order.pk)["problems"]] == ["phone"]
    now = Order.objects.get(pk=order.pk)
    mended = replace(newer, address=replace(now.address, phone="+393330000005"))
    editing.edit(order.pk, mended, version=now.version, by=by)
    assert read(order.pk)["problems"] == []
