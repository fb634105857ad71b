"""Every page, with data on it, meets what a page must: accessible in both themes, never wider than the window, a clean
console under the strict policy, one title and one heading, a way past the menu. A page without an entry here fails.

`MCI_SHOTS=folder` keeps a picture of each."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, resolve, reverse
from django.utils import timezone

from tests import cast
from tests.journeys.eyes import faults, picture, settle, wider

LONG = "Azienda Agricola Fratelli Mastropietro-Castelnuovo & Figli di Giovanbattista S.n.c. " + "W" * 36

# What each reader sees: the name of the page, and its addresses. Names in braces are of the world below.
SELLER: dict[str, list[str]] = {
    "mci:dashboard": ["/"],
    "connectors:inbox": [
        "/inbox/woocommerce/?tab=all",
        "/inbox/woocommerce/?run={run}",
        "/inbox/woocommerce/?tab=delivered",
        "/inbox/woocommerce/?q=xyzzy",
    ],
    "connectors:payment": ["/inbox/woocommerce/{transfer}/payment/", "/inbox/woocommerce/{sent}/payment/"],
    "connectors:shops": ["/shops/"],
    "connectors:choose": ["/shops/connect/"],
    "connectors:connect": ["/shops/connect/woocommerce/", "/shops/connect/wordpress/", "/shops/connect/shopify/"],
    "connectors:match": ["/shops/match/"],
    "connectors:bulk_match": ["/shops/{shop}/bulk-match/", "/shops/{broken}/bulk-match/"],
    "connectors:shop": ["/shops/{shop}/", "/shops/{broken}/"],
    "connectors:shop_rules": ["/shops/{shop}/rules/", "/shops/{shop}/rules/?new=1"],
    "connectors:payment_rules": ["/shops/{shop}/payments/"],
    "connectors:reconnect": ["/shops/{broken}/reconnect/"],
    "connectors:disconnect": ["/shops/{shop}/disconnect/"],
    "connectors:listings": [
        "/shops/{shop}/products/",
        "/shops/{shop}/products/?show=drifted",
        "/shops/{broken}/products/?show=off",
    ],
    "connectors:prices": ["/shops/{shop}/prices/", "/shops/{broken}/prices/"],
    "connectors:price_rule": ["/shops/{shop}/prices/{rule}/"],
    "connectors:price_rule_new": ["/shops/{broken}/prices/new/"],
    "connectors:publish": [
        "/publish/?product={goods}&shop={shop}",
        "/publish/?product={goods}&shop={broken}",
        "/publish/",
    ],
    "connectors:publish_run": ["/publish/{publish_run}/", "/publish/{publish_waiting}/"],
    "connectors:proofs": ["/shops/{shop}/proofs/"],
    "connectors:returned": ["/connect/woocommerce/return/?attempt={attempt}&success=0"],
    "accounts:settings": ["/settings/"],
    "accounts:members": ["/settings/members/"],
    "catalog:list": ["/catalog/"],
    "catalog:product": ["/catalog/mci-0001/"],
    "orders:list": ["/orders/", "/orders/?q=xyzzy"],
    "orders:new": ["/orders/new/?sku=MCI-0001"],
    "orders:edit": ["/orders/{draft}/edit/", "/orders/{unknown}/edit/"],
    "orders:detail": ["/orders/{ready}/", "/orders/{sent}/", "/orders/{unknown}/", "/orders/{cancelled}/"],
    "orders:landed_cost": ["/orders/landed-cost/?sku=MCI-0001&postcode=10122&price=30"],
    "orders:plan": ["/orders/plan/?order={ready},{sold_out},{typed}", "/orders/plan/"],
    "orders:run": ["/orders/runs/{run}/", "/orders/runs/{waiting_run}/"],
    "shipping:list": ["/shipments/"],
    "shipping:detail": ["/shipments/{shipment}/"],
    "wallet:overview": ["/wallet/"],
    "wallet:top_up": ["/wallet/top-up/"],
    "wallet:topups": ["/wallet/top-ups/"],
    "wallet:top_up_detail": ["/wallet/top-ups/{top_up}/"],
    "account_email": ["/account/email/"],
    "account_change_password": ["/account/password/change/"],
    "account_logout": ["/account/logout/"],
}
FRESH: dict[str, list[str]] = {  # the first day: everything is empty
    "mci:dashboard": ["/"],
    "connectors:inbox": ["/inbox/woocommerce/"],
    "connectors:shops": ["/shops/"],
    "connectors:match": ["/shops/match/"],
    "connectors:publish": ["/publish/"],
    "orders:list": ["/orders/"],
    "orders:new": ["/orders/new/"],
    "shipping:list": ["/shipments/"],
    "wallet:overview": ["/wallet/"],
}
WAITING: dict[str, list[str]] = {"accounts:waiting": ["/account/waiting/"]}
STAFF: dict[str, list[str]] = {
    "mci:dashboard": ["/"],
    "orders:desk": ["/orders/desk/", "/orders/desk/?q=xyzzy"],
    "orders:desk_order": ["/orders/desk/{sent}/", "/orders/desk/{shipped}/"],
    "accounts:dropshippers": ["/staff/dropshippers/"],
    "accounts:dropshipper": ["/staff/dropshippers/{seller}/", "/staff/dropshippers/{pending}/"],
    "wallet:topups_desk": ["/wallet/desk/top-ups/"],
}
NOBODY: dict[str, list[str]] = {
    "account_login": ["/account/login/"],
    "account_signup": ["/account/signup/"],
    "account_inactive": ["/account/inactive/"],
    "account_email_verification_sent": ["/account/confirm-email/"],
    "account_confirm_email": ["/account/confirm-email/unknown/"],
    "account_reset_password": ["/account/password/reset/"],
    "account_reset_password_done": ["/account/password/reset/done/"],
    "account_reset_password_from_key": ["/account/password/reset/key/0-0/"],
    "account_reset_password_from_key_done": ["/account/password/reset/key/done/"],
}
READERS = {"seller": SELLER, "fresh": FRESH, "waiting": WAITING, "staff": STAFF, "nobody": NOBODY}
# Addresses that are no pages, and why.
OTHERS = {
    "hooks:webhook": "for shops",
    "hooks:callback": "for shops",
    "hooks:install": "leads to connectors:connect",
    "connectors:export": "a file",
    "connectors:package": "a file",
    "connectors:listings_export": "a file",
    "connectors:publish_export": "a file",
    "connectors:bulk_match_export": "a file",
    "connectors:match_search": "a part of a page",
    "catalog:images": "a file",
    "orders:export": "a file",
    "orders:run_export": "a file",
    "shipping:export": "a file",
    "wallet:statement": "a file",
    "account_reauthenticate": "asked for before a change that is not offered yet",
    "account_set_password": "everyone has a password",
    "account_confirm_login_code": "no sign-in by code",
    "media": "files",
}
SAMPLES = {"int": 1, "slug": "woocommerce", "uuid": uuid.UUID(int=0), "str": "a", "path": "a"}


def addresses(resolver: Any, namespace: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, arguments that fit) of every address but the administration's own."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            known = getattr(entry.pattern, "converters", {})
            names = {type(converter).__name__: kind for kind, converter in _kinds().items()}
            arguments = {name: SAMPLES[names[type(converter).__name__]] for name, converter in known.items()}
            if entry.name is not None:
                yield (f"{namespace}:{entry.name}" if namespace else entry.name), arguments
        elif entry.namespace != "admin":
            yield from addresses(entry, entry.namespace or namespace)


def _kinds() -> dict[str, Any]:
    from django.urls import converters

    return converters.get_converters()


@pytest.mark.django_db
def test_every_page_has_an_entry_here(client: Client) -> None:
    listed = set(OTHERS).union(*READERS.values())
    found = dict(addresses(get_resolver()))
    missing = [
        name
        for name, arguments in found.items()
        # What refuses a GET is no page.
        if name not in listed and client.get(reverse(name, kwargs=arguments)).status_code != 405
    ]
    assert missing == []
    assert [name for name in listed - {"media"} if name not in found] == []


def _shop_world(seller: Any, owner: Any) -> dict[str, Any]:
    from catalog import stock
    from catalog.models import Variant
    from connectors.models import (
        ConnectAttempt,
        Delivery,
        Listing,
        MatchBatch,
        OrderProof,
        RemoteItem,
        ShopCall,
        ShopEvent,
    )
    from orders import dispatch, fulfilment, intake
    from orders.models import DispatchRun
    from tests.connectors.arrivals import PREPAID, TRANSFER, arrive, ready_shop
    from tests.connectors.conftest import make_shop, order_body
    from tests.orders import stage
    from wallet import topups

    now = timezone.now()
    shop = make_shop(seller, address="http://127.0.0.1:9", last_delivery_at=now)
    method = ready_shop(shop)
    stage.method("nocod", cod_allowed=False)
    stage.variant("MCI-0002", pieces=1)
    broken = make_shop(seller, address="http://127.0.0.1:10", state="broken", trouble="reconnect_needed")
    type(shop).objects.filter(pk=broken.pk).update(name=LONG[:100])
    far = {**order_body()["shipping"], "first_name": LONG[:100], "city": "San Valentino in Abruzzo Citeriore" * 2}
    orders = {
        "unknown": arrive(shop, 1, sku="ALIENO-CON-UN-CODICE-MOLTO-LUNGO-1234567890"),
        "transfer": arrive(shop, 2, **TRANSFER),
        "sold_out": arrive(shop, 3, sku="MCI-0002"),
        "ready": arrive(shop, 4, **PREPAID),
        "long": arrive(shop, 5, shipping=far, billing={**far, "email": f"{'w' * 60}@example.com"}),
        "far": arrive(shop, 6, total="99999.99", quantity=90),
    }
    for number, name in enumerate(("sent", "packed", "shipped", "delivered", "cancelled"), start=20):
        orders[name] = arrive(shop, number, **(PREPAID if number % 2 else {}))
    tried = [orders[name] for name in ("sent", "packed", "shipped", "delivered", "cancelled", "sold_out")]
    last = Variant.objects.get(sku="MCI-0002")
    stock.count(last.pk, 0, by=owner.pk)
    run = dispatch.start([row.pk for row in tried], dropshipper_id=seller.pk, key=uuid.uuid4(), by=owner.pk)
    dispatch.advance(run.pk)
    DispatchRun.objects.filter(pk=run.pk).update(source="woocommerce")
    fulfilment.mark_packed(orders["packed"].pk, by=None)
    for name in ("shipped", "delivered"):
        fulfilment.mark_shipped(orders[name].pk, tracking_number="IT1234567890123456789", by=None)
    fulfilment.mark_delivered(orders["delivered"].pk, by=None)
    fulfilment.cancel(orders["cancelled"].pk, by=None)
    orders["draft"] = intake.create(stage.data(("MCI-0001", 1)), dropshipper_id=seller.pk, draft=True)
    orders["typed"] = stage.order(seller, ("MCI-0001", 2), method=method)
    waiting = dispatch.start([orders["typed"].pk], dropshipper_id=seller.pk, key=uuid.uuid4(), by=owner.pk)
    for row in orders.values():
        row.refresh_from_db()

    Delivery.objects.create(
        shop=shop, topic="order.updated", dedupe=b"x" * 32, body=b"{", state="dead", error="unreadable", done_at=now
    )
    ShopEvent.objects.create(shop=shop, code="connected", params={})
    topics = [("order.created", "active"), ("order.updated", "repaired"), ("order.deleted", "missing")]
    facts = {"scopes": ["read", "write"], "webhooks": [{"topic": topic, "state": state} for topic, state in topics]}
    facts["troubles"] = [{"code": "shop_clock_ahead", "minutes": "7"}]
    wrong = {"trouble": "api_closed", "trouble_params": {"reason": "rest_not_logged_in"}}
    type(shop).objects.filter(pk=shop.pk).update(facts=facts, last_check_at=now, **wrong)
    for what, result in (("GET orders", "200"), ("POST products/batch", "403"), ("GET /wp-json/", "timeout")):
        ShopCall.objects.create(shop=shop, what=what, result=result, ms=1234)
    for number, (sku, score, why) in enumerate([("LAMP.1", 95, "sku"), ("", 71, "title"), ("W" * 90, 0, "")]):
        RemoteItem.objects.create(
            shop=shop,
            external_id=str(number),
            subject=f"sku:{number}",
            sku=sku,
            ean="8001234567890",
            title=LONG if number else "Lampada Aurora da tavolo",
            guess=last if score else None,
            score=score,
            why=why,
        )
    MatchBatch.objects.create(shop=shop, by=owner, changes=[["sku:A", [last.pk, 1], None]])
    OrderProof.objects.create(shop=shop, since=now - dt.timedelta(days=30), theirs=41, same=40, healed=["17"])
    OrderProof.objects.create(shop=shop, since=now, theirs=4, same=3, unread=["9"], whole=False)
    for number, (shown, error) in enumerate([(5, ""), (0, "product_invalid_id")]):
        Listing.objects.create(
            shop=shop, variant=last, external_id=str(number), sku="MCI-0002", title=LONG, shown=shown, error=error
        )
    goods = _goods_world(shop, broken, last)
    attempt = ConnectAttempt.objects.create(
        token="t",
        dropshipper=seller,
        by=owner,
        platform="woocommerce",
        address="https://a.example.it",
        expires_at=now + dt.timedelta(hours=1),
    )
    asked = topups.request(seller.pk, Decimal("1250.00"), key=uuid.uuid4(), by=owner.pk)
    topups.mark_sent(asked.pk)
    assert orders["sent"].state == "dispatched"
    assert orders["ready"].state == "ready"
    return {
        **{name: row.pk for name, row in orders.items()},
        **goods,
        "shop": shop.pk,
        "broken": broken.pk,
        "run": run.key,
        "waiting_run": waiting.key,
        "shipment": orders["sent"].shipment_id,
        "attempt": attempt.pk,
        "top_up": asked.pk,
    }


def _goods_world(shop: Any, broken: Any, variant: Any) -> dict[str, Any]:
    """Products on their way into the shops, and at which price."""
    from catalog import images
    from catalog.models import Variant
    from connectors import price_rules, publishing
    from connectors.models import Listing, PriceRule, PublishItem, PublishRun
    from tests.catalog.goods import picture as picture_file

    now = timezone.now()
    price_rules.ensure_default(shop)
    rule = PriceRule.objects.create(
        shop=shop, name=LONG[:60], base="cost", factor="2.2", amount="1.50", add_vat=True, rounding="90", margin="20"
    )
    Variant.objects.update(retail_price="24.90")
    images.add(variant.product, picture_file(), name="lamp")
    Listing.objects.create(
        shop=shop,
        variant=variant,
        external_id="7/8",
        sku="MCI-0002",
        title=LONG,
        ours=True,
        price_on=True,
        price_told="19.90",
        rule=rule,
        told=5,
        told_at=now,
        url="https://a.it/x",
        drift_shown=9,
        drift_true=5,
        drifted_at=now,
        price_error="woocommerce_rest_invalid",
    )
    ids = list(Variant.objects.values_list("product_id", flat=True).order_by("product_id")[:3])
    run = publishing.start(shop, ids, key=uuid.uuid4(), by=None)
    publishing.stop(run)
    publishing.advance(run.pk)
    items = list(PublishItem.objects.filter(run=run))
    PublishItem.objects.filter(pk=items[0].pk).update(result="created", url="https://a.it/x", detail=LONG)
    PublishItem.objects.filter(pk__in=[one.pk for one in items[1:]]).update(result="refused", code="own_product")
    waiting = publishing.start(broken, ids, key=uuid.uuid4(), by=None)
    PublishRun.objects.filter(pk=waiting.pk).update(trouble="reconnect_needed", trouble_params={"reason": "HTTP 401"})
    goods = ",".join(map(str, ids))
    return {"rule": rule.pk, "goods": goods, "publish_run": run.key, "publish_waiting": waiting.key}


def _world(reader: str) -> tuple[Any, dict[str, Any]]:
    """The person who looks, and what the addresses are made of."""
    from accounts.models import Dropshipper

    if reader == "nobody":
        return None, {}
    if reader == "waiting":
        return cast.member(cast.dropshipper(name=LONG[:100], status=Dropshipper.Status.PENDING)), {}
    seller = cast.dropshipper()
    owner = cast.member(seller)
    if reader == "fresh":
        return owner, {}
    cast.member(seller, role="accounting", email=f"{'w' * 50}@example.com")
    world = _shop_world(seller, owner) | {"seller": seller.pk}
    if reader == "staff":
        pending = cast.dropshipper(name=LONG[:100], status=Dropshipper.Status.PENDING)
        cast.member(pending)
        return cast.staff(), world | {"pending": pending.pk}
    return owner, world


def _look(page: Any, name: str) -> list[str]:
    """What is wrong with the page that is open."""
    wrong = []
    facts = page.evaluate(
        """() => ({lang: document.documentElement.lang, title: document.title,
            headings: [...document.querySelectorAll("h1")].map((node) => node.innerText.trim()),
            main: document.querySelectorAll("main").length})"""
    )
    if facts["lang"] != "it":
        wrong.append(f"language {facts['lang']}")
    if len(facts["title"].split("·")[0].strip()) < 2:
        wrong.append(f"title {facts['title']!r}")
    if len(facts["headings"]) != 1 or not facts["headings"][0] or facts["main"] != 1:
        wrong.append(f"headings {facts['headings']}, {facts['main']} main")
    if not page.evaluate(
        "document.activeElement?.closest('main, dialog')"
    ):  # a page may put the focus where it is needed
        page.keyboard.press("Tab")
        settle(page)
        skip = page.evaluate(
            """() => { const node = document.activeElement, box = node.getBoundingClientRect();
                return node.matches(".skip") && box.top >= 0 && box.left >= 0 && box.height > 20; }"""
        )
        if skip:
            page.keyboard.press("Enter")
        if not skip or page.evaluate("document.activeElement?.id") != "content":
            wrong.append("no way past the menu")
    page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true; })")
    wrong += faults(page)
    picture(page, f"{name}-1440")
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, f"{name}-390")
    page.emulate_media(color_scheme="dark")
    wrong += [f"390, dark: {fault}" for fault in faults(page)]
    for width in (1024, 320):
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"{width}: {fault}" for fault in filter(None, [wider(page)])]
    page.set_viewport_size({"width": 1440, "height": 900})
    picture(page, f"{name}-dark")
    page.emulate_media(color_scheme="light")
    return wrong


@pytest.mark.parametrize("reader", list(READERS))
def test_every_page_is_for_everyone(reader: str, new_page: Any, sign_in: Any, console: Any) -> None:
    person, world = _world(reader)
    page = new_page()
    if person is not None:
        sign_in(page, person)
    found: dict[str, list[str]] = {}
    for name, paths in READERS[reader].items():
        for path in paths:
            address = path.format(**world)
            assert resolve(address.split("?")[0]).view_name == name
            answer = page.goto(address)
            wrong = (
                [] if (answer.status, page.url.endswith(address)) == (200, True) else [f"{answer.status} {page.url}"]
            )
            wrong += _look(page, f"{reader}{path}")
            wrong += [f"console: {line}" for line in console]
            console.clear()
            if wrong:
                found[address] = wrong
    assert not found, "\n".join(f"{address}: {fault}" for address, wrong in found.items() for fault in wrong)


def answers(**fields: Any) -> Any:
    """A route's handler that answers with what it is given."""

    def handle(route: Any) -> None:
        route.fulfill(**fields)

    return handle


