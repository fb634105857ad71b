"""Every address that answers a GET, found from the URL list, in the states that a reseller's world can be in: nothing,
one, many (and the pages that follow), after what the page itself does, by each role, with parameters that nobody meant.
Never a 5xx; a 403 or 404 only where it is said here."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from connectors.models import ConnectAttempt
from tests import cast
from tests.journeys import world as worlds
from tests.kept import made_once
from tests.mci.poison import turn

pytestmark = pytest.mark.django_db
Subjects = list[dict[str, Any]]


@dataclass
class World:
    """Who looks, and what there is to look at, by the names of tests/journeys/world.py."""

    people: dict[str, Any] = field(default_factory=dict)
    has: dict[str, Any] = field(default_factory=dict)

    def each(self, argument: str, *names: str) -> Subjects:
        return [{argument: self.has[name]} for name in names if name in self.has] or [{argument: 987654321}]


# Route → what its arguments may be. A route with arguments that is not here fails the test below.
PLATFORM: Subjects = [{"platform": "woocommerce"}, {"platform": "shopify"}, {"platform": "wordpress"}]
SHOPS = ("shop", "broken")
ATTEMPTS = tuple(f"attempt_{phase}" for phase in ConnectAttempt.Phase.values)
OPEN = ("ready", "unknown", "draft", "transfer", "sold_out", "far", "long", "typed", "one")
SENT = ("sent", "packed", "shipped", "delivered", "cancelled")
CASES = ("case_arrived", "case_settled", "case_lost", "case_asked")
BY_ARGUMENT: dict[str, tuple[str, tuple[str, ...]]] = {  # the only argument of these routes, and which rows it names
    **{
        f"connectors:{name}": ("pk", SHOPS)
        for name in (
            *("shop", "accept", "shop_rules", "payment_rules", "pause", "resume", "reconnect", "disconnect", "compare"),
            *("bulk_match", "bulk_match_read", "bulk_match_accept", "bulk_match_export", "bulk_match_import"),
            *("listings", "listings_act", "listings_export", "prices", "price_rule_new", "proofs", "prove"),
            *("tell", "check", "price_drift"),
        )
    },
    **{f"connectors:{name}": ("key", ("publish_run", "publish_waiting")) for name in ("publish_run", "publish_export")},
    **{
        f"connectors:{name}": ("pk", ("attempt", *ATTEMPTS))
        for name in ("attempt", "attempt_confirm", "attempt_drop", "attempt_again")
    },
    "connectors:publish_stop": ("key", ("publish_run",)),
    "connectors:forget": ("pk", ("match",)),
    "connectors:replay": ("pk", ("delivery",)),
    **{f"orders:{name}": ("key", ("run", "waiting_run")) for name in ("run", "run_stop", "run_export")},
    **{f"orders:{name}": ("pk", ("wave", "wave_over")) for name in ("wave", "wave_scan", "wave_back", "wave_list")},
    "orders:transport_document": ("pk", ("sent", "ready")),
    **{f"orders:{name}": ("pk", ("manifest",)) for name in ("manifest", "manifest_file")},
    **{f"orders:{name}": ("code", ("courier",)) for name in ("manifest_day", "manifest_close")},
    **{f"orders:{name}": ("key", ("print_run", "print_waiting")) for name in ("print_run", "print_file")},
    **{
        f"orders:import_{name}": ("key", ("import", "import_columns", "import_waiting"))
        for name in ("one", "columns", "start", "undo", "link", "errors")
    },
    **{
        f"orders:{name}": ("pk", (*OPEN, *SENT))
        for name in ("detail", "edit", "duplicate", "cancel", "sync", "payment", "seen", "method", "answer", "take")
    },
    **{f"orders:{name}": ("pk", (*OPEN, *SENT)) for name in ("readdress", "restore")},
    **{f"orders:{name}": ("pk", SENT) for name in ("lower_collect",)},
    **{
        f"orders:{name}": ("pk", (*SENT, "ready"))
        for name in (
            *("desk_order", "pack", "ship", "deliver", "remit", "staff_cancel"),
            *("take_back", "cash_back", "renumber", "print_paper"),
            *("bench_order", "bench_item", "bench_close", "bench_leave"),
        )
    },
    **{f"orders:{name}": ("pk", (*SENT, "order_case_lost", "order_case_asked")) for name in ("return_in", "case_new")},
    "orders:lose": ("pk", SENT),
    **{
        f"orders:{name}": ("pk", CASES)
        for name in (
            *("return_case", "return_inspect", "return_settle", "case_decide", "case_receive"),
            *("loss", "case"),
        )
    },
    "orders:claim": ("pk", ("claim",)),
    "shipping:detail": ("pk", ("shipment", "on_its_way", "held", "paid")),
    "shipping:courier_file": ("code", ("courier",)),
    **{
        f"wallet:{name}": ("pk", ("top_up_open", "top_up_sent", "top_up_credited", "top_up_rejected"))
        for name in ("top_up_detail", "top_up_sent", "top_up_unsent", "top_up_withdraw", "top_up_reopen")
    },
    "wallet:second": ("pk", ("proposal",)),
    **{f"catalog:{name}": ("slug", ("product",)) for name in ("product", "images")},
    "accounts:dropshipper": ("pk", ("seller", "pending")),
    "accounts:factor_remove": ("pk", ("factor",)),
    "accounts:session_end": ("pk", ("session",)),
    "accounts:api_key_revoke": ("pk", ("api_key",)),
    "accounts:member_role": ("pk", ("member",)),
    "accounts:member_remove": ("pk", ("member",)),
    "accounts:invitation_withdraw": ("pk", ("invitation",)),
    "accounts:company_change": ("pk", ("change",)),
}
BY_PLATFORM = {f"connectors:{name}" for name in ("inbox", "selection", "sync", "choose_shipping", "export", "fetch")}
BY_PLATFORM |= {"connectors:connect", "connectors:package", "connectors:returned", "hooks:install"}


def subjects(name: str, arguments: set[str], world: World) -> Subjects | None:
    """What the arguments of a route may be in this world; None for a route that is not known here."""
    if not arguments:
        return [{}]
    if name in BY_ARGUMENT:
        argument, rows = BY_ARGUMENT[name]
        missing: dict[str, Any] = {"key": uuid.UUID(int=7), "slug": "nothing", "code": "nothing"}
        found = world.each(argument, *rows)
        return found if any(row in world.has for row in rows) else [{argument: missing.get(argument, 987654321)}]
    if name in BY_PLATFORM:
        return PLATFORM
    shop, nobody = world.has.get("shop", 987654321), uuid.UUID(int=7)
    return {
        "connectors:shipping": [{"platform": "woocommerce", **row} for row in world.each("pk", *OPEN, *SENT)],
        "connectors:payment": [{"platform": "woocommerce", **row} for row in world.each("pk", *OPEN, *SENT)],
        "connectors:take_lines": [{"platform": "woocommerce", **row} for row in world.each("pk", *OPEN)],
        "connectors:sync_order": [{"platform": "woocommerce", **row} for row in world.each("pk", *OPEN)],
        "orders:import_row": [
            {"key": world.has.get("import", nobody), **row} for row in world.each("pk", "import_row")
        ],
        "orders:import_back": [{"key": world.has.get("import", nobody), "kind": kind} for kind in ("amazon", "ebay")],
        "connectors:bulk_match_undo": [{"pk": shop, "key": nobody}],
        "connectors:price_rule": [{"pk": shop, **row} for row in world.each("rule", "rule")],
        "connectors:price_rule_delete": [{"pk": shop, **row} for row in world.each("rule", "rule")],
        "hooks:webhook": [{"slug": "woocommerce", "key": "unknown"}],
        "hooks:callback": [{"slug": "woocommerce"}, {"slug": "shopify"}, {"slug": "nothing"}],
        "account_confirm_email": [{"key": "unknown"}],
        "accounts:email_confirm": [{"token": world.has.get("email_confirm", "unknown")}, {"token": "unknown"}],
        "accounts:kept": [{"handle": world.has.get("kept", "unknown")}, {"handle": "unknown"}],
        "accounts:email_stop": [{"token": world.has.get("email_stop", "unknown")}, {"token": "unknown"}],
        "accounts:invitation": [{"token": world.has.get("invited", "unknown")}, {"token": "unknown"}],
        "account_reset_password_from_key": [{"uidb36": "0", "key": "0"}],
    }.get(name)


# Where a 403 or 404 is meant, whatever the state of the world.
STAFF_ONLY = {"orders:desk", "orders:desk_order", "accounts:dropshippers", "accounts:dropshipper", "wallet:topups_desk"}
STAFF_ONLY |= {"admin_login", "shipping:courier_file", "accounts:company_changes", "accounts:company_change"}
STAFF_ONLY |= {"wallet:adjustments", "orders:returns", "orders:return_in", "orders:return_case", "orders:who_pays"}
STAFF_ONLY |= {f"orders:{name}" for name in ("waves", "wave", "wave_list", "shelves", "bench", "bench_order")}
STAFF_ONLY |= {f"orders:{name}" for name in ("manifests", "manifest", "manifest_day", "manifest_file")}
STAFF_ONLY |= {"orders:print_run", "orders:print_file"}
NOT_THERE = {"hooks:callback", "hooks:install", "connectors:returned", "connectors:package", "catalog:images"}
NOT_THERE |= {"connectors:attempt", "accounts:kept"}  # a colleague's
NOT_THERE |= {"accounts:codes_file", "orders:landed_cost", "connectors:payment"}  # payment: of an order by hand
NOT_THERE |= {"orders:import_back"}  # nothing of it left yet
UNREADABLE = {"hooks:callback", "hooks:install", "orders:landed_cost", "connectors:match_search"}
NEEDS_ROLE = {
    "accounting": {
        *("accounts:api_keys", "accounts:api_requests"),
        *("orders:articles", "orders:customers", "orders:transport_document"),
        *(
            "orders:new",
            "orders:edit",
            "orders:readdress",
            "orders:case_new",
            *("orders:imports", "orders:import_template"),
            *(f"orders:import_{name}" for name in ("one", "row", "errors", "back")),
            "connectors:choose",
            "connectors:connect",
            "connectors:payment",
        ),
        *(
            "hooks:install",
            "connectors:returned",
            "connectors:attempt",
            "connectors:reconnect",
            "connectors:disconnect",
            "connectors:package",
        ),
        *("connectors:shop_rules", "connectors:payment_rules", "connectors:price_rule_new", "connectors:price_rule"),
        *("connectors:package", "connectors:publish"),
    },
    "orders": {
        *("accounts:api_keys", "accounts:api_requests"),
        *(
            f"wallet:{name}"
            for name in (
                *("statement", "statement_file", "proof", "checker", "cod", "cod_export"),
                *("top_up", "topups", "top_up_detail"),
            )
        ),
    },
}


def routes(resolver: Any = None, namespace: str = "") -> Iterator[tuple[str, set[str]]]:
    """(name, names of its arguments) of every address but the administration's own."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            if entry.name is not None:
                regex = getattr(entry.pattern, "regex", None)
                known = set(entry.pattern.converters) or set(regex.groupindex if regex else ())
                yield (f"{namespace}:{entry.name}" if namespace else entry.name), known
        elif entry.namespace not in ("admin", "api"):  # programs: tests/api
            yield from routes(entry, entry.namespace or namespace)


