"""The administration under the same poison as the portal: no 5xx, no link that runs, whatever is typed or stored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib.admin import ModelAdmin, site
from django.contrib.admin.utils import get_fields_from_path
from django.db import connection
from django.db.models import BooleanField
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import cast
from tests.mci import admin_pages
from tests.mci.poison import ALONE, Form, Page, mixed, some
from tests.mci.test_links import EVIL, running
from tests.mci.test_pages_in_states import World, body, client_of
from tests.mci.test_poison import _no_log, ask, send, world  # noqa: F401 - world and _no_log are fixtures

pytestmark = pytest.mark.django_db
NAMES = {"q", "o", "p", "e", "all", "_popup", "_to_field", "_changelist_filters", "_facets", "next"}


def places(client: Client) -> Iterator[tuple[str, str]]:
    """(address, what it is) of each list, of its empty form and of one of its rows."""
    yield reverse("admin:index"), "index"
    for model in site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist"), "list"
        yield reverse(f"{name}_add"), "form"
        if (row := model._default_manager.order_by("-pk").first()) is not None:
            yield reverse(f"{name}_change", args=[row.pk]), "form"
            yield reverse(f"{name}_history", args=[row.pk]), "history"
            yield reverse(f"{name}_delete", args=[row.pk]), "delete"


def filters(page: ModelAdmin[Any]) -> set[str]:
    """What the filters beside a list read from its address."""
    names = [one[0] if isinstance(one, tuple) else getattr(one, "parameter_name", one) for one in page.list_filter]
    return {f"{name}__{look}" for name in names if isinstance(name, str) for look in ("exact", "gte", "isnull")}


@pytest.mark.long
def test_no_query_breaks_the_administration(world: World) -> None:  # noqa: F811
    client, wrong = client_of(world.people["staff"]), list[str]()
    seen = 0
    lists = {
        reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist"): p for m, p in site._registry.items()
    }
    for address, _kind in places(client):
        seen += ask(client, address, wrong) == 200
        own = filters(lists[address]) if address in lists else set()
        for values in mixed(NAMES | own, 4 if address in lists else 2, address):
            ask(client, address, wrong, query_params=values)
        for name in own | ({"q", "o", "p"} if address in lists else set()):
            for value in some(ALONE, 1, address + name):  # by itself too: the first that is refused hides the others
                ask(client, address, wrong, query_params={name: value})
    assert seen > 40
    assert not wrong, "\n".join(sorted(set(wrong))[:40])


@pytest.mark.long
def test_no_field_breaks_a_form_of_the_administration(world: World) -> None:  # noqa: F811
    client, wrong, sent = client_of(world.people["staff"]), list[str](), 0
    for address, kind in places(client):
        answer = client.get(address)
        if kind not in ("form", "delete") or answer.status_code != 200:
            continue
        for form in _main(Page(address, body(answer))):
            sent += 1
            for values in mixed(form.fields, 3, address):
                send(client, address, {**form.fields, **values}, wrong)
    assert sent > 12
    assert not wrong, "\n".join(sorted(set(wrong))[:40])


def _main(page: Page) -> list[Form]:
    return [form for form in page.forms if form.method == "post" and "/logout/" not in form.action]


@pytest.mark.parametrize("evil", EVIL[:1])
def test_no_page_of_the_administration_leads_to_a_script(world: World, evil: str) -> None:  # noqa: F811
    from connectors.models import Shop
    from shipping.models import Courier

    Shop.objects.filter(pk=world.has["shop"]).update(address=evil)
    Courier.objects.update(tracking_url=evil)
    client = client_of(world.people["staff"])
    found = [
        (address, *link)
        for address, _kind in places(client)
        if (answer := client.get(address, {"next": evil})).status_code == 200
        for link in running(Page(address, body(answer)))
    ]
    assert found == []


@pytest.mark.long
def test_no_link_of_the_administration_is_refused_to_who_sees_it(world: World) -> None:  # noqa: F811
    """From every page that a group opens, the links on it: none answers 403 or 404. Of links to rows of one kind on one
    page the first and the last, since a list has as many as rows."""
    wrong = []
    for group in ("Magazzino", "Contabilità", "Assistenza", "Responsabile", ""):
        client, seen = client_of(cast.staff(group)), dict[str, int]()
        for label, state, text in admin_pages.walk(client, filtered=False, turns=3):
            kinds: dict[str, list[str]] = {}
            for link in sorted({unescape(one) for one in re.findall(r'<a[^>]* href="(/[^"#]*)', text)}):
                if not link.startswith(("/static/", "/media/", "/account/")):
                    kinds.setdefault(re.sub(r"\d+|=[^&]*", "#", link), []).append(link)
            for link in {one for links in kinds.values() for one in (links[0], links[-1])} - set(seen):
                seen[link] = client.get(link).status_code
                if seen[link] >= 400:
                    wrong.append(f"{group} {label} {state} leads to {link}: {seen[link]}")
        assert len(seen) > 12, group
    assert not wrong, "\n".join(sorted(set(wrong))[:40])


@pytest.mark.long
def test_control_a_link_that_nobody_asked_about_is_found(world: World, monkeypatch: Any) -> None:  # noqa: F811
    """Django's own pages: a key is a link, whoever reads it."""
    from shipping.models import Shipment

    monkeypatch.setattr("core.administration.pages.may_see", lambda *_args: True)
    client = client_of(cast.staff("Magazzino"))
    refused = [
        link
        for _label, _state, text in admin_pages.walk(client, [Shipment])
        for link in re.findall(r'<a[^>]* href="(/admin/[^"#]*)', text)
        if client.get(unescape(link)).status_code == 403
    ]
    assert refused


def test_a_list_costs_no_more_with_more_rows(world: World) -> None:  # noqa: F811
    """The same number of queries for a page of one row and for a page of all: no name is looked up row by row."""
    client, tried = client_of(world.people["staff"]), 0
    for model, desk in site._registry.items():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert desk.list_max_show_all <= 200
        for one in desk.list_filter:  # a column of codes without names: Django would read the whole table for them
            if isinstance(one, str):
                field = get_fields_from_path(model, one)[-1]
                assert field.choices or field.remote_field or isinstance(field, BooleanField), one
        if model._default_manager.count() < 2:
            continue
        tried += 1
        few, many = _cost(client, desk, address, 1), _cost(client, desk, address, 100)
        assert many <= few, f"{model._meta.label}: {few} queries for a row, {many} for a page"
        assert many < 25, model._meta.label
    assert tried > 15


def _cost(client: Client, desk: ModelAdmin[Any], address: str, per_page: int) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk, "list_per_page", per_page)
        client.get(address)  # what is read once and kept
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
    return len(queries)


def test_control_a_column_that_asks_for_each_row_is_found(world: World, monkeypatch: Any) -> None:  # noqa: F811
    from orders.models import Order

    desk, client = site._registry[Order], client_of(world.people["staff"])
    monkeypatch.setattr(type(desk), "total_cost", lambda _self, order: order.lines.count())
    address = reverse("admin:orders_order_changelist")
    assert _cost(client, desk, address, 100) > _cost(client, desk, address, 1)
