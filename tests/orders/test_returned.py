"""What comes back: taken in, inspected, settled. Who pays what, in euros; once; nothing but what the table says."""

from __future__ import annotations

import itertools
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from accounts.errors import OwnMatter
from catalog.models import Stock
from core.errors import AlreadyDone
from orders.failed import returned, who_pays
from orders.failed.errors import CaseFiguresMoved, CaseMoved, NotInspected, NotOnTheRoad, WrongPieces
from orders.failed.reckoning import Found
from orders.fulfilment import parcels
from orders.models import Case, Fault, Order, Reason, WhoPays
from shipping.models import Method, Shipment
from tests import cast
from tests.orders import stage
from tests.orders.test_dispatch import sync
from wallet.errors import InsufficientFunds
from wallet.models import Entry, Posting
from wallet.queries import balances

pytestmark = pytest.mark.django_db


def shipped(
    dropshipper: Any,
    payment: str = "cod",
    *,
    total: str = "39.90",
    until: str = "shipped",
    pieces: int = 1,
    **fields: Any,
) -> Order:
    """An order on the road: the design's example (12.00 + VAT a piece, 5.00 + VAT a way, COD 2.00 + VAT)."""
    if not Stock.objects.exists():
        stage.variant("MCI-1", pieces=20)
        stage.method()
    if not balances(dropshipper.pk).available:
        stage.money(dropshipper, "100.00")
    order = stage.order(
        dropshipper, ("MCI-1", pieces), method=Method.objects.get(), payment=payment, total=total, **fields
    )
    sync(order)
    parcels.mark_packed(order.pk, by=None)
    parcels.mark_shipped(order.pk, tracking_number=f"TRK{order.pk}", by=None)
    if until != "shipped":
        parcels.mark_delivered(order.pk, by=None)
    if until == "remitted":
        parcels.mark_remitted(order.pk, by=None)
    return Order.objects.get(pk=order.pk)


def inspected(case: Case, by: Any, *, storage: str = "0.00", **how: int) -> Case:
    """All pieces of a one-line case, found so; what is not named is restocked."""
    line = case.lines.get()
    how.setdefault("restock", line.pieces - sum(how.values()))
    return returned.inspect(case.pk, {line.pk: Found(**how)}, by=by.pk, storage_net=D(storage))


def settled(case: Case, by: Any) -> Case:
    figures = returned.preview(Case.objects.get(pk=case.pk))
    assert figures is not None
    return returned.settle(case.pk, shown=figures.mark, by=by.pk)


def back(order: Order, by: Any, reason: str = "refused", fault: str = "customer", **how: int) -> Case:
    """Taken in, inspected and settled."""
    return settled(inspected(returned.arrive(order.pk, reason=reason, fault=fault, by=by.pk), by, **how), by)


def books_of(order: Order) -> dict[str, D]:
    rows = Posting.objects.filter(entry__reference=order.reference).values_list("account__kind")
    return {kind: amount for kind, amount in rows.annotate(sum=Sum("amount")) if amount}


def test_a_refused_cod_parcel_costs_what_was_said_whatever_state_its_pieces_are_in(
    dropshipper: Any, staff: Any
) -> None:
    order = shipped(dropshipper, pieces=2)
    assert (balances(dropshipper.pk).available, balances(dropshipper.pk).held) == (D("87.80"), D("12.20"))

    case = returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk)
    assert balances(dropshipper.pk).held == D("12.20")  # nothing is moved before it was inspected
    inspected(case, staff, restock=1, scrap=1)
    case = settled(case, staff)

    order.refresh_from_db()
    assert (order.state, order.shipment.state, order.shipment.cash) == ("completed", "returned", "reversed")
    found = balances(dropshipper.pk)
    assert (found.available, found.held, found.cod_due) == (D("87.80"), D("0.00"), D("0.00"))
    assert books_of(order) == {
        "wallet": D("-12.20"),
        "shipping_income": D("10.00"),
        "vat": D("2.20"),
        "sales": D("12.00"),
        "losses": D("-12.00"),
    }
    assert case.total == D("-12.20")
    assert Stock.objects.get().on_hand == 19
    assert [*order.events.order_by("id").values_list("code", flat=True)][-4:] == [
        *("came_back", "inspected", "case_settled", "completed"),
    ]
    call_command("verify")


