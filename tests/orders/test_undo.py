"""What the desk did by mistake is taken back: stock, books, states, with the reason; and a second tab is told."""

from __future__ import annotations

import datetime as dt
import re
import time
from decimal import Decimal as D
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from accounts.errors import OwnMatter
from accounts.models import Member
from catalog.models import Stock
from core.errors import AlreadyDone, ReasonMissing
from orders.errors import CashPaidOver, LongGone, NothingToTakeBack, SameTracking
from orders.fulfilment import parcels, undo
from orders.models import Order
from shipping.errors import BadTransition, TrackingTaken, TrackingUnusual
from shipping.models import Courier, Method, Shipment
from tests import cast
from tests.orders import stage
from tests.orders.test_dispatch import sync
from tests.orders.test_races import together
from wallet.errors import AlreadySpent
from wallet.models import Proposal
from wallet.queries import balances

pytestmark = pytest.mark.django_db


def sent(dropshipper: Any, payment: str = "cod", until: str = "delivered", **fields: Any) -> Order:
    """An order as far as its parcel got: packed, shipped, delivered or remitted."""
    if not Stock.objects.exists():
        stage.variant("MCI-1", pieces=10)
    method = Method.objects.first() or stage.method()
    if not balances(dropshipper.pk).available:
        stage.money(dropshipper, "100.00")
    order = stage.order(dropshipper, ("MCI-1", 2), method=method, payment=payment, total="89.90", **fields)
    sync(order)
    parcels.mark_packed(order.pk, by=None)
    if until != "packed":
        parcels.mark_shipped(order.pk, tracking_number=f"TRK{order.pk}", by=None)
    if until in ("delivered", "remitted"):
        parcels.mark_delivered(order.pk, by=None)
    if until == "remitted":
        parcels.mark_remitted(order.pk, by=None)
    return Order.objects.get(pk=order.pk)


def stands(order: Order) -> tuple[str, str, str]:
    order.refresh_from_db()
    return order.state, order.shipment.state, order.shipment.cash


@pytest.mark.parametrize(("payment", "cash"), [("cod", "booked"), ("prepaid", "")])
def test_delivered_by_mistake_is_on_its_way_again(
    dropshipper: Any, staff: Any, client_for: Any, payment: str, cash: str
) -> None:
    order, client = sent(dropshipper, payment), client_for(staff)
    money = balances(dropshipper.pk)
    page = client.get(reverse("orders:desk_order", args=[order.pk])).content.decode()
    assert 'value="undelivered"' in page

    back = reverse("orders:take_back", args=[order.pk])
    client.post(back, {"step": "undelivered", "reason": " "})
    assert stands(order)[1] == "delivered"
    client.post(back, {"step": "undelivered", "reason": "Vicino di casa"})

    assert stands(order) == ("dispatched", "shipped", cash)
    assert (order.shipment.delivered_at, order.shipment.corrected_at is not None) == (None, True)
    assert balances(dropshipper.pk) == money
    event = order.events.get(code="undelivered")
    assert (event.by, event.params["text"]) == (staff, "Vicino di casa")
    owner = client_for(cast.member(dropshipper))
    assert "Vicino di casa" in owner.get(reverse("orders:detail", args=[order.pk])).content.decode()
    again = client.post(back, {"step": "undelivered", "reason": "x"}, follow=True).content.decode()
    assert 'data-level="warning"' in again
    assert stands(order) == ("dispatched", "shipped", cash)
    parcels.mark_delivered(order.pk, by=None)
    call_command("verify")


def test_it_goes_back_to_where_it_was_before(dropshipper: Any, staff: Any) -> None:
    from shipping.parcels import tracking

    order = sent(dropshipper, until="shipped")
    tracking.move(Shipment.objects.get(order=order), "held", by=None)
    parcels.mark_delivered(order.pk, by=None)
    undo.take_back(order.pk, "undelivered", reason="x", by=staff.pk)
    assert stands(order)[1] == "held"


def test_what_is_paid_over_is_not_undelivered_before_its_cash(dropshipper: Any, staff: Any) -> None:
    order = sent(dropshipper, until="remitted")
    with pytest.raises(CashPaidOver):
        undo.take_back(order.pk, "undelivered", reason="x", by=staff.pk)
    undo.take_back_cash(order.pk, reason="x", by=staff.pk)
    undo.take_back(order.pk, "undelivered", reason="x", by=staff.pk)
    assert stands(order) == ("dispatched", "shipped", "booked")
    call_command("verify")


