"""Nothing that comes from outside breaks a page: no 5xx for NUL, half characters, absurd numbers, dates and cursors,
wherever a text, an id, a cursor or a timestamp comes in; and no GET changes anything."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import resolve

from tests import cast
from tests.journeys import world as worlds
from tests.mci.poison import (
    ALONE,
    RAW,
    VALUES,
    Form,
    Page,
    cursors,
    fields_of_filters,
    mixed,
    names_in_code,
    route_of,
    some,
    turn,
)
from tests.mci.test_pages_in_states import STAFF_ONLY, World, addresses, body, client_of, subjects

pytestmark = pytest.mark.django_db
SIGNS_OUT = {"account_logout"}


@pytest.fixture(autouse=True)
def _no_log() -> Iterator[None]:
    """Thousands of refusals, of which each is a line."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(settings: Any, tmp_path: Any) -> World:
    from connectors.models import Delivery, Match, Shop
    from shipping.models import Shipment

    settings.MEDIA_ROOT = str(tmp_path)
    clerk, has = worlds.build("staff")
    shop = Shop.objects.get(pk=has["shop"])
    owner = cast.User.objects.get(member__dropshipper_id=has["seller"], member__role="owner")
    courier = Shipment.objects.get(pk=has["on_its_way"]).method.courier.code
    match = Match.objects.filter(shop=shop).first() or Match.objects.create(shop=shop, subject="sku:L")
    has |= {"match": match.pk, "delivery": Delivery.objects.first().pk, "courier": courier, "product": "mci-0001"}
    return World({"owner": owner, "staff": clerk, "nobody": None}, has)


def first(world: World) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, address in addresses(world):
        found.setdefault(name, address)
    return found


def contents() -> dict[str, str]:
    """A fingerprint of each table that a page may not change by being looked at."""
    with connection.cursor() as cursor:
        names = sorted(set(connection.introspection.table_names(cursor)) - {"django_session", "core_cache"})
        found = {}
        for name in names:
            cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{name}\" t")
            found[name] = cursor.fetchone()[0]
    return found


def ask(client: Client, address: str, wrong: list[str], **how: Any) -> int:
    answer = client.get(address, **how)
    body(answer)
    if answer.status_code >= 500:
        wrong.append(f"GET {address[:300]} {how}: {answer.status_code}")
    return int(answer.status_code)


def pages(client: Client, world: World) -> Iterator[tuple[str, str, Page]]:
    for name, address in first(world).items():
        answer = client.get(address)
        if answer.status_code == 200 and "text/html" in answer.headers.get("Content-Type", ""):
            yield name, address, Page(address, body(answer))


def names_of(page: Page) -> set[str]:
    """Of the filters and links of a page that lead back to it."""
    route, found = route_of(page.address), set()
    for form in page.forms:
        if form.method == "get" and route_of(form.action) == route:
            found |= set(form.fields)
    for _tag, _name, link in page.links:
        if link.startswith("?") or route_of(link) == route:
            found |= set(re.findall(r"[?&](\w+)=", link))
    return found


@pytest.mark.long
def test_no_query_breaks_a_page_nor_changes_anything(world: World) -> None:
    everywhere = sorted(names_in_code("GET") | fields_of_filters() | {"page", "cursor"})
    assert {"cursor", "q", "tab", "show", "days", "first", "sku", "attempt", "part", "order", "run"} <= set(everywhere)
    assert "kept" in everywhere, "it is read by a constant, before what cleans queries"
    wrong: list[str] = []
    clients = {role: client_of(person) for role, person in world.people.items()}
    own = {}
    for role, client in clients.items():
        for _name, address, page in pages(client, world):
            own.setdefault((role, address), names_of(page))
    before = contents()
    for role, client in clients.items():
        for address in turn(first(world).values(), 3, str(role)):
            if (status := ask(client, address, wrong)) in (301, 302, 405) or (status in (403, 404) and role != "owner"):
                continue
            for values in mixed(everywhere, 2 if role == "owner" else 1, address):
                ask(client, address, wrong, query_params=values)
            names = sorted(own.get((role, address), set()) | {"q"})
            for name in names:
                for value in some(ALONE, 1, address + name):
                    ask(client, address, wrong, query_params={name: value})
            for name in some(names, 2, address):
                ask(client, address, wrong, query_params={name: ["1", "\ufffd", "2"]}, headers={"HX-Request": "true"})
            for raw in some(RAW, 1, address):
                ask(client, f"{address}?q={raw}", wrong)
    assert not wrong, "\n".join(sorted(set(wrong))[:40])
    changed = {table for table, content in contents().items() if before[table] != content}
    assert changed <= MAY_CHANGE, changed


MAY_CHANGE: set[str] = set()