def test_every_error_page_is_for_everyone(new_page: Any, sign_in: Any, console: Any) -> None:
    from django.contrib.auth.models import AnonymousUser
    from django.template.loader import render_to_string

    from mci import errors

    page = new_page()
    found: dict[str, list[str]] = {}

    def look(name: str, status: int) -> None:
        answer = page.goto(f"/{name}/")
        assert answer.status == status
        wrong = _look(page, f"error-{name}-{status}")
        console.expect(str(status))
        wrong += [f"console: {line}" for line in console]
        console.clear()
        if wrong:
            found[f"{name} {status}"] = wrong

    look("nowhere", 404)
    sign_in(page, cast.member(cast.dropshipper(), role="accounting"))
    look("nowhere", 404)
    look("orders/new", 403)

    def plain(template: str) -> str:
        request: Any = RequestFactory().get("/")
        request.user, request.session = AnonymousUser(), {}
        return render_to_string(template, request=request)

    policy = page.goto("/settings/").headers["content-security-policy"]
    pages = {
        400: plain("400.html"),
        403: plain("403_csrf.html"),
        429: plain("429.html"),
        500: errors.server_error(RequestFactory().get("/")).content.decode(),
    }
    for status, body in pages.items():
        headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": policy}
        page.route(f"**/as-{status}/", answers(status=status, body=body, headers=headers))
        look(f"as-{status}", status)
    assert not found, "\n".join(f"{address}: {fault}" for address, wrong in found.items() for fault in wrong)