def test_remitted_by_mistake_leaves_the_wallet_and_comes_again(dropshipper: Any, staff: Any, client_for: Any) -> None:
    order, client = sent(dropshipper), client_for(staff)
    before, page = balances(dropshipper.pk), reverse("orders:desk_order", args=[order.pk])
    for _time in range(2):
        client.post(reverse("orders:remit", args=[order.pk]))
        assert stands(order) == ("completed", "delivered", "remitted")
        assert "data-cash-back" in client.get(page).content.decode()
        client.post(reverse("orders:cash_back", args=[order.pk]), {"reason": "Altra distinta"})
        assert stands(order) == ("dispatched", "delivered", "collected")
        assert balances(dropshipper.pk) == before
        call_command("verify")
    again = client.post(reverse("orders:cash_back", args=[order.pk]), {"reason": "x"}, follow=True).content.decode()
    assert 'data-level="warning"' in again
    with pytest.raises(ReasonMissing):
        undo.take_back_cash(order.pk, reason="", by=staff.pk)
    owner = client_for(cast.member(dropshipper))
    assert "Altra distinta" in owner.get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert "Altra distinta" in owner.get("/wallet/").content.decode()


def test_a_margin_that_was_spent_is_refused_with_the_gap(dropshipper: Any, staff: Any) -> None:
    order = sent(dropshipper, until="remitted")
    stage.money(dropshipper, str(-balances(dropshipper.pk).available))
    with pytest.raises(AlreadySpent):
        undo.take_back_cash(order.pk, reason="x", by=staff.pk)
    assert stands(order) == ("completed", "delivered", "remitted")
    call_command("verify")


def test_much_cash_goes_back_by_two_people_and_by_nobody_of_the_company(
    dropshipper: Any, client_for: Any, settings: Any
) -> None:
    order, first, other = sent(dropshipper, until="remitted"), cast.staff(), cast.staff()
    paid, settings.SECOND_PERSON_ABOVE = balances(dropshipper.pk), D("5.00")
    back = reverse("orders:cash_back", args=[order.pk])
    client_for(first).post(back, {"reason": "Due volte"})
    assert (stands(order)[2], balances(dropshipper.pk)) == ("remitted", paid)
    waiting = Proposal.objects.get()
    page = client_for(other).get(reverse("orders:desk_order", args=[order.pk])).content.decode()
    assert f'data-proposal="{waiting.pk}"' in page
    assert "data-cash-back" not in page
    assert order.number[4:].lstrip("0") in client_for(other).get("/wallet/desk/adjustments/").content.decode()
    client_for(first).post(back, {"decision": "confirm"})
    assert stands(order)[2] == "remitted"
    client_for(other).post(f"/wallet/desk/second/{waiting.pk}/", {"decision": "confirm"})  # not that page's
    assert stands(order)[2] == "remitted"
    client_for(other).post(back, {"decision": "refuse"})
    client_for(other).post(back, {"decision": "confirm"})
    assert stands(order)[2] == "remitted"
    client_for(first).post(back, {"reason": "Due volte"})
    client_for(other).post(back, {"decision": "confirm"})
    assert stands(order)[2] == "collected"
    assert Proposal.objects.get(state="confirmed").entry.kind == "reversal"
    call_command("verify")
    inside = cast.staff()
    Member.objects.create(user=inside, dropshipper=dropshipper, role="accounting")
    parcels.mark_remitted(order.pk, by=None)
    with pytest.raises(OwnMatter):
        undo.take_back_cash(order.pk, reason="x", by=inside.pk)


def test_what_did_not_leave_is_in_stock_and_held_again(dropshipper: Any, staff: Any) -> None:
    order = sent(dropshipper, until="shipped")
    number = order.shipment.tracking
    undo.take_back(order.pk, "unshipped", reason="x", by=staff.pk)
    assert stands(order) == ("dispatched", "packed", "booked")
    assert (order.shipment.tracking, order.shipment.holds) == ("", None)
    assert (Stock.objects.get().on_hand, Stock.objects.get().reserved) == (10, 2)
    call_command("verify")
    other = sent(dropshipper, until="packed")  # its number is free
    parcels.mark_shipped(other.pk, tracking_number=number, by=staff.pk, at_the_desk=True)
    parcels.mark_shipped(order.pk, tracking_number="TRK-2", by=staff.pk, at_the_desk=True)
    assert (Stock.objects.get().on_hand, Stock.objects.get().reserved) == (6, 0)
    undo.take_back(order.pk, "unshipped", reason="x", by=staff.pk)
    parcels.cancel(order.pk, by=staff.pk, staff=True)
    assert (Stock.objects.get().on_hand, Stock.objects.get().reserved) == (8, 0)
    call_command("verify")


