"""What the desk's pages offer, for every state of a parcel and every right of who looks, as a whole; and what each of
their buttons says when it was pressed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from orders.dispatch import runs
from orders.fulfilment import parcels as fulfilment
from orders.intake import follow
from orders.models import Order
from orders.pages import desk
from shipping.models import Courier, Shipment, ShipmentEvent
from tests import cast
from tests.orders import stage

pytestmark = pytest.mark.django_db
MAY = ("may_pack", "may_ship", "may_deliver", "may_remit", "may_cancel", "may_renumber", "may_cash_back")


@pytest.fixture
def parcels(dropshipper: Any) -> dict[str, Order]:
    """One COD parcel in each state, one prepaid and delivered, one order that is open and one that was cancelled."""
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "900.00")
    found = {}
    states = ("to_pick", "packed", "shipped", "out_for_delivery", "held", "returning", "collected", "remitted", "paid")
    for n, state in enumerate(states):
        payment = "prepaid" if state == "paid" else "cod"
        order = stage.order(dropshipper, ("MCI-1", 1), method=method, payment=payment, total=f"{40 + n}.{n}7")
        runs.dispatch_now(order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
        if state != "to_pick":
            fulfilment.mark_packed(order.pk, by=None)
        if state not in ("to_pick", "packed"):
            fulfilment.mark_shipped(order.pk, tracking_number=f"T{n}", by=None)
        if state in ("out_for_delivery", "held", "returning"):
            Shipment.objects.filter(order=order).update(state=state)
        if state in ("collected", "remitted", "paid"):
            fulfilment.mark_delivered(order.pk, by=None)
        if state == "remitted":
            fulfilment.mark_remitted(order.pk, by=None)
        found[state] = order
    for state in ("open", "cancelled"):
        found[state] = stage.order(dropshipper, ("MCI-1", 1), method=method)
    fulfilment.cancel(found["cancelled"].pk, by=None)
    return {name: Order.objects.get(pk=order.pk) for name, order in found.items()}


def offered(client: Any, order: Order) -> dict[str, Any]:
    answer = client.get(reverse("orders:desk_order", args=[order.pk]))
    assert answer.status_code == 200
    assert [type(answer.context[name]).__name__ for name in ("form", "number_form")] == [
        "TrackingForm",
        "NewNumberForm",
    ]
    names = ("step", "still_here", "soon", *MAY)
    return {name: answer.context[name] for name in names if answer.context[name]}


OFFERED: dict[str, dict[str, Any]] = {
    "open": {"may_cancel": True},
    "cancelled": {},
    "to_pick": {"still_here": True, "may_pack": True, "may_ship": True, "may_cancel": True},
    "packed": {"step": "unpacked", "still_here": True, "may_ship": True, "may_cancel": True},
    "shipped": {"step": "unshipped", "may_deliver": True, "may_renumber": True},
    "out_for_delivery": {"may_deliver": True, "may_renumber": True},
    "held": {"may_deliver": True, "may_renumber": True},
    "returning": {"may_renumber": True},
    "collected": {"step": "undelivered", "may_remit": True},
    "remitted": {"may_cash_back": True},
    "paid": {"step": "undelivered"},
}
ACTS = {
    "pack_parcel": "pack",
    "ship_parcel": "ship",
    "deliver_parcel": "deliver",
    "cancel_parcel": "cancel",
    "remit_cash": "remit",
}


def test_each_state_of_a_parcel_offers_what_can_be_done_to_who_may(
    parcels: dict[str, Order], staff: Any, client_for: Any
) -> None:
    client = client_for(staff)
    assert {name: offered(client, parcels[name]) for name in OFFERED} == OFFERED
    for right, act in ACTS.items():
        person = cast.staff("-")
        person.user_permissions.add(cast.permission("see_desk"), cast.permission(right))
        assert client_for(person).get(reverse("orders:desk")).context["may"] == {act}
    person.user_permissions.remove(cast.permission(right))  # who may only look
    for name in ("to_pick", "packed", "shipped", "collected", "remitted"):
        here = {"still_here": True} if "still_here" in OFFERED[name] else {}
        assert offered(client_for(person), parcels[name]) == here, name


def test_the_page_of_a_parcel_tells_all_of_it(parcels: dict[str, Order], staff: Any, client_for: Any) -> None:
    client, order = client_for(staff), parcels["remitted"]
    for name in ("shipped", "held"):
        follow.withdraw(parcels[name].pk)
    context = client.get(reverse("orders:desk_order", args=[parcels["shipped"].pk])).context
    assert [row.code for row in context["alerts"]] == ["cancelled_in_shop"]
    assert context["order"] == parcels["shipped"]
    events = list(parcels["shipped"].events.order_by("-id"))
    assert list(context["events"]) == events
    assert len(events) > 4
    assert [entry.kind for entry in context["entries"]] == ["guarantee", "cod_sale"]
    assert (context["last_step"].to_value, context["cash_waits"]) == ("shipped", None)
    assert "may_cancel" in client.get(reverse("orders:desk_order", args=[order.pk])).context
    # What the reader did himself a moment ago needs no thinking about its reason.
    step = ShipmentEvent.objects.filter(shipment__order=parcels["shipped"], axis="state").latest("id")
    ago = [(staff.pk, 0, True), (None, 0, False), (staff.pk, 14, True), (staff.pk, 15, False)]
    for by, minutes, soon in ago:
        at = timezone.now() - dt.timedelta(minutes=minutes)
        ShipmentEvent.objects.filter(pk=step.pk).update(by=by, at=at)
        page = client.get(reverse("orders:desk_order", args=[parcels["shipped"].pk]))
        assert page.context["soon"] is soon, (by, minutes)
    assert client.get(reverse("orders:desk_order", args=[parcels["open"].pk])).context["last_step"] is None
    assert client.get(reverse("orders:desk_order", args=[999_999])).status_code == 404


def test_the_list_has_tabs_counts_couriers_and_the_newest_of_what_left_first(
    parcels: dict[str, Order], staff: Any, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(staff)
    off = stage.method("spento")
    Courier.objects.filter(pk=off.courier_id).update(active=False)

    def listed(**asked: str) -> list[str]:
        context = client.get(reverse("orders:desk"), asked).context
        names = {order.pk: name for name, order in parcels.items()}
        return [names[row.pk] for row in context["page"].rows]

    road = ["returning", "held", "out_for_delivery", "shipped"]
    assert listed() == listed(state="to_pick") == listed(state="zzz") == listed(state="packed2") == ["to_pick"]
    assert listed(state="packed") == ["packed"]
    assert listed(state="shipped") == road
    assert listed(state="delivered") == ["paid", "remitted", "collected"]
    assert listed(state="shipped", q="T3") == ["out_for_delivery"]
    assert listed(state="shipped", courier="corriere-spento") == []
    context = client.get(
        reverse("orders:desk"), {"state": "shipped", "courier": "corriere-espresso", "q": "Giulia"}
    ).context
    assert context["tabs"] == [("to_pick", 1), ("packed", 1), ("shipped", 4), ("delivered", 3)]
    assert [courier.code for courier in context["couriers"]] == ["corriere-espresso"]
    wanted = context["wanted"]
    assert (wanted.state, wanted.courier, wanted.text) == ("shipped", "corriere-espresso", "Giulia")
    assert context["may"] == {*desk.ACTS}
    assert (type(context["tracking_form"]).__name__, context["undo"]) == ("TrackingListForm", None)
    other = client.get(reverse("orders:desk"), {"courier": "corriere-spento"}).context
    assert other["tabs"] == [(state, 0) for state in ("to_pick", "packed", "shipped", "delivered")]
    monkeypatch.setattr(desk, "PAGE_SIZE", 3)
    page = client.get(reverse("orders:desk"), {"state": "shipped"}).context["page"]
    assert [row.pk for row in page.rows] == [parcels[name].pk for name in road[:3]]
    assert listed(state="shipped", cursor=page.next_cursor) == road[3:]
    answer = client.get(reverse("orders:desk"), {"q": "QUALCOSA", "scan": "1"})
    assert [str(one) for one in answer.context["messages"]] == ["Nessun pacco corrisponde a “QUALCOSA”."]
    assert answer.context["wanted"].text == "QUALCOSA"
    assert not list(client.get(reverse("orders:desk"), {"scan": "1"}).context["messages"])
    found = client.get(reverse("orders:desk"), {"q": "t2", "scan": ""})
    assert found.url == reverse("orders:desk_order", args=[parcels["shipped"].pk])


def press(client: Any, name: str, order: Order, **data: Any) -> tuple[str, list[tuple[str, str]]]:
    answer = client.post(reverse(f"orders:{name}", args=[order.pk]), data)
    assert answer.status_code == 302
    said = [(one.level_tag, str(one)) for one in get_messages(answer.wsgi_request)]
    return answer.url, said[-1:]


def test_what_is_offered_back_is_the_parcel_that_was_just_touched(
    parcels: dict[str, Order], staff: Any, client_for: Any
) -> None:
    client, order = client_for(staff), parcels["packed"]
    press(client, "ship", order, tracking="Z9", next="desk", collect=fulfilment.collect_mark(order))
    assert client.get(reverse("orders:desk")).context["undo"] == order


def test_each_button_says_what_it_did_and_leads_back_to_where_it_was_pressed(
    parcels: dict[str, Order], staff: Any, client_for: Any
) -> None:
    client, order = client_for(staff), parcels["to_pick"]
    number, page, all_of_them = order.number, reverse("orders:desk_order", args=[order.pk]), reverse("orders:desk")
    collect = {"collect": fulfilment.collect_mark(order)}
    assert press(client, "pack", order, collect="0.01")[1][0][0] == "error"
    assert press(client, "pack", order, **collect) == (page, [("success", f"{number} è imballato.")])
    url, [(level, words)] = press(client, "pack", order, next="desk")
    assert (url, level, words[: len(number) + 2]) == (all_of_them, "warning", f"{number}: ")
    assert client.get(all_of_them).context["undo"] is None
    assert press(client, "ship", order, tracking="Z1", next="desk", **collect) == (
        all_of_them,
        [("success", f"{number} è in viaggio.")],
    )
    assert press(client, "ship", order, tracking="Z1")[1][0][0] == "warning"
    assert press(client, "ship", order, tracking="Z2")[1][0][0] == "error"
    wrong = client.post(reverse("orders:renumber", args=[order.pk]), {"tracking": "Z1", "reason": ""})
    assert (wrong.status_code, [*wrong.context["number_form"].errors]) == (422, ["reason"])
    assert client.post(all_of_them).status_code == 405
    assert client.get(all_of_them).context["undo"] == order
    assert client.get(all_of_them).context["undo"] is None  # once
    assert press(client, "deliver", order, next="desk") == (all_of_them, [("success", f"{number} è consegnato.")])
    assert press(client, "deliver", order)[1][0][0] == "warning"
    Shipment.objects.filter(order=order).update(state="returned")
    assert client.get(all_of_them).context["undo"] is None  # it moved on meanwhile
    Shipment.objects.filter(order=order).update(state="delivered")
    assert press(client, "remit", order) == (
        page,
        [("success", f"{number}: l’incasso è arrivato e il rivenditore ha ricevuto il margine.")],
    )
    assert [order.events.get(code=code).by for code in ("packed", "shipped", "delivered", "cod_remitted")] == [
        staff
    ] * 4
    assert press(client, "remit", order)[1][0][0] == "warning"
    packed = parcels["packed"]
    words = f"{packed.number} è annullato e tutto è stato stornato."
    assert press(client, "staff_cancel", packed)[1] == [("success", words)]
    assert packed.events.get(code="cancelled").by == staff
    for name in ("pack", "ship", "deliver", "remit", "staff_cancel"):
        answer = client.post(reverse(f"orders:{name}", args=[999_999]), {"tracking": "T1"})
        assert answer.status_code == 404
        assert client.get(reverse(f"orders:{name}", args=[order.pk])).status_code == 405


def test_an_unusual_number_is_asked_about_once(parcels: dict[str, Order], staff: Any, client_for: Any) -> None:
    client, order = client_for(staff), parcels["packed"]
    Courier.objects.update(tracking_shapes="999")
    url = reverse("orders:ship", args=[order.pk])
    for data, errors in (({"tracking": "12"}, True), ({"tracking": ""}, False)):
        asked = client.post(url, data)
        form = asked.context["form"]
        assert (asked.status_code, form.asks, list(form.errors)) == (422, errors, ["tracking"])
    assert "12 non somiglia a un numero di Corriere Veloce" in str(
        client.post(url, {"tracking": "12"}).context["form"].errors
    )
    order.refresh_from_db()
    assert Shipment.objects.get(order=order).state == "packed"
    assert client.post(url, {"tracking": "12", "collect": "0.01", "unusual": "on"}).status_code == 302
    assert Shipment.objects.get(order=order).state == "packed"  # the label says another amount
    assert client.post(url, {"tracking": "12", "unusual": "on"}).status_code == 302
    assert Shipment.objects.get(order=order).tracking == "12"
    assert client.post(reverse("orders:ship", args=[parcels["to_pick"].pk]), {"tracking": "123"}).status_code == 302
    # An order without a parcel has no courier to ask.
    assert client.post(reverse("orders:ship", args=[parcels["open"].pk]), {"tracking": "12"}).status_code == 302
