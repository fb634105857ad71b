"""Tenants × roles × methods, and what each role of a reseller sees of customers: by every address that there is. An id
of another's is a 404 for every role and every method, whatever the address, and nothing has changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import middleware
from accounts.models import Dropshipper
from core import tenancy
from orders import queries
from orders.models import Order
from shipping.models import Shipment
from tests import cast, dump
from tests.mci.test_pages_in_states import (
    BY_PLATFORM,
    World,
    addresses,
    body,
    client_of,
    many,
    routes,
    subjects,
)
from tests.mci.test_who_may import STAFF, is_anybodys, some

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "patch", "delete")
ROLES = ("owner", "orders", "accounting")
# Everybody's: the catalogue is one for all resellers.
SHARED = {"catalog:product", "catalog:images"}
# What a form may name in its body: all of it is another's here.
IDS = {"order": "ready", "orders": "ready", "shop": "shop", "top_up": "top_up_open", "member": "member", "rule": "rule"}


@pytest.fixture
def world(settings: Any) -> World:
    settings.MEDIA_ROOT = "/nonexistent"
    found = some()
    seller = Dropshipper.objects.get(pk=found.has["seller"])
    found.has["member"] = seller.members.first().pk
    return found


def own_routes() -> list[tuple[str, set[str]]]:
    """The routes whose address names a row of a reseller."""
    return [
        (name, known)
        for name, known in routes()
        if known and name not in STAFF and name not in SHARED and name not in BY_PLATFORM and not is_anybodys(name)
    ]


def test_an_id_of_another_is_a_404_for_every_role_and_method_and_changes_nothing(world: World) -> None:
    stranger = cast.dropshipper(name="Altra Bottega")
    clients = {role: client_of(cast.member(stranger, role=role)) for role in ROLES}
    wrong, asked, before = [], 0, dump.digests()
    data = {name: world.has.get(row, 0) for name, row in IDS.items()} | {"decision": "credit", "kind": "cod"}
    routes_of_rows, at_once = own_routes(), 8
    for turn, (name, known) in enumerate(routes_of_rows, 1):
        for number, arguments in enumerate(subjects(name, known, world) or []):
            address = reverse(name, kwargs=arguments)
            for role, client in clients.items():
                if number and role != "owner":
                    continue  # one row shows what a role may; the owner tries them all
                for method in METHODS if not number else ("get", "post"):
                    asked += 1
                    status = getattr(client, method)(address, data if method in ("get", "post") else {}).status_code
                    if status not in (404, 405) and not (status == 403 and role != "owner"):
                        wrong.append(f"{role} {method} {address} ({name}): {status}")
        if turn % at_once and turn < len(routes_of_rows):
            continue  # all tables are read: that costs as much as many requests
        if changed := dump.changed(before):
            names = [one for one, _known in routes_of_rows[max(0, turn - at_once) : turn]]
            wrong.append(f"one of {names} changed {changed}")
            before = dump.digests()
    assert not wrong, "\n".join(wrong)
    assert asked > 700


def test_control_a_door_that_does_not_ask_whose_it_is_is_found(world: World, monkeypatch: Any) -> None:
    """With the door open the database's fence still holds; with both open it is seen."""
    monkeypatch.setattr(queries, "access_order", lambda _dropshipper, pk: queries.access_any_order(pk))
    client, before = client_of(cast.member(cast.dropshipper())), dump.digests()
    page, cancel = (reverse(f"orders:{name}", args=[world.has["ready"]]) for name in ("detail", "cancel"))
    assert (client.get(page).status_code, client.post(cancel).status_code) == (404, 404)
    assert dump.changed(before) == []
    monkeypatch.setattr(middleware, "_rows_of", lambda _request: tenancy.EVERYBODY)
    assert client.get(page).status_code == 200
    client.post(cancel)
    assert "orders_order" in dump.changed(before)


def test_who_is_signed_out_and_staff_without_a_company_change_nothing_either(world: World) -> None:
    people = {"nobody": Client(), "staff": client_of(cast.staff())}
    wrong, before = [], dump.digests()
    for name, known in own_routes():
        address = reverse(name, kwargs=(subjects(name, known, world) or [{}])[0])
        for who, client in people.items():
            for method in METHODS:
                status = getattr(client, method)(address).status_code
                if status not in (302, 403, 404, 405):
                    wrong.append(f"{who} {method} {name}: {status}")
    assert not wrong, "\n".join(wrong)
    assert dump.changed(before) == []


