"""What the staff may do, by every address that there is: staff × permissions × methods. It grows from the URL list and
from the administration's: a page of the staff that asks for no permission fails here. Tenants: test_strangers.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, URLPattern, get_resolver, resolve, reverse

from accounts import access
from orders import urls as orders_urls
from orders.pages import desk as orders_desk
from shipping.models import Shipment
from tests import cast, dump
from tests.journeys import world as worlds
from tests.mci.test_pages_in_states import World, body, client_of, routes, subjects
from tests.second_look import seen

pytestmark = pytest.mark.django_db

# The staff's pages: who reads (GET) and who acts (POST), by the first letter of the group. docs/security.md shows this.
STAFF = {
    "orders:desk": ("MCAR", ""),
    "orders:desk_order": ("MCAR", ""),
    "orders:pack": ("", "MR"),
    "orders:ship": ("", "MR"),
    "orders:ship_many": ("", "MR"),
    "orders:ship_listed": ("", "MR"),
    "orders:take_back": ("", "MR"),
    "orders:renumber": ("", "MR"),
    "orders:cash_back": ("", "CR"),
    "orders:deliver": ("", "MR"),
    "orders:remit": ("", "CR"),
    "orders:staff_cancel": ("", "AR"),
    "orders:returns": ("MCAR", ""),
    "orders:return_in": ("MCAR", "MR"),
    "orders:return_case": ("MCAR", ""),
    "orders:return_inspect": ("", "MR"),
    "orders:return_settle": ("", "CR"),
    "orders:case_decide": ("", "AR"),
    "orders:case_receive": ("", "MR"),
    "orders:lose": ("", "CR"),
    "orders:loss": ("", "CR"),
    "orders:claim": ("", "CAR"),
    "orders:who_pays": ("MCAR", "R"),
    "orders:print_paper": ("", "MR"),
    "orders:print_many": ("", "MR"),
    "orders:print_run": ("MR", ""),
    "orders:print_file": ("MR", ""),
    "orders:waves": ("MCAR", ""),
    "orders:wave": ("MCAR", ""),
    "orders:wave_new": ("", "MR"),
    "orders:wave_scan": ("", "MR"),
    "orders:wave_back": ("", "MR"),
    "orders:wave_list": ("MR", ""),
    "orders:shelves": ("MCAR", ""),
    "orders:shelf_put": ("", "MR"),
    "orders:shelf_take": ("", "MR"),
    "orders:shelf_list": ("", "MR"),
    "orders:bench": ("MCAR", ""),
    "orders:bench_scan": ("", "MR"),
    "orders:bench_order": ("MR", ""),
    "orders:bench_item": ("", "MR"),
    "orders:bench_close": ("", "MR"),
    "orders:bench_leave": ("", "MR"),
    "orders:manifests": ("MCAR", ""),
    "orders:manifest_scan": ("", "MR"),
    "orders:manifest": ("MCAR", ""),
    "orders:manifest_file": ("MR", ""),
    "orders:manifest_day": ("MCAR", ""),
    "orders:manifest_close": ("", "MR"),
    "shipping:courier_file": ("MR", ""),
    "wallet:topups_desk": ("CAR", "CR"),
    "wallet:adjustments": ("CR", "CR"),
    "wallet:second": ("", "CR"),
    "accounts:dropshippers": ("CAR", ""),
    "accounts:dropshipper": ("CAR", "R"),
    "accounts:company_changes": ("CAR", ""),
    "accounts:company_change": ("CAR", "CR"),
}
GROUPS = {"M": "Magazzino", "C": "Contabilità", "A": "Assistenza", "R": "Responsabile"}
# Pages that are nobody's in particular: whoever signs in, or anybody, has them; below /account/ all is one's own (or
# the signed token in the address is the right itself): tests/accounts hold it.
# The search finds for each what he may open, page by page: tests/mci/test_search.py. The last two lead below /account/.
ANYBODYS = {"mci:dashboard", "mci:search", "media", "admin_login", "admin_password"}
REFUSED = (403, 404, 405)


def some() -> World:
    """One of each row that a page of the staff may be about."""
    clerk, has = worlds.build("staff")
    parcel = Shipment.objects.get(pk=has["on_its_way"])
    return World({"staff": clerk}, has | {"courier": parcel.method.courier.code, "product": "mci-0001"})


def views(resolver: Any = None, namespace: str = "") -> Iterator[tuple[str, Any]]:
    """(name, view) of every address but the administration's."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield (f"{namespace}:{entry.name}" if namespace else str(entry.name)), entry.callback
        elif entry.namespace not in ("admin", "api"):  # programs: tests/api
            yield from views(entry, entry.namespace or namespace)


