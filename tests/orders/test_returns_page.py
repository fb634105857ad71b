"""The staff's desk of returns, by scan and button; and the reseller's pages of the same cases."""

from __future__ import annotations

import re
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from catalog.models import Stock
from orders.failed import lost, returned, who_pays
from orders.models import Case, WhoPays
from tests import cast
from tests.orders.test_cases import opened
from tests.orders.test_returned import back, shipped
from wallet.models import Entry
from wallet.queries import balances

pytestmark = pytest.mark.django_db


def text(client: Any, name: str, *args: Any) -> str:
    return str(client.get(reverse(name, args=args)).content.decode())


def test_a_scan_leads_from_the_parcel_to_its_money(dropshipper: Any, staff: Any, client_for: Any) -> None:
    order, client = shipped(dropshipper, pieces=2), client_for(staff)
    desk = reverse("orders:returns")
    for code in (order.number, f"TRK{order.pk}"):
        assert client.get(desk, {"q": code, "scan": 1}).url == reverse("orders:return_in", args=[order.pk])
    assert "XYZ" in client.get(desk, {"q": "XYZ", "scan": 1}).content.decode()

    taken = client.post(
        reverse("orders:return_in", args=[order.pk]), {"reason": "refused", "fault": "customer", "note": "Assente"}
    )
    case = Case.objects.get()
    assert taken.url == reverse("orders:return_case", args=[case.pk])
    for code in (case.number, order.number):
        assert client.get(desk, {"q": code, "scan": 1}).url == taken.url
    assert "data-settle" not in text(client, "orders:return_case", case.pk)

    line = case.lines.get().pk
    wrong = client.post(reverse("orders:return_inspect", args=[case.pk]), {f"restock_{line}": "1"})
    assert wrong.status_code == 422
    said = {f"restock_{line}": "1", f"scrap_{line}": "1", "storage_net": ""}
    client.post(reverse("orders:return_inspect", args=[case.pk]), said)
    page = text(client, "orders:return_case", case.pk)
    assert 'data-total="-12.20"' in page
    assert 'data-released="0.00"' in page
    assert not Entry.objects.filter(kind="guarantee_capture").exists()

    settle = reverse("orders:return_settle", args=[case.pk])
    moved = client.post(settle, {"shown": "-6.10/0.00"})
    assert moved.status_code == 422
    assert "12,20" in moved.content.decode()
    (shown,) = re.findall(r'name="shown" value="([^"]+)"', page)
    client.post(settle, {"shown": shown})
    again = client.post(settle, {"shown": shown}, follow=True).content.decode()
    assert 'data-level="warning"' in again
    assert (balances(dropshipper.pk).available, Stock.objects.get().on_hand) == (D("87.80"), 19)
    assert "data-case" in text(client, "orders:desk_order", order.pk)
    page = text(client_for(cast.member(dropshipper)), "orders:detail", order.pk)
    assert 'data-margin="-12.20"' in page
    assert "data-guarantee" not in page
    call_command("verify")


def test_the_reseller_reads_the_case_its_amounts_and_the_reason_in_both_languages(
    dropshipper: Any, staff: Any, client_for: Any
) -> None:
    order = shipped(dropshipper, "prepaid")
    case = back(order, staff, "unknown_address", "customer")
    client = client_for(cast.member(dropshipper))
    for page in (text(client, "orders:case", case.pk), text(client, "orders:cases")):
        assert "8,54" in page
    assert case.number in text(client, "orders:detail", order.pk)
    wallet = text(client, "wallet:overview")
    assert "reason:" not in wallet
    User.objects.update(language="en")
    assert "unknown address" in text(client, "wallet:overview")
    assert case.number in text(client, "orders:detail", order.pk)


def test_a_return_is_asked_for_decided_received_and_refunded(dropshipper: Any, staff: Any, client_for: Any) -> None:
    order, clerk = shipped(dropshipper, "prepaid", until="delivered", pieces=2), client_for(staff)
    seller = client_for(cast.member(dropshipper))
    assert "data-ask-return" in text(seller, "orders:detail", order.pk)
    ask, line = reverse("orders:case_new", args=[order.pk]), order.lines.get().pk
    form = {"key": "7f1f4e6e-9c1c-4d53-8c1f-2a9a0f6f1a11", "reason": "wrong_goods", "note": "Colore sbagliato"}
    assert seller.post(ask, form).status_code == 422
    made = [seller.post(ask, form | {f"pieces_{line}": "1"}) for _twice in range(2)]
    case = Case.objects.get()
    assert {answer.url for answer in made} == {reverse("orders:case", args=[case.pk])}
    assert "Colore sbagliato" in text(clerk, "orders:return_case", case.pk)

    decide = reverse("orders:case_decide", args=[case.pk])
    assert clerk.post(decide, {"fault": "supplier", "do": "refuse"}).status_code == 422
    clerk.post(decide, {"fault": "supplier", "answer": "Ci scusiamo", "do": "approve"})
    clerk.post(reverse("orders:case_receive", args=[case.pk]))
    clerk.post(reverse("orders:return_inspect", args=[case.pk]), {f"restock_{case.lines.get().pk}": "1"})
    figures = returned.preview(Case.objects.get())
    assert figures is not None
    clerk.post(reverse("orders:return_settle", args=[case.pk]), {"shown": figures.mark})
    case.refresh_from_db()
    assert (case.state, case.total) == ("settled", D("17.69"))  # the piece, and half of the way out
    assert "Ci scusiamo" in text(seller, "orders:case", case.pk)
    call_command("verify")