@pytest.mark.parametrize(
    ("how", "wallet"),
    [
        ({}, "8.54"),  # 14.64 of goods, less 6.10 of the way back
        ({"scrap": 1}, "-6.10"),
        ({"second": 1}, "1.22"),  # half of the goods
        ({"missing": 1}, "-6.10"),
    ],
)
def test_a_prepaid_parcel_is_credited_by_what_can_be_sold_again(
    dropshipper: Any, staff: Any, how: dict[str, int], wallet: str
) -> None:
    order = shipped(dropshipper, "prepaid")
    before = balances(dropshipper.pk).available
    case = back(order, staff, **how)
    assert balances(dropshipper.pk).available - before == D(wallet) == case.total
    order.refresh_from_db()
    assert (order.state, order.shipment.state) == ("completed", "returned")
    assert order.margin == D(wallet) - D("20.74")  # the sale is none: what it cost beyond what was credited
    assert Stock.objects.get().on_hand == 20 - sum(how.values())
    call_command("verify")


@pytest.mark.parametrize("payment", ["cod", "prepaid"])
def test_what_is_the_suppliers_fault_costs_the_reseller_nothing(dropshipper: Any, staff: Any, payment: str) -> None:
    order = shipped(dropshipper, payment)
    back(order, staff, "wrong_goods", "supplier", scrap=1)
    order.refresh_from_db()
    assert (balances(dropshipper.pk).available, order.margin) == (D("100.00"), D("0.00"))
    assert books_of(order) == {"sales": D("12.00"), "losses": D("-12.00")}
    call_command("verify")


def test_storage_is_charged_beside_the_guarantee(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper)
    case = inspected(returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk), staff, storage="3.00")
    assert settled(case, staff).total == D("-15.86")
    assert balances(dropshipper.pk).available == D("100.00") - D("15.86")


def test_costs_above_guarantee_and_wallet_are_refused_without_a_trace(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "prepaid")
    stage.money(dropshipper, f"-{balances(dropshipper.pk).available}")
    case = inspected(returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk), staff, scrap=1)
    entries, moves = Entry.objects.count(), Stock.objects.get().version
    with pytest.raises(InsufficientFunds) as refusal:
        settled(case, staff)
    assert refusal.value.params["missing"] == "6.10"
    case.refresh_from_db()
    assert (case.state, Entry.objects.count(), Stock.objects.get().version) == ("arrived", entries, moves)
    stage.money(dropshipper, "6.10")
    settled(case, staff)
    assert balances(dropshipper.pk).available == D("0.00")


def test_nothing_is_taken_in_or_settled_twice(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper)
    case = back(order, staff)
    entries, stock = Entry.objects.count(), Stock.objects.get().on_hand
    with pytest.raises(AlreadyDone):
        returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk)
    with pytest.raises(AlreadyDone):
        returned.settle(case.pk, shown="", by=staff.pk)
    with pytest.raises(CaseMoved):
        inspected(case, staff, scrap=1)
    assert (Case.objects.count(), Entry.objects.count(), Stock.objects.get().on_hand) == (1, entries, stock)


