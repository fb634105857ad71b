"""Wherever a page says that money is missing, *Top up* opens the form with exactly that, and leads back; for those who
may top up. The kind is walked: plan, run, order, entry, list, inbox."""

from __future__ import annotations

import html
import re
import uuid
from decimal import Decimal as D
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.urls import reverse

from orders.dispatch import runs
from tests import cast
from tests.connectors.arrivals import PREPAID, arrive, ready_shop
from tests.connectors.conftest import make_shop
from tests.orders import stage
from tests.orders.test_entry_page import filled

pytestmark = pytest.mark.django_db
GAP = D("14.10")  # 20.74 needed, 6.64 there


def links(answer: Any) -> list[tuple[D, str]]:
    """(amount, page that it leads back to) of each link to the form of a top-up."""
    found = []
    page = re.sub(r'<a class="balance".*?</a>', "", answer.content.decode(), flags=re.DOTALL)
    for href in re.findall(r'href="(/wallet/top-up/[^"]*)"', page):
        asked = parse_qs(urlsplit(html.unescape(href)).query)
        found.append((D(asked["amount"][0]), asked["next"][0]))
    return found


@pytest.fixture
def poor(dropshipper: Any) -> Any:
    """One prepaid order that lacks 14.10, typed, and one in an inbox."""
    shop = make_shop(dropshipper, address="http://127.0.0.1:9")
    method = ready_shop(shop, money="6.64")
    typed = stage.order(dropshipper, ("MCI-0001", 1), method=method)
    told = arrive(shop, 4, **PREPAID)
    told.refresh_from_db()
    return typed, told


def pages(typed: Any, told: Any) -> list[str]:
    return [
        reverse("orders:plan") + f"?order={typed.pk}",
        reverse("orders:detail", args=[typed.pk]),
        reverse("connectors:inbox", args=["woocommerce"]) + "?tab=sync",
    ]


def test_every_page_that_says_so_leads_to_the_form_with_the_gap(poor: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    for page in pages(*poor):
        found = links(client.get(page))
        assert found, page
        assert set(found) == {(GAP, page)}, page


def test_who_may_not_top_up_is_led_to_no_closed_door(poor: Any, dropshipper: Any, client_for: Any) -> None:
    client = client_for(cast.member(dropshipper, role="orders"))
    for page in pages(*poor):
        answer = client.get(page)
        assert answer.status_code == 200
        assert links(answer) == [], page


def test_a_run_that_refused_leads_back_to_itself(poor: Any, owner: Any, client_for: Any) -> None:
    typed, _told = poor
    run = runs.start(
        [typed.pk],
        dropshipper_id=typed.dropshipper_id,
        key=uuid.uuid4(),
        by=owner.pk,
        seen={typed.pk: stage.seen(typed)},
    )
    runs.advance(run.pk)
    page = reverse("orders:run", args=[run.key])
    client = client_for(owner)
    assert links(client.get(page)) == [(GAP, page)]
    # Polled by htmx, the part leads back to the page around it.
    current = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}?from=list"}
    assert links(client.get(page, headers=current)) == [(GAP, f"{page}?from=list")]


def test_the_bars_of_what_is_selected_say_it_too(poor: Any, owner: Any, client_for: Any) -> None:
    typed, told = poor
    client = client_for(owner)
    for part, page, order in (
        (reverse("orders:plan"), "/orders/?tab=ready", typed),
        (reverse("connectors:selection", args=["woocommerce"]), "/inbox/woocommerce/?tab=sync", told),
    ):
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
        ask = client.get if part == reverse("orders:plan") else client.post
        assert links(ask(part, {"order": order.pk}, headers=headers)) == [(GAP, page)], part


def test_the_entry_of_an_order_says_it_while_it_is_typed(poor: Any, owner: Any, client_for: Any) -> None:
    typed, _told = poor
    said = filled(("MCI-0001", 1), method=typed.method_id)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/orders/new/"}
    answer = client_for(owner).post(reverse("orders:preview"), said, headers=headers)
    assert links(answer) == [(GAP, "/orders/new/")]


def test_no_template_makes_this_link_by_itself() -> None:
    """A page that says “missing” and links to the form by hand loses the gap or the way back."""
    folder = Path(settings.BASE_DIR) / "templates"
    by_hand = re.compile(r"""url(?:_if)? ["']wallet:top_up["']""")
    found = [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*.html"))
        if not path.is_relative_to(folder / "wallet") and by_hand.search(path.read_text())
    ]
    assert found == []