@pytest.mark.long
def test_no_cursor_breaks_a_page(world: World) -> None:
    wrong: list[str] = []
    turned = 0
    for role in ("owner", "staff"):
        client = client_of(world.people[role])
        for name, address in first(world).items():
            module = sys.modules[resolve(address).func.__module__]
            if '"cursor"' not in Path(str(module.__file__)).read_text() or client.get(address).status_code != 200:
                continue
            turned += 1
            for cursor in some(list(cursors()), 4, name) if (role == "staff") is (name in STAFF_ONLY) else ():
                ask(client, address, wrong, query_params={"cursor": cursor})
    assert turned > 12
    assert not wrong, "\n".join(sorted(set(wrong))[:40])


def paths(world: World) -> Iterator[str]:
    """Each address with each of its arguments turned into what it cannot be."""
    odd = ("%00", "%ED%A0%80", quote("٣"), "-1", "9" * 5000, "..%2f..%2fetc%2fpasswd", "%2500", quote("\u202e"))
    for name, address in first(world).items():
        arguments = (subjects(name, _arguments(name), world) or [{}])[0]
        for value in arguments.values():
            for poison in some(odd, 3, name):
                yield re.sub(rf"/{re.escape(str(value))}(?=/|$)", lambda _found, p=poison: f"/{p}", address, count=1)
    yield from (
        f"{place}{poison}"
        for place in ("/", "/media/", "/static/", "/admin/", "/webhooks/", "/inbox/")
        for poison in odd
    )


def _arguments(name: str) -> set[str]:
    from tests.mci.test_pages_in_states import routes

    return next(known for route, known in routes() if route == name)


@pytest.mark.long
def test_no_path_breaks_the_portal(world: World) -> None:
    wrong: list[str] = []
    for person in world.people.values():
        client = client_of(person)
        for address in turn(dict.fromkeys(paths(world)), 2, str(person)):
            status = ask(client, address, wrong)
            if "%00" in address and status not in (301, 302, 401, 403, 404, 405):
                wrong.append(f"{address}: {status}")
    assert not wrong, "\n".join(sorted(set(wrong))[:40])


def forms_of(client: Client, world: World) -> dict[tuple[str, str], Form]:
    """Every form that is posted, once per route and set of fields."""
    found: dict[tuple[str, str], Form] = {}
    for _name, _address, page in pages(client, world):
        for form in page.forms:
            if form.method == "post" and (route := route_of(form.action)) and route not in SIGNS_OUT:
                names = {re.sub(r"[0-9]+", "", name) for name in form.fields}
                found.setdefault((route, ",".join(sorted(names))), form)
    return found


def send(client: Client, address: str, data: dict[str, Any], wrong: list[str], **how: Any) -> None:
    """Posted and taken back."""
    with transaction.atomic():
        answer = client.post(address, data, **how)
        said = body(answer) if answer.status_code < 500 else ""
        if answer.status_code >= 500 and answer.status_code != 503:
            wrong.append(f"POST {address} { {k: str(v)[:20] for k, v in data.items()} }: {answer.status_code}")
        if "\0" in said and answer["Content-Type"].startswith(("text/", "application/json")):
            wrong.append(f"POST {address}: NUL in the answer")
        transaction.set_rollback(True)


@pytest.mark.long
@pytest.mark.parametrize("role", ["owner", "staff", "nobody"])
def test_no_field_breaks_a_form(world: World, role: str) -> None:
    wrong: list[str] = []
    client = client_of(world.people[role])
    forms = forms_of(client, world)
    assert len(forms) > {"owner": 25, "staff": 5, "nobody": 3}[role]
    for form in turn(forms.values(), 3, role) if role == "owner" else forms.values():
        for values in mixed(form.fields, 2, form.action):
            send(client, form.action, values, wrong)
        for name in {re.sub(r"[0-9]+", "", name): name for name in form.fields}.values():  # one row of many
            for value in some(ALONE, 1, form.action + name):
                send(client, form.action, {**form.fields, name: value}, wrong)
        send(client, form.action, {name: ["1", "2", ""] for name in form.fields}, wrong, headers={"HX-Request": "true"})
    assert not wrong, "\n".join(sorted(set(wrong))[:40])


@pytest.mark.long
def test_no_act_breaks_on_fields_that_no_page_shows(world: World) -> None:
    """All names that code reads from a form, at each address that takes one."""
    names = sorted(names_in_code("POST") | fields_of_filters())
    wrong: list[str] = []
    for role, person in world.people.items():
        client = client_of(person)
        for name, address in turn(first(world).items(), 3, role):
            if name not in SIGNS_OUT and not name.startswith("hooks:"):
                for values in mixed(names, 2 if role == "owner" else 1, address):
                    send(client, address, values, wrong)
    assert not wrong, "\n".join(sorted(set(wrong))[:40])