def test_a_loss_is_entered_claimed_and_paid(dropshipper: Any, staff: Any, client_for: Any) -> None:
    order, client = shipped(dropshipper), client_for(staff)
    entered = client.post(reverse("orders:lose", args=[order.pk]), {"note": "", "documents": "Fattura 12"})
    case = Case.objects.get()
    assert entered.url == reverse("orders:return_case", args=[case.pk])
    assert "Fattura 12" in text(client, "orders:return_case", case.pk)
    assert case.number in client.get(reverse("orders:returns"), {"tab": "claims"}).content.decode()
    claim = reverse("orders:claim", args=[case.claim.pk])
    assert client.post(claim, {"do": "paid", "paid": "niente"}).status_code == 422
    client.post(claim, {"do": "send", "amount": "17,00", "reference": "P-1"})
    for _twice in range(2):
        client.post(claim, {"do": "paid", "paid": "17,00"})
    assert Entry.objects.filter(kind="claim_paid").count() == 1
    assert 'data-paid="17.00"' in text(client, "orders:return_case", case.pk)
    client.post(reverse("orders:loss", args=[case.pk]), {"do": "delivered"})
    order.refresh_from_db()
    assert order.shipment.state == "delivered"


def test_who_pays_is_said_and_never_proposed(dropshipper: Any, staff: Any, client_for: Any) -> None:
    order, clerk = shipped(dropshipper), client_for(staff)
    take_in = reverse("orders:return_in", args=[order.pk])
    page = clerk.get(take_in).content.decode()
    assert " selected" not in page.partition('name="reason"')[2].partition("</form>")[0].replace(
        'value="" selected', ""
    )
    assert 'value="lost"' not in page  # what is here was not lost
    for said in ({}, {"reason": "refused"}, {"fault": "customer"}, {"reason": "lost", "fault": "courier"}):
        assert clerk.post(take_in, said | {"note": "Assente"}).status_code == 422
    assert not Case.objects.exists()
    order.refresh_from_db()
    assert order.shipment.state == "shipped"

    given = shipped(dropshipper, "prepaid", until="delivered", pieces=2)
    seller = client_for(cast.member(dropshipper))
    ask, line = reverse("orders:case_new", args=[given.pk]), given.lines.get().pk
    assert 'max="2"' in seller.get(ask).content.decode()
    form = {"key": "7f1f4e6e-9c1c-4d53-8c1f-2a9a0f6f1a11", "note": "", f"pieces_{line}": "1"}
    assert seller.post(ask, form | {"reason": ""}).status_code == 422
    assert not Case.objects.exists()
    seller.post(ask, form | {"reason": "wrong_goods"})
    case = Case.objects.get()
    decide = reverse("orders:case_decide", args=[case.pk])
    unsaid = clerk.post(decide, {"fault": "", "answer": "Ci scusiamo", "do": "approve"})
    assert (unsaid.status_code, "Ci scusiamo" in unsaid.content.decode()) == (422, True)
    case.refresh_from_db()
    assert case.state == "asked"
    clerk.post(decide, {"fault": "", "answer": "Usato", "do": "refuse"})  # nobody pays
    case.refresh_from_db()
    assert case.state == "refused"


def test_what_was_typed_of_a_loss_stays_when_it_is_refused(dropshipper: Any, staff: Any, client_for: Any) -> None:
    order, client = shipped(dropshipper, until="delivered"), client_for(staff)
    page = client.post(reverse("orders:lose", args=[order.pk]), {"note": "Mai arrivato", "documents": "Fattura 12"})
    assert page.status_code == 422
    assert not Case.objects.exists()
    other = shipped(dropshipper)
    long = client.post(reverse("orders:lose", args=[other.pk]), {"note": "Mai arrivato", "documents": "F" * 301})
    assert (long.status_code, "Mai arrivato" in long.content.decode()) == (422, True)
    ids = re.findall(r' id="([^"]+)"', long.content.decode())
    assert len(ids) == len({*ids})
    assert not Case.objects.exists()


