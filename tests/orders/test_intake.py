"""How orders come in and change before Sincronizza."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.address import Address
from orders.errors import NotEditable, StaleEdit
from orders.intake import creation, editing, follow, matching
from orders.models import Order
from orders.problems import Doubt
from tests.orders import stage

pytestmark = pytest.mark.django_db


def codes(order: Order) -> set[str]:
    return set(order.problems.filter(blocking=True).values_list("code", flat=True))


def from_shop(dropshipper: Any, *lines: tuple[str, int], **fields: Any) -> tuple[Order, creation.OrderData]:
    data = stage.data(
        *lines,
        **{"source": "woocommerce", "source_label": "Casa Bella", "source_number": "1001", **fields},
    )
    return creation.create(data, dropshipper_id=dropshipper.pk), data


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"payment": "awaiting"}, "payment_awaiting"),
        ({"payment": "review"}, "payment_review"),
        ({"payment": "cod", "total": None}, "cod_amount"),
        ({"payment": "cod", "total": "0.00"}, "cod_amount"),
        ({"payment": "cod", "total": "5000.00"}, "cod_over_law"),
        ({"payment": "cod", "currency": "CHF"}, "cod_currency"),
        ({"address": replace(stage.ADDRESS, street="")}, "address_incomplete"),
        ({"doubts": [Doubt("bad_quantity", "MCI-1", {"value": "-1"})]}, "bad_quantity"),
    ],
)
def test_what_is_wrong_is_a_problem_and_the_order_waits(dropshipper: Any, fields: Any, code: str) -> None:
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1), **fields)
    assert codes(order) == {code}
    assert order.state == Order.State.RECEIVED


def test_an_unknown_sku_is_kept_and_freed_by_a_match(dropshipper: Any) -> None:
    order, _data = from_shop(dropshipper, ("THEIRS-1", 2))
    assert codes(order) == {"unknown_sku"}
    ours = stage.variant("MCI-1")

    freed = editing.match([order.pk], sku="theirs-1", variant_id=ours.pk, quantity=3, by=None)

    order.refresh_from_db()
    line = order.lines.get()
    assert (freed, order.state, line.variant_id, line.quantity, line.sku) == (1, "ready", ours.pk, 6, "THEIRS-1")


def test_a_repeat_of_the_shop_does_not_undo_what_a_person_mended(dropshipper: Any) -> None:
    stage.variant("MCI-1")
    bad: Address = replace(stage.ADDRESS, street="")
    order, data = from_shop(dropshipper, ("MCI-1", 1), address=bad)
    mended = replace(data, address=stage.ADDRESS)
    editing.edit(order.pk, mended, version=order.version, by=None)
    editing.decide_payment(order.pk, "cod", by=None)

    assert follow.refresh(order.pk, data) is False

    order.refresh_from_db()
    assert (order.street, order.payment, order.to_collect) == ("Via Garibaldi 12", "cod", Decimal("39.90"))
    assert order.state == Order.State.READY


def test_what_the_shop_really_changed_is_taken(dropshipper: Any) -> None:
    stage.variant("MCI-1")
    stage.variant("MCI-2")
    order, data = from_shop(dropshipper, ("MCI-1", 1))
    newer = replace(
        data,
        lines=[creation.LineData("MCI-2", "Due", 4)],
        sale_total=Decimal("80.00"),
        address=replace(stage.ADDRESS, city="Moncalieri"),
    )

    assert follow.refresh(order.pk, newer) is True

    order.refresh_from_db()
    assert (order.city, order.sale_total) == ("Moncalieri", Decimal("80.00"))
    assert list(order.lines.values_list("sku", "quantity")) == [("MCI-2", 4)]


def test_a_dispatched_order_never_changes_by_the_shop_but_raises_an_alert(dropshipper: Any) -> None:
    import uuid

    from orders.dispatch import runs

    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    order, data = from_shop(dropshipper, ("MCI-1", 1))
    editing.choose_method([order.pk], method.pk, dropshipper_id=dropshipper.pk, by=None)
    runs.dispatch_now(order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
    order.refresh_from_db()
    before = (order.street, order.sale_total, order.cost, list(order.lines.values()))

    follow.refresh(order.pk, replace(data, address=replace(stage.ADDRESS, street="Altrove 1"), sale_total=Decimal(1)))
    follow.withdraw(order.pk)
    follow.withdraw(order.pk)

    order.refresh_from_db()
    assert (order.street, order.sale_total, order.cost, list(order.lines.values())) == before
    assert order.state == Order.State.DISPATCHED
    assert set(order.problems.values_list("code", flat=True)) == {"changed_in_shop", "cancelled_in_shop"}
    assert order.events.filter(code="cancelled_in_shop").count() == 1
    with pytest.raises(NotEditable):
        editing.edit(order.pk, data, version=order.version, by=None)
    with pytest.raises(NotEditable):
        editing.decide_payment(order.pk, "cod", by=None)


def test_withdrawn_in_the_shop_then_restored(dropshipper: Any) -> None:
    stage.variant("MCI-1")
    order, data = from_shop(dropshipper, ("MCI-1", 1))
    follow.withdraw(order.pk)
    order.refresh_from_db()
    assert order.state == Order.State.CANCELLED

    follow.revive(order.pk, data)

    order.refresh_from_db()
    assert order.state == Order.State.READY


def test_a_stale_form_is_told_so_and_changes_nothing(dropshipper: Any) -> None:
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1))
    editing.edit(order.pk, stage.data(("MCI-1", 2)), version=1, by=None)
    with pytest.raises(StaleEdit):
        editing.edit(order.pk, stage.data(("MCI-1", 9)), version=1, by=None)
    assert order.lines.get().quantity == 2


def test_cod_with_goods_that_are_not_ours_waits_until_the_amount_is_set(dropshipper: Any) -> None:
    stage.variant("MCI-1")
    order, data = from_shop(dropshipper, ("MCI-1", 1), ("OWN-77", 1), payment="cod")
    editing.match([order.pk], sku="OWN-77", variant_id=None, ignored=True, by=None)
    order.refresh_from_db()
    assert codes(order) == {"cod_mixed"}

    lines = [data.lines[0], replace(data.lines[1], ignored=True)]
    editing.edit(order.pk, replace(data, lines=lines, to_collect=Decimal("25.00")), version=order.version, by=None)

    order.refresh_from_db()
    assert (order.state, order.to_collect) == ("ready", Decimal("25.00"))


def test_a_draft_waits_and_a_duplicate_is_a_draft_of_its_own(dropshipper: Any, owner: Any) -> None:
    stage.variant("MCI-1")
    draft = creation.create(stage.data(("MCI-1", 1)), dropshipper_id=dropshipper.pk, draft=True)
    assert draft.state == Order.State.DRAFT
    sent = editing.submit(draft.pk, by=owner.pk)
    assert sent.state == Order.State.READY

    copy = editing.duplicate(sent.pk, by=owner.pk)

    assert (copy.state, copy.pk != sent.pk, copy.lines.get().sku) == (Order.State.DRAFT, True, "MCI-1")
    assert (copy.name, copy.sale_total) == (sent.name, sent.sale_total)


def test_choosing_shipping_leaves_strangers_and_sent_orders_alone(dropshipper: Any, other_dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    mine, theirs = stage.order(dropshipper, ("MCI-1", 1)), stage.order(other_dropshipper, ("MCI-1", 1))
    changed = editing.choose_method([mine.pk, theirs.pk], method.pk, dropshipper_id=dropshipper.pk, by=None)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (changed, mine.method_id, theirs.method_id) == (1, method.pk, None)


def test_a_copy_of_an_order_in_another_currency_makes_no_euros_of_its_amounts(dropshipper: Any, owner: Any) -> None:
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1), payment="cod", currency="USD", total="100.00", source="shopify")

    copy = editing.duplicate(order.pk, by=owner.pk)

    assert (copy.currency, copy.sale_total, copy.to_collect) == ("EUR", None, None)
    assert editing.submit(copy.pk, by=owner.pk).state == Order.State.RECEIVED
    assert codes(copy) == {"cod_amount"}


def test_what_a_person_set_to_collect_stays_until_the_shop_says_another_amount(dropshipper: Any, owner: Any) -> None:
    stage.variant("MCI-1")
    cod = {"payment": "cod", "payment_reason": "cod_gateway", "payment_detail": "Contrassegno", "total": "50.00"}
    order, data = from_shop(dropshipper, ("MCI-1", 1), **cod)
    editing.edit(order.pk, replace(data, to_collect=Decimal("30.00")), version=order.version, by=owner.pk)

    # The shop only calls its payment method by another name.
    assert follow.refresh(order.pk, replace(data, payment_detail="Pagamento alla consegna"))
    order.refresh_from_db()
    assert (order.payment_detail, order.to_collect) == ("Pagamento alla consegna", Decimal("30.00"))
    # A person confirms that it is COD: nothing about the amount.
    assert editing.decide_payment(order.pk, "cod", by=owner.pk).to_collect == Decimal("30.00")

    # Both set it: neither is taken behind the other's back.
    assert follow.refresh(order.pk, replace(data, sale_total=Decimal("60.00")))
    order.refresh_from_db()
    assert (order.to_collect, order.state) == (Decimal("30.00"), "received")
    asked = order.problems.get(code="conflict")
    assert asked.params == {"field": "to_collect", "mine": "30.00", "theirs": "60.00"}


def test_a_problem_says_the_figures_of_now(dropshipper: Any) -> None:
    stage.variant("MCI-1")
    order, data = from_shop(
        dropshipper, ("MCI-1", 1), doubts=[Doubt("partly_refunded", params={"amount": "5.00"})], total="40.00"
    )
    later = [Doubt("partly_refunded", params={"amount": "10.00"})]
    follow.refresh(order.pk, replace(data, sale_total=Decimal("30.00"), doubts=later))
    assert order.problems.get().params == {"amount": "10.00"}


@pytest.mark.parametrize("way", ["arrives", "match", "tie"])
def test_more_pieces_than_a_line_holds_are_never_cut_and_sent(dropshipper: Any, way: str) -> None:
    ours = stage.variant("MCI-1", pieces=20_000)
    boxes = creation.LineData("BOX", "Box of 12", 2000)
    known = replace(boxes, variant_id=ours.pk, pieces=12)
    _none, data = from_shop(dropshipper)
    order = creation.create(replace(data, lines=[known if way == "arrives" else boxes]), dropshipper_id=dropshipper.pk)
    if way == "match":
        editing.match([order.pk], sku="BOX", variant_id=ours.pk, quantity=12, by=None)
    if way == "tie":
        matching.tie([order.pk], {"sku:BOX": matching.Tie(ours.pk, 12)}, by=None)
    order.refresh_from_db()
    assert (order.state, order.lines.get().quantity) == (Order.State.RECEIVED, 2000)


def test_shipping_that_was_chosen_elsewhere_stands_on_the_timeline_and_makes_a_form_stale(
    dropshipper: Any, owner: Any
) -> None:
    method, other = stage.method(), stage.method("altro")
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)

    for _twice in range(2):
        editing.choose_method([order.pk], other.pk, dropshipper_id=dropshipper.pk, by=owner.pk)

    event = order.events.get(code="method_chosen")
    assert (event.by, event.params) == (owner, {"method": str(other)})
    with pytest.raises(StaleEdit):
        editing.edit(order.pk, stage.data(("MCI-1", 1)), version=order.version, by=owner.pk, method_id=method.pk)


def test_a_repeat_that_changes_nothing_does_not_make_an_open_form_stale(dropshipper: Any) -> None:
    stage.variant("MCI-1")
    order, data = from_shop(dropshipper, ("MCI-1", 1))
    assert not follow.refresh(order.pk, data)
    editing.edit(order.pk, data, version=order.version, by=None)


@pytest.mark.parametrize("province", ["Palerma", "XX", "P"])
def test_a_province_that_no_tariff_knows_is_not_priced_as_the_mainland(dropshipper: Any, province: str) -> None:
    stage.variant("MCI-1")
    sicily = replace(stage.ADDRESS, postcode="90133", city="Palermo")
    order = stage.order(dropshipper, ("MCI-1", 1), address=replace(sicily, province=province))
    assert (order.state, codes(order)) == (Order.State.RECEIVED, {"province_unknown"})
    assert stage.order(dropshipper, ("MCI-1", 1), address=replace(sicily, province="pa")).state == Order.State.READY
    abroad = replace(stage.ADDRESS, country="FR", province=province)
    assert stage.order(dropshipper, ("MCI-1", 1), address=abroad).state == Order.State.READY
