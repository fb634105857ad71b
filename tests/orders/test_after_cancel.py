"""A cancelled order: what it shows of its money, what a second tab is told, and the way back."""

from __future__ import annotations

import csv
import io
import re
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.urls import reverse

from mci.pages import figures as dashboard
from orders.dispatch import progress, runs
from orders.fulfilment import parcels
from orders.intake import editing, follow
from orders.models import DispatchRun, Order
from tests.orders import stage
from tests.orders.test_follow import sent as of_a_shop
from tests.orders.test_question_pages import said
from tests.orders.test_readdress import CAGLIARI, change, sent, verified
from wallet.queries import balances

pytestmark = pytest.mark.django_db


def page_of(client: Any, name: str, order: Order) -> str:
    answer = client.get(reverse(name, args=[order.pk]))
    assert answer.status_code == 200
    page: str = answer.content.decode()
    return page


def act(client: Any, name: str, order: Order, **form: Any) -> Any:
    """A click; what it says is all that is said then."""
    client.cookies.pop("messages", None)
    return client.post(reverse(f"orders:{name}", args=[order.pk]), form)


@pytest.mark.parametrize(("payment", "back"), [("prepaid", "20.74"), ("cod", "12.20")])
def test_it_shows_what_was_reversed_no_margin_and_nothing_held(
    dropshipper: Any, owner: Any, staff: Any, client_for: Any, payment: str, back: str
) -> None:
    order = sent(dropshipper, payment=payment)
    client = client_for(owner)
    assert "data-margin" in page_of(client, "orders:detail", order)
    parcels.cancel(order.pk, by=None)
    for reader, name in ((client, "orders:detail"), (client_for(staff), "orders:desk_order")):
        page = page_of(reader, name, order)
        assert f'data-given-back="{back}"' in page
        for word in ("data-margin", "data-guarantee", "data-cost"):
            assert word not in page, (name, word)
    row = client.get(reverse("orders:list") + "?tab=cancelled").content.decode()
    assert "data-reversed" in row
    assert "mci-held" not in row
    cell = re.search(r'<td class="c-cost num">(.*?)</td>', row, re.DOTALL)
    assert cell is not None
    assert "margin" not in cell[1]
    assert "20,74" not in re.sub(r'title="[^"]*"', "", cell[1])


@pytest.mark.parametrize("payment", ["prepaid", "cod"])
def test_files_runs_parcels_and_the_overview_know_it_too(
    dropshipper: Any, owner: Any, client_for: Any, payment: str
) -> None:
    order, client = sent(dropshipper, payment=payment), client_for(owner)
    shipment, run = order.shipment_id, DispatchRun.objects.get()
    assert progress.progress(run).charged > 0
    parcels.cancel(order.pk, by=None)
    text = b"".join(client.get(reverse("orders:export"))).decode("utf-8-sig")
    head, row = list(csv.reader(io.StringIO(text), delimiter=";"))[:2]
    told = dict(zip(head, row, strict=True))
    empty = ["To collect, VAT included", "Goods, net", "VAT", "Total cost, VAT included"]
    empty += ["Margin, VAT included", "Guarantee, VAT included"]
    from django.utils.translation import gettext

    assert [told[gettext(name)] for name in empty] == [""] * len(empty)
    assert (progress.progress(run).charged, progress.progress(run).collect) == (D(0), D(0))
    assert [item.taken for item in progress.items(run)] == [D(0)]  # type: ignore[attr-defined]
    parcel = client.get(reverse("shipping:detail", args=[shipment])).content.decode()
    assert ("data-reversed" in parcel) is (payment == "cod")
    assert "<b>39,90" not in parcel
    assert dashboard.periods(dropshipper.pk)[0].margin == 0
    assert (balances(dropshipper.pk).cod_due, balances(dropshipper.pk).held) == (D(0), D(0))