def test_a_new_route_with_arguments_must_say_what_they_may_be() -> None:
    assert [name for name, known in routes() if subjects(name, known, World()) is None] == []
    names = {name for name, _known in routes()}
    said = {*BY_ARGUMENT, *BY_PLATFORM, *STAFF_ONLY, *NOT_THERE, *UNREADABLE, *set().union(*NEEDS_ROLE.values())}
    assert said <= names, said - names


def addresses(world: World) -> Iterator[tuple[str, str]]:
    """(route, address) of all."""
    for name, known in routes():
        for arguments in subjects(name, known, world) or []:
            yield name, reverse(name, kwargs=arguments)


def empty() -> World:
    seller = cast.dropshipper()
    owner = cast.member(seller)
    return World({"owner": owner, **_others(seller)}, {"seller": seller.pk})


def one() -> World:
    """One of each that a page can show alone: no pager, singular words."""
    from tests.connectors.arrivals import arrive, ready_shop
    from tests.connectors.conftest import make_shop

    seller = cast.dropshipper()
    owner = cast.member(seller)
    shop = make_shop(seller, address="http://127.0.0.1:9")
    method = ready_shop(shop)
    order = arrive(shop, 1, sku="ALIENO")
    has = {"seller": seller.pk, "shop": shop.pk, "one": order.pk, "courier": method.courier.code, "product": "mci-0001"}
    return World({"owner": owner, **_others(seller)}, has)


