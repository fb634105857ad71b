"""The administration under the same poison as the portal: no 5xx, no link that runs, whatever is typed or stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin import ModelAdmin, site
from django.test import Client
from django.urls import reverse

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
    names = [one[0] if isinstance(one, tuple) else one for one in page.list_filter]
    return {f"{name}__{look}" for name in names if isinstance(name, str) for look in ("exact", "gte", "isnull")}


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