def test_before_the_click_number_name_and_amount_after_it_the_amount(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    order, client = sent(dropshipper), client_for(owner)
    page = page_of(client, "orders:detail", order)
    box = page[page.index("mci-cancel") :]
    for word in (order.number, "Giulia Rossi", "Torino", "20,74"):
        assert word in box
    assert "20,74" in said(act(client, "cancel", order, was="sent"))
    second = act(client, "cancel", order, was="sent")
    assert "20,74" not in said(second)
    assert 'data-level="info"' in client.get(second.url).content.decode()
    assert balances(dropshipper.pk).available == D("100.00")
    verified()


def test_a_page_that_said_nothing_was_charged_cancels_nothing_that_was_sent_since(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    order = sent(dropshipper)
    answer = act(client_for(owner), "cancel", order, was="open")
    order.refresh_from_db()
    assert order.state == "dispatched"
    assert order.number in said(answer)


def test_cancelled_after_another_address_the_page_names_what_really_comes_back(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    order, client = sent(dropshipper), client_for(owner)
    change(order, CAGLIARI)
    assert "25,62" in page_of(client, "orders:detail", order)
    assert "25,62" in said(act(client, "cancel", order, was="sent"))
    assert balances(dropshipper.pk).available == D("100.00")


# ---- the way back


def test_a_cancelled_order_that_was_never_sent_is_taken_back_once(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    order, client = stage.order(dropshipper, ("MCI-1", 1), method=method), client_for(owner)
    act(client, "cancel", order, was="open")
    assert "data-restore" in page_of(client, "orders:detail", order)
    first, second = act(client, "restore", order), act(client, "restore", order)
    assert said(first) != said(second)
    order.refresh_from_db()
    assert order.state == "ready"
    assert list(order.events.order_by("-id").values_list("code", flat=True)[:2]) == ["ready", "restored"]
    stage.money(dropshipper, "50.00")
    runs.dispatch_now(order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
    verified()


def test_what_was_sent_or_what_its_shop_cancelled_is_only_made_again(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    order, client = sent(dropshipper), client_for(owner)
    parcels.cancel(order.pk, by=None)
    in_shop = stage.order(dropshipper, ("NO-SUCH", 1), source="woocommerce", source_label="x")
    follow.withdraw(in_shop.pk)
    for one in (order, in_shop):
        assert "data-restore" not in page_of(client, "orders:detail", one)
        act(client, "restore", one)
        one.refresh_from_db()
        assert one.state == "cancelled"
    key = str(uuid.uuid4())
    drafts = {act(client, "duplicate", order, key=key).url for _twice in range(2)}
    assert len(drafts) == 1
    draft = Order.objects.latest("pk")
    assert (draft.state, draft.name, draft.shipment_id, draft.cost) == ("draft", "Giulia Rossi", None, None)


# ---- every button of the page, from a page of before


def test_after_it_was_cancelled_every_button_of_an_old_page_says_that_it_is_over(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    order, data = of_a_shop(dropshipper)
    client = client_for(owner)
    follow.refresh(order.pk, data)
    problems = {"code": "owes_less", "subject": ""}
    method_id = order.method_id
    parcels.cancel(order.pk, by=None)
    forms: dict[str, dict[str, Any]] = {
        "payment": {"kind": "prepaid"},
        "method": {"method": stage.method("altro").pk},
        "sync": {"key": str(uuid.uuid4()), "seen": "20.74/0.00/0.00"},
        "seen": problems,
        "answer": {"code": "risk_high"},
        "take": {"field": "street", "side": "theirs"},
        "lower_collect": {"amount": "1.00"},
        "cancel": {"was": "sent"},
        "restore": {},
    }
    for name, form in forms.items():
        answer = act(client, name, order, **form)
        assert answer.status_code == 302, name
        assert said(answer), f"{name} says nothing"
        order.refresh_from_db()
        assert (order.state, order.method_id) == ("cancelled", method_id), name
    verified()


def test_a_second_tab_is_told_that_it_was_so_already(dropshipper: Any, owner: Any, client_for: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    order, client = stage.order(dropshipper, ("MCI-1", 1), method=method), client_for(owner)
    other = stage.method("altro")
    first, second = (act(client, "method", order, method=other.pk) for _twice in range(2))
    assert "Altro" in said(first)
    assert said(first) != said(second)
    assert 'data-level="info"' in client.get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert said(act(client, "method", order, method="nonsense"))
    assert said(act(client, "payment", order, kind="gold"))
    editing.decide_payment(order.pk, "prepaid", by=owner.pk)