@made_once
def many() -> World:
    """All states of the journeys' world, and so many rows that every list has pages; some articles linked while others
    wait."""
    from connectors.matching import single
    from connectors.models import Delivery, InboxOrder, Listing, Match, OrderProof, RemoteItem, Shop
    from orders.models import Order, OrderLine
    from shipping.models import Shipment
    from tests.connectors.arrivals import PREPAID, arrive
    from wallet.models import TopUp

    clerk, has = worlds.build("staff")
    seller = cast.Dropshipper.objects.get(pk=has["seller"])
    shop = Shop.objects.get(pk=has["shop"])
    for number in range(3):
        arrive(shop, 500 + number, sku=f"FUORI-{number}", **PREPAID)
    variant = Listing.objects.filter(shop=shop).first().variant
    single.accept(shop, "sku:FUORI-0", variant.pk, 1, by=None)
    single.accept(shop, "sku:FUORI-1", None, 1, by=None)
    Match.objects.bulk_create(Match(shop=shop, subject=f"sku:L{n}", variant=variant) for n in range(45))

    def copies(model: Any, row: Any, how_many: int, **change: Any) -> list[Any]:
        values = {one.attname: getattr(row, one.attname) for one in model._meta.concrete_fields if not one.primary_key}
        rows = [model(**{**values, **{name: make(n) for name, make in change.items()}}) for n in range(how_many)]
        return list(model.objects.bulk_create(rows))

    parcel = Shipment.objects.get(pk=has["on_its_way"])
    copies(Shipment, parcel, 120, reference=lambda n: f"many:{n}")
    to_pick = copies(Shipment, Shipment.objects.get(pk=has["shipment"]), 110, reference=lambda n: f"pick:{n}")
    sent = Order.objects.get(pk=has["sent"])
    copies(
        Order,
        sent,
        110,
        shipment_id=lambda n: to_pick[n].pk,
        entry_key=lambda _n: None,
        source=lambda _n: "manual",
    )
    typed = copies(Order, Order.objects.get(pk=has["unknown"]), 110)
    told = InboxOrder.objects.filter(shop=shop).first()
    copies(InboxOrder, told, 110, external_id=lambda n: f"m{n}", order_id=lambda n: typed[n].pk)
    OrderLine.objects.bulk_create(OrderLine(order=order, sku="X", name="X", quantity=1) for order in typed)
    copies(RemoteItem, RemoteItem.objects.filter(shop=shop).first(), 110, external_id=lambda n: f"m{n}",
           subject=lambda n: f"sku:M{n}")  # fmt: skip
    copies(Listing, Listing.objects.filter(shop=shop).first(), 110, external_id=lambda n: f"m{n}")
    copies(OrderProof, OrderProof.objects.filter(shop=shop).first(), 110)
    dead = copies(Delivery, Delivery.objects.filter(shop=shop).first(), 110, dedupe=lambda n: n.to_bytes(32, "big"))
    copies(TopUp, TopUp.objects.get(pk=has["top_up_rejected"]), 110, key=lambda _n: uuid.uuid4(),
           causale=lambda n: f"MCI-M{n:05d}")  # fmt: skip
    cast.Dropshipper.objects.bulk_create(
        cast.Dropshipper(name=f"Bottega {n}", vat_number=f"{n:011d}", status="pending") for n in range(110)
    )
    has |= {"match": Match.objects.first().pk, "delivery": dead[0].pk, "courier": parcel.method.courier.code}
    has |= {"product": "mci-0001"}
    owner = cast.User.objects.get(member__dropshipper=seller, member__role="owner")
    return World({"owner": owner, **_others(seller), "staff": clerk}, has)


