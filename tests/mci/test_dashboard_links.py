"""Each number of the overview is the number of rows behind its link, whatever the world is made of."""

from __future__ import annotations

import html
import re
from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Member
from orders.models import Order, Problem
from tests import cast
from tests.connectors.conftest import make_shop
from tests.orders import stage
from tests.orders.test_cod_page import collected, sent
from tests.shipping.parcels import parcel

pytestmark = pytest.mark.django_db
ROW = re.compile(r'<tr[^>]* data-(?:order|shipment)="(\d+)"')


def rows_behind(client: Any, address: str) -> int:
    """All rows of a list, page after page."""
    seen: set[str] = set()
    page = address
    for _n in range(20):
        answer = client.get(page)
        assert answer.status_code == 200, page
        text = answer.content.decode()
        seen |= set(ROW.findall(text))
        following = re.search(r'rel="next" href="([^"]+)"', text)
        if following is None:
            return len(seen)
        page = address.split("?")[0] + html.unescape(following[1])
    raise AssertionError(f"{address} has no end")


def main(client: Any, address: str = "/") -> str:
    return client.get(address).content.decode().split("<main", 1)[1]


def links(text: str, attribute: str) -> dict[str, tuple[str, str]]:
    """What a number is of → (where its link leads, the rest of the link)."""
    found = re.findall(rf'<a href="([^"]*)" {attribute}="(\w+)"([^>]*>.*?)</a>', text, re.DOTALL)
    return {name: (html.unescape(href), rest) for href, name, rest in found}


def number(rest: str) -> str:
    return re.sub(r"<small>.*?</small>|<[^>]+>|[\s.]", "", rest.split(">", 1)[1])


@pytest.fixture
def world(dropshipper: Any, other_dropshipper: Any) -> Any:
    """Orders and parcels in every state, some by hand and some of shops, and as many of a stranger's."""
    stage.variant("MCI-1", pieces=1000)
    method = stage.method()
    for company in (dropshipper, other_dropshipper):
        stage.money(company, "5000.00")

        def order(state: str, *problems: str, company: Any = company, **fields: Any) -> None:
            made = Order.objects.create(dropshipper=company, state=state, name="Sara Conti", **fields)
            for code in problems:
                Problem.objects.create(order=made, code=code, blocking=code != "phone_missing")

        for source in ("manual", "woocommerce"):
            order("draft", source=source)
            order("received", "unknown_sku", "phone_missing", source=source)
            order("received", "payment_awaiting", payment="awaiting", source=source)
            order("received", "phone_missing", source=source)
            order("ready", "phone_missing", source=source)
            stage.order(company, ("MCI-1", 1), method=method)
            order("cancelled", "unknown_sku", source=source)
        for _n in range(55):  # more than a page holds
            order("received", "no_lines")
        for payment in ("cod", "prepaid"):
            Problem.objects.create(
                order=sent(company, method, payment=payment), code="cancelled_in_shop", blocking=False
            )
            collected(sent(company, method, payment=payment))
        for state in ("packed", "shipped", "out_for_delivery", "held", "returning", "returned", "lost", "cancelled"):
            parcel(company, method=method, state=state, cod="20.00" if state == "held" else "")
        make_shop(company, address=f"http://127.0.0.1:{8 + company.pk % 2}", state="broken")
    return dropshipper


@pytest.mark.parametrize("role", [Member.Role.OWNER, Member.Role.ORDERS, Member.Role.ACCOUNTING])
def test_every_number_is_the_number_of_rows_behind_it(world: Any, client_for: Any, role: str) -> None:
    client = client_for(cast.member(world, role=role))
    text = main(client)
    figures = links(text, "data-figure")
    counted = {name: number(rest) for name, (_href, rest) in figures.items() if "€" not in rest}
    assert set(counted) == {"to_fix", "ready", "in_warehouse", "on_the_road"}
    for name, said in counted.items():
        assert rows_behind(client, figures[name][0]) == int(said), name
    waiting = links(text, "data-to-do")
    assert {
        "shops",
        "held",
        "unknown_sku",
        "no_lines",
        "payment_awaiting",
        "cancelled_in_shop",
        "ready",
        "drafts",
    } <= set(waiting)
    for name, (href, rest) in waiting.items():
        (said,) = re.findall(r'data-n="(\d+)"', rest)
        if name == "shops":
            assert said == "1"
            assert main(client, href).count('data-state="broken"') == 1
        else:
            assert rows_behind(client, href) == int(said), name


def test_money_is_what_the_pages_behind_it_say(world: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    figures = links(main(client), "data-figure")

    def said(name: str) -> D:
        return D(re.sub(r"<[^>]+>|[\s.€]|\xa0", "", figures[name][1].split(">", 1)[1]).replace(",", "."))

    def shown(name: str, attribute: str) -> D:
        return D(re.findall(rf'data-{attribute}="([^"]*)"', main(client, figures[name][0]))[0])

    assert said("available") == shown("available", "available") > 0
    assert said("held") == shown("held", "held") == 2 * D("12.20")
    assert figures["cod_due"][0] == "/wallet/cod/"
    states = re.findall(r'data-figure="(\w+)" [^>]*data-due="([^"]*)"', main(client, "/wallet/cod/"))
    assert said("cod_due") == sum(D(due) for state, due in states if state in ("booked", "collected")) == 2 * D("16.72")


def test_a_number_that_is_wrong_is_found(world: Any, owner: Any, client_for: Any, monkeypatch: Any) -> None:
    """The control: counted as it was, without those that wait for a payment, it is not what the list shows."""
    from mci.pages import figures

    def as_it_was(dropshipper: Any) -> Any:
        found = Order.objects.filter(dropshipper=dropshipper, state="received").exclude(payment="awaiting").count()
        return figures.ToDo(to_fix=found, to_ship=0, ready=0, drafts=0)

    monkeypatch.setattr(figures, "to_do", as_it_was)
    client = client_for(owner)
    href, rest = links(main(client), "data-figure")["to_fix"]
    assert rows_behind(client, href) != int(number(rest))