def test_it_is_settled_as_it_was_shown_when_every_piece_was_looked_at(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "prepaid", pieces=2)
    case = returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk)
    line = case.lines.get()
    assert returned.preview(case) is None
    with pytest.raises(NotInspected):
        returned.settle(case.pk, shown="8.54/0.00", by=staff.pk)
    with pytest.raises(NotInspected):
        returned.inspect(case.pk, {line.pk: Found(restock=1)}, by=staff.pk)
    for wrong in (Found(restock=3), Found(restock=-1, scrap=3)):
        with pytest.raises(WrongPieces):
            returned.inspect(case.pk, {line.pk: wrong}, by=staff.pk)
    inspected(case, staff)
    shown = returned.preview(Case.objects.get(pk=case.pk))
    inspected(case, staff, scrap=1)
    with pytest.raises(CaseFiguresMoved):
        returned.settle(case.pk, shown=shown.mark, by=staff.pk)
    assert not Entry.objects.filter(kind__startswith="return").exists()


def test_other_pieces_for_the_same_money_are_not_what_was_shown(dropshipper: Any, staff: Any) -> None:
    """Scrapped or never there: the loss is one, what the shelf and the claim say of it is not."""
    order = shipped(dropshipper, "prepaid", pieces=2)
    case = returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk)
    line = case.lines.get()
    marks = []
    for found in (Found(restock=1, scrap=1), Found(restock=1, missing=1)):
        returned.inspect(case.pk, {line.pk: found}, by=staff.pk)
        shown = returned.preview(Case.objects.get(pk=case.pk))
        marks.append((shown.total, shown.lost_net, shown.mark))
    assert marks[0][:2] == marks[1][:2]
    with pytest.raises(CaseFiguresMoved):
        returned.settle(case.pk, shown=marks[0][2], by=staff.pk)
    assert returned.settle(case.pk, shown=marks[1][2], by=staff.pk).state == "settled"


@pytest.mark.parametrize("until", ["delivered", "remitted"])
def test_what_was_delivered_is_not_taken_in_as_refused(dropshipper: Any, staff: Any, until: str) -> None:
    order = shipped(dropshipper, until=until)
    with pytest.raises(NotOnTheRoad):
        returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk)
    assert not Case.objects.exists()


def test_nobody_settles_a_matter_of_their_own_company(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper)
    case = inspected(returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk), staff)
    own = cast.member(dropshipper)
    with pytest.raises(OwnMatter):
        settled(case, own)


def test_without_a_guarantee_the_ways_of_a_refused_parcel_cost_nothing(
    dropshipper: Any, staff: Any, settings: Any
) -> None:
    settings.COD_GUARANTEE = False
    order = shipped(dropshipper)
    assert order.guarantee == D("0.00")
    assert back(order, staff).total == D("0.00")
    assert balances(dropshipper.pk).available == D("100.00")
    call_command("verify")


@pytest.mark.parametrize(
    ("change", "cost"),
    [({}, "12.20"), ({"way_out": "supplier"}, "6.10"), ({"handling_net": D("1.50")}, "14.03")],
)
def test_what_a_refusal_costs_is_said_before_the_click_and_is_what_it_costs(
    dropshipper: Any, staff: Any, client_for: Any, change: dict[str, Any], cost: str
) -> None:
    rule = who_pays.in_force("refused", "customer")
    if change:
        values = {name: getattr(rule, name) for name in who_pays.EDITED} | change
        who_pays.change(rule.pk, values, since=timezone.localdate(), by=staff.pk)
    sent = shipped(dropshipper)
    ready = stage.order(dropshipper, ("MCI-1", 1), method=Method.objects.get(), payment="cod")
    page = client_for(cast.member(dropshipper)).get(reverse("orders:detail", args=[ready.pk])).content.decode()
    assert f"−{cost.replace('.', ',')}" in page
    assert back(sent, staff).total == -D(cost)


def test_the_tariff_of_the_day_it_was_sent_holds_for_the_way_back(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper)
    order.shipment.method.return_net = D("50.00")
    order.shipment.method.save()
    assert back(order, staff).total == D("-12.20")