def _others(seller: Any) -> dict[str, Any]:
    return {
        "staff": cast.staff(),
        "orders": cast.member(seller, role="orders"),
        "accounting": cast.member(seller, role="accounting"),
        "stranger": cast.member(cast.dropshipper(name="Altra Bottega")),
        "nobody": None,
    }


def client_of(person: Any) -> Client:
    client = Client(raise_request_exception=False)
    if person is not None:
        cast.sign_in(client, person)
    return client


def body(answer: Any) -> str:
    """What a page says; a file is read to its end, where it may break."""
    if answer.streaming:
        try:
            return b"".join(answer.streaming_content).decode("utf-8", "replace")
        except Exception as error:  # the answer began as a 200: it ends as a broken file
            answer.status_code = 500
            return repr(error)
    return answer.content.decode("utf-8", "replace")


STATES = {"empty": empty, "one": one, "many": many}


@pytest.fixture(params=list(STATES))
def world(request: Any, settings: Any) -> World:
    settings.MEDIA_ROOT = "/nonexistent"
    return STATES[request.param]()


@pytest.mark.long
def test_every_page_answers_each_role_in_every_state(world: World) -> None:
    wrong = []
    no_pages = set()  # what refuses an owner's GET refuses everybody's
    for role, person in world.people.items():
        client = client_of(person)
        # The owner and the staff see every row; for the others one of each kind shows whether they may.
        whole = role in ("owner", "staff")
        if role != "owner" and len(world.has) < 10:
            continue
        for name, address in addresses(world) if whole else dict(addresses(world)).items():
            if name in no_pages:
                continue
            answer = client.get(address)
            body(answer)
            if answer.status_code == 405:
                no_pages.add(name)
            if not _is_meant(role, name, answer.status_code, address):
                wrong.append(f"{role} {address} ({name}): {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def _is_meant(role: str, name: str, status: int, address: str) -> bool:
    if status in (200, 302, 405):
        return True
    if status == 404:
        nothing = "987654321" in address or "nothing" in address or str(uuid.UUID(int=7)) in address
        of_another = role in ("stranger", "staff") and re.search(r"/\d+/|/[0-9a-f-]{36}/", address) is not None
        return nothing or of_another or name in NOT_THERE
    if status == 403:
        return role != "staff" if name in STAFF_ONLY else name in NEEDS_ROLE.get(role, ())
    return status in (400, 422) and name in UNREADABLE


def first(world: World) -> dict[str, str]:
    """One address of each route: of the shop and the platform that have the rows."""
    found: dict[str, str] = {}
    for name, address in addresses(world):
        found.setdefault(name, address)
    return found


@pytest.mark.long
def test_every_page_of_a_list_is_reached_and_led_back_from(settings: Any) -> None:
    settings.MEDIA_ROOT = "/nonexistent"
    world = many()
    wrong, followed = [], set()
    for role in ("owner", "staff"):
        client = client_of(world.people[role])
        for name, address in first(world).items():
            if (role == "staff") is not (name in STAFF_ONLY):
                continue
            page, seen = address, set()
            while page not in seen and len(seen) < 8:
                seen.add(page)
                answer = client.get(page)
                text = body(answer) if answer.status_code == 200 and not answer.streaming else ""
                if answer.status_code >= 500:
                    wrong.append(f"{role} {page}: {answer.status_code}")
                following = re.search(r'rel="next" href="([^"]*)"', text)
                if following is None:
                    back = re.search(r'rel="prev" href="([^"]*)"', text)
                    if back and client.get(address + unescape(back[1])).status_code != 200:
                        wrong.append(f"{role} back from {page}")
                    break
                followed.add(name)
                page = address + unescape(following[1])
    assert not wrong, "\n".join(wrong)
    assert followed >= {
        *("connectors:match", "connectors:inbox", "connectors:bulk_match", "connectors:listings", "connectors:proofs"),
        *("orders:list", "orders:desk", "shipping:list", "wallet:overview", "wallet:topups", "accounts:dropshippers"),
    }


def parameters() -> set[str]:
    """The names that any page reads from its address: those in the code, and the fields of the forms that filter."""
    from django import forms

    assert get_resolver().url_patterns  # the pages are there, and with them their forms
    found: set[str] = set()
    for room in ("accounts", "catalog", "connectors", "core", "mci", "orders", "shipping", "wallet"):
        for path in (Path(settings.BASE_DIR) / room).rglob("*.py"):
            found |= set(re.findall(r"""(?:GET|asked)(?:\.get|\.getlist)?[\[(]\s*"(\w+)\"""", path.read_text()))
    kinds = [forms.Form]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if "Find" in kind.__name__ or "Period" in kind.__name__ or "Landed" in kind.__name__:
            found |= set(getattr(kind, "base_fields", {}))
    return found | {"page", "cursor"}


POISON = ["\0", "9" * 40, "-1", "WzAsMV0", "x" * 3000]  # WzAsMV0: a cursor of another list


@pytest.mark.long
def test_no_parameter_breaks_a_page(settings: Any) -> None:
    settings.MEDIA_ROOT = "/nonexistent"
    world = many()
    names = sorted(parameters())
    assert {"cursor", "q", "tab", "show", "days", "first", "sku", "attempt", "part"} <= set(names)
    for role in ("owner", "staff"):
        client = client_of(world.people[role])
        for name, address in first(world).items():  # one of each route: the parameters are what varies
            if (role == "staff") is not (name in STAFF_ONLY) or client.get(address).status_code == 405:
                continue
            for poison in turn(POISON, 2, name):
                headers = {"HX-Request": "true"} if poison in ("\0", "-1") else {}
                answer = client.get(address, dict.fromkeys(names, poison), headers=headers)
                body(answer)  # the first fault ends it: the transaction is broken with it
                assert answer.status_code < 500, f"{role} {address} {poison!r}: {answer.status_code}"
            for parameter in turn(("cursor", "q", "page"), 3, name):
                answer = client.get(address, {parameter: "\0"})
                assert answer.status_code < 500, f"{role} {address} ?{parameter}=NUL: {answer.status_code}"


def test_the_pager_sees_nothing_of_its_page_but_what_it_is_given() -> None:
    used = [
        (path.name, tag)
        for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html")
        for tag in re.findall(r'{% include "_pager\.html"[^%]*%}', path.read_text())
    ]
    assert used
    assert [pair for pair in used if not re.search(r"with page=\S+ total=\S+ only %}$", pair[1])] == []