@pytest.mark.parametrize("typed", ["", "uno", "-1", "2"])
def test_pieces_of_a_found_parcel_are_counted_and_never_guessed(
    dropshipper: Any, staff: Any, client_for: Any, typed: str
) -> None:
    order, client = shipped(dropshipper, "prepaid"), client_for(staff)
    case = lost.lose(order.pk, by=staff.pk)
    name = f"restock_{case.lines.get().pk}"
    assert f'name="{name}" value=' not in text(client, "orders:return_case", case.pk)
    page = client.post(reverse("orders:loss", args=[case.pk]), {"do": "back", name: typed})
    assert page.status_code == 422
    assert f'value="{typed}"' in page.content.decode() or not typed
    order.refresh_from_db()
    case.refresh_from_db()
    assert (order.shipment.state, case.state, Stock.objects.get().on_hand) == ("lost", "settled", 19)


def test_a_found_parcel_is_stock_again(dropshipper: Any, staff: Any, client_for: Any) -> None:
    order, client = shipped(dropshipper, "prepaid"), client_for(staff)
    case = lost.lose(order.pk, by=staff.pk)
    said = {"do": "back", f"restock_{case.lines.get().pk}": "1"}
    client.post(reverse("orders:loss", args=[case.pk]), said)
    assert Stock.objects.get().on_hand == 20


def test_the_table_is_changed_from_a_day_on_and_read_by_resellers(
    dropshipper: Any, staff: Any, client_for: Any
) -> None:
    client, seller = client_for(staff), client_for(cast.member(dropshipper))
    rule = who_pays.in_force("refused", "customer")
    page = client.get(reverse("orders:who_pays"), {"rule": rule.pk}).content.decode()
    assert "<form" in page
    said = {name: getattr(rule, name) for name in who_pays.EDITED} | {
        "rule": rule.pk,
        "since": timezone.localdate().isoformat(),
        "handling_net": "1,50",
        "claim_days": "",
        "window_days": "",
    }
    client.post(reverse("orders:who_pays"), said)
    assert who_pays.in_force("refused", "customer").handling_net == D("1.50")
    assert client.post(reverse("orders:who_pays"), said).status_code == 422  # another version is the newest by now
    assert WhoPays.objects.filter(reason="refused", fault="customer").count() == 2
    assert "1,50" in text(seller, "orders:terms")


def test_strangers_and_people_without_the_right_find_nothing(dropshipper: Any, staff: Any, client_for: Any) -> None:
    order = shipped(dropshipper, "prepaid", until="delivered")
    case = opened(order, cast.member(dropshipper))
    stranger = client_for(cast.member(cast.dropshipper("Altra S.r.l.")))
    for name, pk in (("orders:case", case.pk), ("orders:case_new", order.pk)):
        assert stranger.get(reverse(name, args=[pk])).status_code == 404
    assert case.number not in text(stranger, "orders:cases")
    picker = client_for(cast.staff("Magazzino"))
    for name in ("orders:return_settle", "orders:case_decide", "orders:loss"):
        assert picker.post(reverse(name, args=[case.pk])).status_code == 403
    assert picker.post(reverse("orders:lose", args=[order.pk])).status_code == 403
    case.refresh_from_db()
    assert case.state == "asked"


def test_what_others_bear_is_no_line_in_the_resellers_money_box(
    dropshipper: Any, staff: Any, owner: Any, client_for: Any
) -> None:
    order = shipped(dropshipper, "prepaid")
    back(order, staff, "wrong_goods", "supplier", scrap=1)
    assert Entry.objects.filter(kind="return_charge").exists()  # the supplier's loss alone
    page = text(client_for(owner), "orders:detail", order.pk)
    assert 'data-entry="return_credit"' in page
    assert 'data-entry="return_charge"' not in page
    assert 'data-margin="0.00"' in page


def test_what_moves_money_of_a_loss_asks_once_more(dropshipper: Any, staff: Any, client_for: Any) -> None:
    """Each of these buttons lies in a question that says what will happen."""
    lost.lose(shipped(dropshipper, "prepaid").pk, by=staff.pk)
    case = Case.objects.get()
    page = text(client_for(staff), "orders:return_case", case.pk)
    asked = [part.split("</details>")[0] for part in page.split("<details")[1:]]
    for act in ("delivered", "refused"):
        assert page.count(f'value="{act}"') == 1
        assert any(f'value="{act}"' in part and "<p" in part for part in asked), act