def test_a_field_that_is_no_text_is_refused_in_the_reader_s_language(world: World) -> None:
    client = client_of(world.people["owner"])
    answer = client.post("/orders/new/", {"recipient": "Anna\0"})
    assert answer.status_code == 400
    assert "richiesta" in body(answer)
    assert client.get("/orders/?q=%00").status_code == client.get("/orders/?q=%ED%A0%80").status_code == 400
    assert client.get("/orders/%00/").status_code == 404


FILES = ["a\0.csv", "../../etc/passwd", "x" * 5000, "\u202egpj.exe", 'a"\r\nX-Evil: 1', ""]
CONTENTS = [b"", b"\0" * 9, b"\xff\xfe\x00", b"sku;pieces\n\0;\xed\xa0\x80\n", b"PK\x03\x04"]


def test_no_file_breaks_an_upload(world: World) -> None:
    wrong: list[str] = []
    client = client_of(world.people["owner"])
    for name, content in product(FILES, CONTENTS):
        file = SimpleUploadedFile("a.csv", content)
        file._name = name
        send(client, f"/shops/{world.has['shop']}/bulk-match/import/", {"file": file}, wrong)
    assert not wrong, "\n".join(wrong)


COOKIES = [
    r'"aaaaaaaaaaaa\000"',
    r'"\012aaaaaaaaaa"',
    "x" * 9000,
    "%00%00%00%00%00%00%00%00",
    '"\\355\\240\\200aaaaaaaa"',
    "",
]


@pytest.mark.parametrize("value", COOKIES)
def test_no_cookie_breaks_a_page(db: None, value: str) -> None:
    wrong: list[str] = []
    for name in ("sessionid", "csrftoken", "messages", "django_language", "mci_theme", "mci_guesses"):
        for address in ("/", "/account/login/", "/orders/", "/media/x", "/static/x"):
            ask(Client(raise_request_exception=False), address, wrong, headers={"Cookie": f"{name}={value}"})
    assert not wrong


HEADERS = [
    "\xff\xfe",
    "x" * 9000,
    "%00",
    "javascript:alert(1)",
    "//evil.example",
    "-1",
    "9" * 400,
    "٣".encode().decode("latin1"),
]


@pytest.mark.long
def test_no_header_breaks_a_page(world: World) -> None:
    names = ["Accept-Language", "Referer", "X-Forwarded-For", "HX-Current-URL", "HX-Request", "HX-Target", "User-Agent"]
    names += [
        "If-Modified-Since",
        "If-None-Match",
        "Accept",
        "Range",
        "X-Forwarded-Proto",
        "HX-Current-URL-URI-AutoEncoded",
    ]
    wrong: list[str] = []
    clients = [client_of(person) for person in world.people.values()]
    for client, value in product(clients, HEADERS):
        for name in turn(names, 2, value):
            places = ("/", "/account/login/", "/orders/", f"/shops/{world.has['shop']}/", "/orders/export/")
            for address in some(places, 1, name + value):
                ask(client, address, wrong, headers={name: value})
            send(client, "/settings/", {}, wrong, headers={name: value})
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
def test_no_message_of_a_shop_breaks_its_reader(world: World) -> None:
    wrong: list[str] = []
    client = Client(raise_request_exception=False)
    odd = ["\0", "\ud800", "x" * 10_000, 10**17, -1, 1.5, None, True, [], {}, "٣", ["\0"], {"\0": "\ud800"}]
    names = {
        "user_id",
        "consumer_key",
        "consumer_secret",
        "key_permissions",
        "key_id",
        "code",
        "proof",
        "site",
        "language",
    }
    names |= {"token", "secret", "shop", "about", "ask", "install", "pairing", "orders", "versions", "name", "address"}
    for slug in ("woocommerce", "wordpress", "shopify", "nothing", "x%00"):
        for value in odd:
            for said in (
                dict.fromkeys(names, value),
                *({"code": "x", "user_id": "y", name: value} for name in names),
                value,
            ):
                with transaction.atomic():
                    answer = client.post(
                        f"/connect/{slug}/callback/", json.dumps(said).encode(), content_type="application/json"
                    )
                    transaction.set_rollback(True)
                if answer.status_code >= 500:
                    wrong.append(f"{slug} {str(said)[:80]}: {answer.status_code}")
        for raw in (b"", b"\0", b"\xff", b"[" * 10_000, b"NaN", b"{}", b'{"a":1,"a":2}', b"x" * 20_000):
            answer = client.post(f"/connect/{slug}/callback/", raw, content_type="application/json")
            if answer.status_code >= 500:
                wrong.append(f"{slug} {raw[:20]!r}: {answer.status_code}")
        for name in ("code", "state", "hmac", "shop", "timestamp", "host", "success", "user_id"):
            for value in VALUES:
                ask(client, f"/connect/{slug}/callback/", wrong, query_params={name: value})
                ask(client, f"/connect/{slug}/install/", wrong, query_params={name: value})
    assert not wrong, "\n".join(wrong[:40])