def test_what_is_long_gone_or_under_way_does_not_come_back_by_a_click(dropshipper: Any, staff: Any) -> None:
    from shipping.parcels import tracking

    order = sent(dropshipper, until="shipped")
    shipped_at = order.shipment.shipped_at
    Shipment.objects.update(shipped_at=shipped_at - dt.timedelta(days=undo.DAYS + 1))
    with pytest.raises(LongGone):
        undo.take_back(order.pk, "unshipped", reason="x", by=staff.pk)
    Shipment.objects.update(shipped_at=shipped_at)
    tracking.move(Shipment.objects.get(order=order), "out_for_delivery", by=None)
    with pytest.raises(NothingToTakeBack):
        undo.take_back(order.pk, "unshipped", reason="x", by=staff.pk)


def test_packed_by_mistake_is_picked_again_and_may_be_shipped_at_once(dropshipper: Any, staff: Any) -> None:
    order = sent(dropshipper, until="packed")
    undo.take_back(order.pk, "unpacked", reason="Manca un pezzo", by=staff.pk)
    assert stands(order)[1] == "to_pick"
    with pytest.raises(AlreadyDone):
        undo.take_back(order.pk, "unpacked", reason="x", by=staff.pk)
    parcels.mark_shipped(order.pk, tracking_number="T1", by=staff.pk, at_the_desk=True)


def test_a_click_on_the_list_offers_its_undo_once(dropshipper: Any, staff: Any, client_for: Any) -> None:
    order, client = sent(dropshipper, until="shipped"), client_for(staff)
    page = client.post(reverse("orders:deliver", args=[order.pk]), {"next": "desk"}, follow=True).content.decode()
    assert f'data-undo="{order.pk}"' in page
    assert "data-undo" not in client.get(reverse("orders:desk")).content.decode()


@pytest.mark.parametrize("act", ["pack", "deliver", "remit", "staff_cancel"])
def test_a_second_tab_hears_who_did_it_and_when(dropshipper: Any, client_for: Any, act: str) -> None:
    """It said success, twice."""
    until = {"pack": "packed", "deliver": "shipped", "remit": "delivered", "staff_cancel": "packed"}[act]
    order = sent(dropshipper, until=until)
    first, other = client_for(cast.staff(name="Bruno Leoni")), client_for(cast.staff())
    if act == "pack":
        undo.take_back(order.pk, "unpacked", reason="x", by=cast.staff().pk)
    first.post(reverse(f"orders:{act}", args=[order.pk]))
    before = (stands(order), balances(dropshipper.pk), order.events.count())
    page = other.post(reverse(f"orders:{act}", args=[order.pk]), follow=True).content.decode()
    assert "Bruno Leoni" in page.split('data-level="warning"')[1].split("</div>")[0]
    assert 'data-level="success"' not in page
    assert (stands(order), balances(dropshipper.pk), order.events.count()) == before


@pytest.mark.parametrize("until", ["packed", "shipped", "delivered"])
def test_the_undo_of_a_step_is_not_worded_as_the_cancelling_of_its_order(
    dropshipper: Any, client_for: Any, until: str
) -> None:
    """In Italian both were “annulla”, with the order's number, on one page."""
    order, client = sent(dropshipper, until=until), client_for(cast.staff())
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "it"
    page = client.get(reverse("orders:desk_order", args=[order.pk])).content.decode()
    assert '<html lang="it"' in page
    said = re.sub(r"<[^>]+>", " ", page.split('id="undo"')[1].split("</details>")[0])
    assert order.number in said
    assert "annulla" not in said.lower()


# ---- the number


def test_a_corrected_number_is_told_and_the_old_one_is_still_found(
    dropshipper: Any, staff: Any, client_for: Any
) -> None:
    order, client, wrong = sent(dropshipper, until="shipped"), client_for(staff), ""
    wrong = order.shipment.tracking
    right = reverse("orders:renumber", args=[order.pk])
    assert client.post(right, {"tracking": "NEW-7", "reason": ""}).status_code == 422
    assert client.post(right, {"tracking": "NEW-7", "reason": "Etichetta scambiata"}).status_code == 302
    order.refresh_from_db()
    assert order.shipment.tracking == "NEW-7"
    event = order.events.get(code="renumbered")
    assert (event.params["used"], event.params["tracking"], event.by) == (wrong, "NEW-7", staff)
    for number in (wrong, "new-7"):
        opened = client.get(reverse("orders:desk"), {"q": number, "scan": "1"})
        assert opened.url == reverse("orders:desk_order", args=[order.pk])
        assert order.number in client.get(reverse("orders:desk"), {"q": number, "state": "shipped"}).content.decode()
    owner = client_for(cast.member(dropshipper))
    page = owner.get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert "Etichetta scambiata" in page
    assert 'data-alert="renumbered"' in page or 'data-problem="renumbered"' in page
    assert "Compare it with the shop" not in page  # that is what a change in the shop says
    assert order.number in owner.get(reverse("shipping:list"), {"q": wrong}).content.decode()
    with pytest.raises(SameTracking):
        undo.renumber(order.pk, "new-7", reason="x", by=staff.pk)