def test_the_rule_of_a_case_is_the_one_of_the_day_on_which_it_began(dropshipper: Any, staff: Any) -> None:
    order, later = shipped(dropshipper), shipped(dropshipper)
    case = returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk)
    rule = who_pays.in_force("refused", "customer")
    values = {name: getattr(rule, name) for name in who_pays.EDITED} | {"way_out": "supplier"}
    who_pays.change(rule.pk, values, since=timezone.localdate(), by=staff.pk)
    inspected(case, staff)
    assert settled(case, staff).total == D("-12.20")
    assert back(later, staff).total == D("-6.10")
    assert balances(dropshipper.pk).held == D("0.00")
    call_command("verify")


COMBINATIONS = [
    (payment, row.reason, row.fault)
    for payment, row in itertools.product(
        ("cod", "prepaid"),
        [
            WhoPays(reason=reason, fault=fault)
            for reason, fault in (
                *((Reason.REFUSED, fault) for fault in Fault.values),
                (Reason.UNKNOWN_ADDRESS, "reseller"),
                (Reason.NOT_HOME, "courier"),
                (Reason.DAMAGED, "courier"),
                (Reason.WRONG_GOODS, "supplier"),
            )
        ],
    )
]


@pytest.mark.parametrize(("payment", "reason", "fault"), COMBINATIONS)
@pytest.mark.parametrize("how", [{"restock": 3}, {"restock": 1, "scrap": 1, "second": 1}, {"scrap": 2, "missing": 1}])
def test_each_combination_leaves_nothing_open_and_charges_what_the_table_says(
    dropshipper: Any, staff: Any, payment: str, reason: str, fault: str, how: dict[str, int]
) -> None:
    order = shipped(dropshipper, payment, pieces=3, total="79.90")
    back(order, staff, reason, fault, **how)
    books = books_of(order)
    assert not books.keys() & {"held", "cod_due", "cod_in_transit"}
    assert sum(books.values(), D(0)) == 0
    whole, salvage = D("43.92"), D("14.64") * how.get("restock", 0) + D("7.32") * how.get("second", 0)
    theirs = fault in ("reseller", "customer")
    if payment == "cod":
        cost = D("12.20") if theirs else D("0.00")
    else:
        cost = whole - salvage + D("12.20") if theirs else D("0.00")
    assert -books.get("wallet", D(0)) == cost
    assert Stock.objects.get().on_hand == 17 + how.get("restock", 0)


def test_a_damage_by_the_courier_is_claimed_from_it(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "prepaid")
    claim = back(order, staff, "damaged", "courier", scrap=1).claim
    assert (claim.state, claim.amount) == ("open", D("22.00"))  # goods, out and back, net
    assert (claim.due_on - timezone.localdate()).days == 8
    assert Shipment.objects.get().state == "returned"


@pytest.mark.parametrize("payment", ["cod", "prepaid"])
@pytest.mark.parametrize(("how", "goods"), [({"scrap": 1}, "12.00"), ({"second": 1}, "6.00"), ({"restock": 1}, "0.00")])
def test_a_courier_is_asked_for_its_storage_too_and_not_for_our_handling(
    dropshipper: Any, staff: Any, payment: str, how: dict[str, int], goods: str
) -> None:
    """What a courier asked of us for a parcel that it damaged is money that nobody else gives back."""
    rule = who_pays.in_force("damaged", "courier")
    values = {name: getattr(rule, name) for name in who_pays.EDITED} | {"handling_net": D("1.50")}
    who_pays.change(rule.pk, values, since=timezone.localdate(), by=staff.pk)
    order = shipped(dropshipper, payment)
    case = returned.arrive(order.pk, reason="damaged", fault="courier", by=staff.pk)
    claim = settled(inspected(case, staff, storage="3.00", **how), staff).claim
    assert claim.amount == D(goods) + D("5.00") + D("5.00") + D("3.00")  # goods, out, back and storage, net
    assert balances(dropshipper.pk).available == D("100.00")
    call_command("verify")