def test_the_ids_of_another_in_a_form_s_body_are_nobody_s(world: World) -> None:
    """Addresses that name no row, or one of one's own: what the body names is another's, and stays as it is."""
    stranger = cast.dropshipper(name="Altra Bottega")
    client = client_of(cast.member(stranger))
    victim = world.has["seller"]
    ids = {name: world.has.get(row, 0) for name, row in IDS.items()}
    ids |= {"pk": world.has["ready"], "ids": world.has["ready"], "item": 1, "listing": 1, "key": world.has["run"]}
    before = _rows_of(victim)
    for name, known in routes():
        if (known and name not in BY_PLATFORM) or name in STAFF or is_anybodys(name):
            continue
        for arguments in subjects(name, known, world) or []:
            client.post(reverse(name, kwargs=arguments), ids)
            if _rows_of(victim) != before:
                pytest.fail(f"{name} changed what is another's")
    assert client.get("/").status_code == 200  # he is still who he was


def _rows_of(dropshipper_id: int) -> dict[str, Any]:
    """All rows that name this reseller, or an order or shop of his."""
    from django.apps import apps
    from django.db.models import Q

    found = {}
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields if field.is_relation}
        wanted = Q()
        for path in (
            "dropshipper",
            "order__dropshipper",
            "shop__dropshipper",
            "account__dropshipper",
            "run__dropshipper",
        ):
            first, _sep, second = path.partition("__")
            if first not in names:
                continue
            target = model._meta.get_field(first).related_model
            if not second or any(field.name == second for field in target._meta.concrete_fields):
                wanted |= Q(**{path: dropshipper_id})
        if wanted:
            rows = model._default_manager.filter(wanted).values_list()
            found[model._meta.label] = sorted(
                repr([bytes(value) if isinstance(value, memoryview) else value for value in row]) for row in rows
            )
    assert len(found) > 15
    return found


# What the accounting sees of customers --------------------------------------------------------------------------------


def customers(seller: int) -> dict[str, set[str]]:
    """Streets, phones, e-mails and notes of the seller's customers, wherever they stand."""
    found: dict[str, set[str]] = {"street": set(), "phone": set(), "email": set(), "note": set()}
    for model in (Order, Shipment):
        for kind, known in found.items():
            known |= set(model.objects.filter(dropshipper=seller).values_list(kind, flat=True))
    company = Dropshipper.objects.get(pk=seller)
    own = {company.phone, company.street, ""} | set(cast.User.objects.values_list("email", flat=True))
    return {kind: {value for value in known if len(value) > 4} - own for kind, known in found.items()}


def pages(client: Client, world: World) -> dict[str, str]:
    """Address → text of all that this person may read."""
    found = {}
    for name, address in addresses(world):
        if name in STAFF or is_anybodys(name):
            continue
        for asked in (
            (address, f"{address}?tab=all&q=") if name.endswith((":list", ":inbox", ":export")) else (address,)
        ):
            answer = client.get(asked)
            text = body(answer)
            if answer.status_code == 200:
                found[asked] = text
    return found


def test_the_accounting_reads_no_street_phone_or_e_mail_of_a_customer(settings: Any) -> None:
    settings.MEDIA_ROOT = "/nonexistent"
    world = many()
    seller = world.has["seller"]
    # Such as courier, timeline and problems may carry along.
    Order.objects.filter(dropshipper=seller).update(
        note="Citofonare Zanobini", details=[["Nota", "Citofonare Zanobini"]]
    )
    secrets = customers(seller)
    assert all(secrets.values()), secrets
    shown: dict[str, set[tuple[str, str]]] = {}
    for role in ("orders", "accounting"):
        shown[role] = set()
        for address, text in pages(client_of(world.people[role]), world).items():
            plain = text.replace("&#x27;", "'").replace("&amp;", "&")
            shown[role] |= {(kind, address) for kind, values in secrets.items() for value in values if value in plain}
    assert {kind for kind, _address in shown["orders"]} == set(secrets)  # the sieve finds what is there
    assert shown["accounting"] == set()


def test_no_search_tells_the_accounting_whose_phone_or_street_it_is(world: World) -> None:
    client = client_of(cast.member(Dropshipper.objects.get(pk=world.has["seller"]), role="accounting"))
    order = Order.objects.get(pk=world.has["sent"])
    assert order.phone
    assert order.street
    for address in (
        "/orders/",
        "/inbox/woocommerce/",
        "/shipments/",
        "/inbox/woocommerce/export.csv",
        "/shipments/export.csv",
    ):
        found = _answer(client, address, order.number)
        nothing = _answer(client, address, "nothing-of-that-name")
        assert found != nothing, address
        for secret in {order.phone, order.phone[-7:], order.street, order.street[:8], order.email} - {""}:
            assert _answer(client, address, secret).replace(secret, "") == nothing.replace("nothing-of-that-name", "")


def _answer(client: Client, address: str, text: str) -> str:
    """Which orders and parcels the page shows."""
    import re

    found = body(client.get(address, {"q": text, "tab": "all"}))
    return " ".join(re.findall(r"MCI-\d{6}", found))