def needs_of(name: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = getattr(dict(views())[name], "needs", {})
    return found


def address_of(name: str, world: World) -> str:
    known = dict(routes())[name]
    return reverse(name, kwargs=(subjects(name, known, world) or [{}])[0])


def is_anybodys(name: str) -> bool:
    return name in ANYBODYS or name.startswith("hooks:") or address_of(name, World()).startswith("/account/")


@pytest.fixture
def world(settings: Any) -> World:
    settings.MEDIA_ROOT = "/nonexistent"
    return some()


def ask(client: Client, method: str, address: str, data: dict[str, Any] | None = None) -> int:
    """The status of the answer; whatever it did is undone."""
    with transaction.atomic():
        answer = getattr(client, method)(address, data or {})
        body(answer)
        transaction.set_rollback(True)
    return int(answer.status_code)


def test_every_page_of_the_staff_asks_for_a_permission() -> None:
    assert {name for name, view in views() if getattr(view, "needs", None)} == set(STAFF)


def test_control_a_page_that_asks_for_no_permission_is_found(world: World, monkeypatch: Any) -> None:
    """The desk as it was: any of the staff reads it."""
    entry = next(entry for entry in orders_urls.urlpatterns if entry.name == "desk")
    monkeypatch.setattr(entry, "callback", access.staff_required(orders_desk.desk.__wrapped__.__wrapped__.__wrapped__))
    assert "get orders:desk: 200" in _opened_without_any(world)
    assert "orders:desk" not in {name for name, view in views() if getattr(view, "needs", None)}


def test_staff_who_were_given_nothing_open_nothing_but_their_own(world: World) -> None:
    """A view of the staff that forgot its permission answers 200 here, whatever decorator it wears."""
    assert _opened_without_any(world) == []


def _opened_without_any(world: World) -> list[str]:
    client, wrong, before = client_of(cast.staff("-")), [], dump.digests()
    for name, _arguments in routes():
        if is_anybodys(name):
            continue
        for method in ("get", "post", "put", "delete"):
            answer = getattr(client, method)(address_of(name, world))
            sent_home = answer.status_code == 302 and answer.headers["Location"] == "/"
            if answer.status_code not in REFUSED and not sent_home:
                wrong.append(f"{method} {name}: {answer.status_code}")
    assert dump.changed(before) == []
    return wrong


@pytest.mark.parametrize("letter", GROUPS)
def test_a_group_opens_its_pages_and_no_other(world: World, letter: str) -> None:
    client, wrong, before = client_of(cast.staff(GROUPS[letter])), [], dump.digests()
    for name, who in STAFF.items():
        address = address_of(name, world)
        for method, may in zip(("get", "post"), who, strict=True):
            status = ask(client, method, address)
            if not may:
                assert status == 405 or method == "post", (name, method, status)
            elif (letter in may) != (status not in REFUSED):
                wrong.append(f"{letter} {method} {name}: {status}")
            if letter not in may and status not in REFUSED:
                wrong.append(f"{letter} {method} {name}: {status}")
            if letter not in may:  # not undone: there must be nothing to undo
                getattr(client, method)(address, {"decision": "approve", "tracking": "X", "lines": "MCI-000001 X"})
    assert not wrong, "\n".join(wrong)
    assert dump.changed(before) == []


def test_one_permission_opens_what_asks_for_it_and_no_more(world: World) -> None:
    wrong = []
    permissions = sorted({one for name in STAFF for wanted in needs_of(name).values() for one in wanted})
    assert len(permissions) >= 14
    for permission in permissions:
        person = cast.staff("-")
        person.user_permissions.add(cast.permission(permission.partition(".")[2]))
        client = client_of(person)
        for name in STAFF:
            needs, address = needs_of(name), address_of(name, world)
            for method, wanted in (("get", needs["read"]), ("post", needs["act"])):
                status = ask(client, method, address)
                if permission not in wanted and status not in (403, 405):
                    wrong.append(f"{permission} {method} {name}: {status}")
                if permission in wanted and method == "get" and status not in (200, 302, 405):
                    wrong.append(f"{permission} {method} {name}: {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("letter", ["-", *GROUPS])
def test_no_link_nor_button_leads_where_its_reader_may_not_go(world: World, letter: str) -> None:
    person = cast.staff(GROUPS.get(letter, "-"))
    client, wrong, seen = client_of(person), [], set()
    queue, buttons = ["/"], 0
    queue += [address_of(name, world) for name, who in STAFF.items() if letter in who[0]]
    while queue:
        page = queue.pop()
        answer = client.get(page)
        text = body(answer)
        if answer.status_code == 403:
            wrong.append(f"a link to {page}")
        if answer.status_code != 200 or page.startswith("/admin/"):
            continue
        for form in re.findall(r"<form[^>]*>", text):
            action = (re.findall(r'action="([^"]*)"', form) or [page])[0]
            name = _name_of(action) if 'method="post"' in form else ""
            needs = needs_of(name) if name in STAFF else None
            buttons += needs is not None
            if needs and not any(person.has_perm(one) for one in needs["act"]):
                wrong.append(f"a button on {page} to {action}")
        for link in map(unescape, re.findall(r'href="(/[^"#]*)', text)):
            name = _name_of(link)  # one page of each kind
            if not link.startswith(("/static/", "/media/", "/account/")) and name not in seen:
                seen.add(name)
                queue.append(link)
    assert not wrong, "\n".join(wrong)
    assert bool(buttons) is (letter != "-")


def _name_of(address: str) -> str:
    try:
        return resolve(address.partition("?")[0]).view_name
    except Resolver404:
        return ""


# The administration ---------------------------------------------------------------------------------------------------


def test_the_administration_follows_the_groups(world: World, rf: Any) -> None:
    """Each desk of the administration, each act and each action: those who may, by Django's own permissions of their
    groups, and nobody where even a superuser may not (the books)."""
    wrong, tried = [], 0
    boss = client_of(world.people["staff"])
    people = {letter: cast.staff(GROUPS.get(letter, "-")) for letter in ("-", *GROUPS)}
    clients = {letter: client_of(person) for letter, person in people.items()}
    before = dump.digests()
    for model, desk in admin.site._registry.items():
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model._default_manager.order_by("pk").first()
        acts = {"changelist": (reverse(f"{place}_changelist"), ("view", "change"))}
        acts["add"] = (reverse(f"{place}_add"), ("add",))
        if row is not None:
            tried += 1
            acts["change"] = (reverse(f"{place}_change", args=[row.pk]), ("view", "change"))
            acts["history"] = (reverse(f"{place}_history", args=[row.pk]), ("view", "change"))
            acts["delete"] = (reverse(f"{place}_delete", args=[row.pk]), ("delete",))
        for act, (address, words) in acts.items():
            possible = ask(boss, "get", address)
            for letter, person in people.items():
                client = clients[letter]
                has = {word for word in ("view", "add", "change", "delete") if _has(person, model, word)}
                status = ask(client, "get", address)
                may = possible == 200 and bool(has & set(words)) and not _is_for_the_boss(model)
                of_staff = act in ("change", "delete") and _is_of_staff(row)  # a clerk looks at them, no more
                if (status == 200) != may and not (of_staff and status == 403 and act == "delete"):
                    wrong.append(f"{letter} get {place} {act}: {status}")
                if act == "change" and "change" not in has:
                    if client.post(address, {}).status_code != 403:
                        wrong.append(f"{letter} post {place} {act}")
                elif not may and act in ("add", "delete") and client.post(address, {"post": "yes"}).status_code != 403:
                    wrong.append(f"{letter} post {place} {act}")
        if row is not None:
            wrong += _actions(desk, place, row, people, {**clients, "boss": boss}, rf)
    assert not wrong, "\n".join(wrong)
    assert tried > 12
    assert dump.changed(before) == []


def _has(person: Any, model: Any, word: str) -> bool:
    return bool(person.has_perm(f"{model._meta.app_label}.{word}_{model._meta.model_name}"))


def _is_for_the_boss(model: Any) -> bool:
    return model._meta.label == "auth.Group"


def _is_of_staff(row: Any) -> bool:
    return bool(getattr(row, "is_staff", False))


def _actions(desk: Any, place: str, row: Any, people: dict[str, Any], clients: dict[str, Client], rf: Any) -> list[str]:
    """Actions that somebody is offered without the permission; posted by those who are not, they do nothing."""
    wrong = []
    for letter, person in people.items():
        request = rf.get("/")
        request.user = person
        offered = set(desk.get_actions(request))
        if "approve" in offered and not person.has_perm("accounts.approve_dropshipper"):
            wrong.append(f"{letter} {place} approve")
        if "replay" in offered and not person.has_perm("connectors.change_delivery"):
            wrong.append(f"{letter} {place} replay")
        if "delete_selected" in offered and not _has(person, type(row), "delete"):
            wrong.append(f"{letter} {place} delete_selected")
        request.user = cast.User(is_superuser=True, is_active=True, is_staff=True)
        for action in set(desk.get_actions(request)) - offered:
            data = {"action": action, "_selected_action": str(row.pk), "index": "0"}
            data = seen(clients["boss"], reverse(f"{place}_changelist"), data)  # as who may was shown it
            clients[letter].post(reverse(f"{place}_changelist"), data)
    return wrong


def test_the_books_are_read_only_for_everybody(staff: Any, client_for: Any) -> None:
    client = client_for(staff)
    for model in ("entry", "account", "topup"):
        assert client.get(reverse(f"admin:wallet_{model}_add")).status_code == 403


def test_groups_are_the_superusers_own(client_for: Any) -> None:
    for letter in GROUPS:
        assert client_for(cast.staff(GROUPS[letter])).get("/admin/auth/group/").status_code == 403
    page = client_for(cast.staff()).get(f"/admin/auth/group/{cast.Group.objects.get(name='Magazzino').pk}/change/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "session" not in text.split("<main", 1)[-1].split("id_permissions", 1)[-1].lower()