def test_a_correction_takes_nobodys_number_and_frees_its_own(dropshipper: Any, staff: Any) -> None:
    first, second = sent(dropshipper, until="shipped"), sent(dropshipper, until="shipped")
    Shipment.objects.filter(order=second).update(name="Ugo Bianchi", street="Via Po 3")
    theirs, mine = second.shipment.tracking, first.shipment.tracking
    with pytest.raises(TrackingTaken):
        undo.renumber(first.pk, theirs, reason="x", by=staff.pk)
    first.refresh_from_db()
    assert first.shipment.tracking == mine
    undo.renumber(first.pk, "NEW-1", reason="x", by=staff.pk)
    undo.renumber(second.pk, mine, reason="x", by=staff.pk)  # the two labels were swapped
    undo.renumber(first.pk, theirs, reason="x", by=staff.pk)
    held = sorted(Shipment.objects.values_list("tracking", flat=True))
    assert held == sorted([theirs, mine])


def test_an_unusual_number_is_asked_about_and_may_be_right(dropshipper: Any, staff: Any, client_for: Any) -> None:
    order, client = sent(dropshipper, until="packed"), client_for(staff)
    Courier.objects.update(tracking_shapes="999999999, XX999999999")
    ship = reverse("orders:ship", args=[order.pk])
    asked = client.post(ship, {"tracking": "12345678"})
    assert (asked.status_code, b'name="unusual"' in asked.content, stands(order)[1]) == (422, True, "packed")
    with pytest.raises(TrackingUnusual):
        parcels.mark_shipped(order.pk, tracking_number="12345678", by=staff.pk, at_the_desk=True)
    client.post(ship, {"tracking": "12345678", "unusual": "1"})
    assert stands(order)[1] == "shipped"
    right = reverse("orders:renumber", args=[order.pk])
    assert b'name="unusual"' in client.post(right, {"tracking": "1", "reason": "x"}).content
    client.post(right, {"tracking": "M1123456789", "reason": "x"})
    order.refresh_from_db()
    assert order.shipment.tracking == "M1123456789"


# ---- races


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_undone_and_remitted_at_once_it_is_one_of_them(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """Without the rows' locks, which is the negative control, the cash of a parcel that is on the road is paid over."""
    dropshipper, clerk = cast.dropshipper(), cast.staff()
    if not guarded:
        for module in (undo, parcels):
            monkeypatch.setattr(module, "lock", _unlocked)
        monkeypatch.setattr(undo, "_parcel", lambda order: _slow_parcel(order))
        monkeypatch.setattr(parcels, "_shipment", lambda order: _slow_parcel(order))
    torn = 0
    for _time in range(3 if guarded else 40):
        if torn:
            break
        order = sent(dropshipper)
        answers = together(
            lambda pk=order.pk: undo.take_back(pk, "undelivered", reason="x", by=clerk.pk),  # type: ignore[misc]
            lambda pk=order.pk: parcels.mark_remitted(pk, by=clerk.pk),  # type: ignore[misc]
        )
        state, parcel, cash = stands(order)
        whole = {("completed", "delivered", "remitted"), ("dispatched", "shipped", "booked")}
        torn += (state, parcel, cash) not in whole
        if guarded:
            refused = [answer for answer in answers if not isinstance(answer, Order)]
            assert len(refused) == 1, answers
            assert isinstance(refused[0], CashPaidOver | BadTransition), answers
    assert (torn > 0) is not guarded
    if guarded:
        call_command("verify")


def _unlocked(order_id: int) -> Order:
    return Order.objects.get(pk=order_id)


def _slow_parcel(order: Order) -> Shipment:
    found = Shipment.objects.select_related("method__courier").get(pk=order.shipment_id)
    time.sleep(0.3)
    return found
