"""What the readers of the pages have: orders, parcels, money and shops in every state, with the longest words."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tests import cast
from tests.kept import made_once

LONG = "Azienda Agricola Fratelli Mastropietro-Castelnuovo & Figli di Giovanbattista S.n.c. " + "W" * 36


def _shop_world(seller: Any, owner: Any) -> dict[str, Any]:
    from catalog import stock
    from catalog.models import Variant
    from connectors.models import Delivery, Listing, MatchBatch, OrderProof, RemoteItem, ShopCall, ShopEvent
    from orders.dispatch import runs
    from orders.fulfilment import parcels
    from orders.intake import creation
    from orders.models import DispatchRun
    from tests.connectors.arrivals import PREPAID, TRANSFER, arrive, ready_shop
    from tests.connectors.conftest import make_shop, order_body
    from tests.orders import stage

    now = timezone.now()
    shop = make_shop(seller, address="http://127.0.0.1:9", last_delivery_at=now)
    method = ready_shop(shop)
    stage.method("nocod", cod_allowed=False)
    stage.variant("MCI-0002", pieces=1)
    why = {"trouble": "reconnect_needed", "trouble_params": {"reason": "HTTP 401"}}
    broken = make_shop(seller, address="http://127.0.0.1:10", state="broken", **why)
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
    run = runs.start([row.pk for row in tried], dropshipper_id=seller.pk, key=uuid.uuid4(), by=owner.pk)
    runs.advance(run.pk)
    DispatchRun.objects.filter(pk=run.pk).update(source="woocommerce")
    parcels.mark_packed(orders["packed"].pk, by=None)
    for name in ("shipped", "delivered"):
        parcels.mark_shipped(orders[name].pk, tracking_number="IT1234567890123456789", by=None)
    parcels.mark_delivered(orders["delivered"].pk, by=None)
    parcels.cancel(orders["cancelled"].pk, by=None)
    prints = _prints(orders, owner) | _waves(orders, owner)
    orders["asked"] = _asked(shop, orders["sent"])
    orders["draft"] = creation.create(stage.data(("MCI-0001", 1)), dropshipper_id=seller.pk, draft=True)
    orders["typed"] = stage.order(seller, ("MCI-0001", 2), method=method)
    waiting = runs.start([orders["typed"].pk], dropshipper_id=seller.pk, key=uuid.uuid4(), by=owner.pk)
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
    attempts = _attempts(seller, owner, shop)
    assert orders["sent"].state == "dispatched"
    assert orders["ready"].state == "ready"
    return {
        **{name: row.pk for name, row in orders.items()},
        **goods,
        **prints,
        "shop": shop.pk,
        "broken": broken.pk,
        "run": run.key,
        "waiting_run": waiting.key,
        "shipment": orders["sent"].shipment_id,
        **attempts,
        **_cases(shop, seller, owner),
        **_imports(seller, owner),
    }


def _imports(seller: Any, owner: Any) -> dict[str, Any]:
    """A file with all kinds of rows that was imported in part, one whose columns wait, one that waits for a worker."""
    from orders.imports import acts, taking, work
    from orders.models import ImportRow
    from tests.orders.imports.files import amazon, row

    def take(data: bytes, name: str) -> Any:
        return taking.take(data, name=name, marketplace="", dropshipper_id=seller.pk, by=owner.pk)[0]

    lines = [
        *(row(1), row(2, sku="W" * 60, product_name=LONG), row(3, is_buyer_requested_cancellation="true")),
        *(row(4, quantity_to_ship="0"), row(5, ship_postal_code="184", ship_city="Roma", recipient_name=LONG)),
    ]
    done = take(amazon(*lines), "W" * 60)
    work.advance(done.pk)
    acts.start(done.key, by=owner.pk, dropshipper_id=seller.pk)
    work.advance(done.pk)
    columns = take(f"Chi;Via;CAP;{'W' * 60}\nAnna;Via Appia 7;00184;{LONG}\n".encode(), "mio.csv")
    waiting = take(amazon(row(9)), "altro.txt")
    bad = ImportRow.objects.filter(batch=done, state="error").order_by("position")[0]
    keys = {"import": done.key, "import_columns": columns.key, "import_waiting": waiting.key}
    return {**keys, "import_file": done.pk, "import_row": bad.pk}


def _cases(shop: Any, seller: Any, owner: Any) -> dict[str, Any]:
    """A parcel that is back and one that is settled, one that was lost, and a return that is asked for."""
    from orders.dispatch import runs
    from orders.failed import cases, lost, returned
    from orders.fulfilment import parcels
    from tests.connectors.arrivals import PREPAID, arrive
    from tests.orders import stage

    clerk, made = cast.staff(), {}
    stage.money(seller, "100.00")
    for number, name in enumerate(("case_arrived", "case_settled", "case_lost", "case_asked"), start=60):
        order = arrive(shop, number, **PREPAID)
        runs.dispatch_now(order.pk, dropshipper_id=seller.pk, key=uuid.uuid4(), by=owner.pk)
        parcels.mark_shipped(order.pk, tracking_number=f"IT99999{number}", by=None)
        made[f"order_{name}"] = order.pk
        if name == "case_asked":
            parcels.mark_delivered(order.pk, by=None)
            pieces = {order.lines.get().pk: 1}
            case = cases.open_case(order.pk, pieces, reason="warranty", note=LONG, key=None, by=owner.pk)
        elif name == "case_lost":
            case = lost.lose(order.pk, by=clerk.pk, note="Mai arrivato in filiale", documents=LONG)
            made["claim"] = case.claim.pk
        else:
            case = returned.arrive(order.pk, reason="refused", fault="customer", by=clerk.pk, note=LONG[:150])
            found = {line.pk: returned.Found(restock=line.pieces) for line in case.lines.all()}
            returned.inspect(case.pk, found, by=clerk.pk)
            if name == "case_settled":
                figures = returned.preview(case)
                assert figures is not None
                returned.settle(case.pk, shown=figures.mark, by=clerk.pk)
        made[name] = case.pk
    return made


def _attempts(seller: Any, owner: Any, shop: Any) -> dict[str, Any]:
    """A connection in each of its phases, and one by a plugin's code."""
    from connectors.models import ConnectAttempt

    made: dict[str, Any] = {}
    for phase in ("", *ConnectAttempt.Phase.values, "pairing"):
        attempt = ConnectAttempt(
            token=f"attempt-{phase}-{'w' * 43}"[:64],
            dropshipper=seller,
            by=owner,
            platform="wordpress" if phase == "pairing" else "woocommerce",
            address=f"https://{phase or 'a'}-un-negozio-dal-nome-molto-lungo.example.it",
            phase=phase if phase in ConnectAttempt.Phase.values else "waiting",
            expires_at=timezone.now() + dt.timedelta(hours=1),
            answered_at=timezone.now() if phase in ("answered", "pending", "confirmed", "kept", "done") else None,
            shop=shop if phase in ("kept", "done") else None,
            found={"name": LONG[:100], "address": "https://pending.example.it", "orders": 12345},
        )
        attempt.sealed("form", {"mode": "auth", "address": attempt.address})
        code = attempt.token if phase == "pairing" else ""
        attempt.sealed("way", {"redirect": f"{attempt.address}/wc-auth/v1/authorize?x={'y' * 80}", "code": code})
        if phase == "failed":
            attempt.trouble, attempt.trouble_params = "shop_blocked", {"reason": "HTTP 403", "path": "/wp-json/wc/v3/"}
        attempt.save()
        made[f"attempt_{phase}" if phase else "attempt"] = attempt.pk
    return made


def _waves(orders: dict[str, Any], owner: Any) -> dict[str, Any]:
    """A wave that somebody walks, another that was given back, and shelves."""
    from catalog import shelves
    from orders.warehouse import waves

    for line in orders["sent"].lines.all():
        shelves.put(line.variant_id, "A-1")
        shelves.put(line.variant_id, "B-12.3", position=1)
    over = waves.start(by=owner.pk, order_ids=[orders["sent"].pk])
    waves.give_back(over.pk, by=owner.pk)
    wave = waves.start(by=owner.pk, order_ids=[orders["sent"].pk])
    return {"wave": wave.pk, "wave_over": over.pk}


def _packing_world(order: int, clerk: Any) -> dict[str, Any]:
    """What the clerk has on the bench, and the manifest that they closed."""
    from orders.models import Order, Packing
    from orders.warehouse import manifests
    from shipping.models import Shipment

    on_road = Shipment.objects.filter(state="shipped", reference__startswith="order:").first()
    assert on_road is not None
    closed = manifests.close(on_road.method.courier_id, by=clerk.pk)

    Packing.objects.create(order_id=order, by=clerk)
    shipment = Order.objects.get(pk=order).shipment
    assert shipment is not None
    return {"manifest": closed.pk, "hand_over": shipment.method.courier.code}


def _prints(orders: dict[str, Any], owner: Any) -> dict[str, Any]:
    """Labels of some parcels, of which one cannot be printed any more; and others that wait for a worker."""
    from orders.warehouse import papers, print_runs

    ids = [orders[name].pk for name in ("sent", "packed", "cancelled")]
    done = print_runs.start(ids, "label-a6", key=uuid.uuid4(), by=owner.pk)
    print_runs.advance(done.pk)
    waiting = print_runs.start(ids, "zpl-203", key=uuid.uuid4(), by=owner.pk)
    papers.print_one(orders["sent"].pk, "ddt", by=owner.pk)
    return {"print_run": done.key, "print_waiting": waiting.key}


def _asked(shop: Any, sent: Any) -> Any:
    """An order with all that a person may be asked, and `sent` with all that he should know."""
    from orders import problems, timeline
    from orders.models import Order, Problem
    from orders.questions import conflicts
    from tests.connectors.arrivals import arrive

    order = arrive(shop, 40, quantity=3)
    doubts = [
        problems.Doubt("partly_refunded", "", {"amount": "5.00"}),
        problems.Doubt("locker", "", {"method": "InPost", "point": "Locker MIL123, Via Savona 97, Milano"}),
        problems.Doubt("possible_duplicate", "", {"number": "MCI-000001"}),
        problems.Doubt("risk_high"),
        problems.Doubt("no_shipping_flag", "", {"sku": "MCI-0001"}),
    ]
    Problem.objects.bulk_create(problems.rows(order, doubts))
    both = [("phone", "+393331234567", "+393409876543"), ("to_collect", "30.00", "39.90"), ("note", "W" * 60, LONG)]
    for field, mine, theirs in [*both, (conflicts.LINES, "2 × MCI-0001", "3 × MCI-0001, 1 × MCI-0002")]:
        params = {"field": field, "mine": mine, "theirs": theirs}
        Problem.objects.create(order=order, code="conflict", subject=field, params=params)
    wishes = [["Incisione", "Per Ada, con affetto ♥"], ["Carattere", "Corsivo"], ["Dedica", "W" * 70]]
    told = {
        "fiscal": {
            "tax_code": "NREDAA80A41L219X",
            "vat_number": "01234567890",
            "sdi_code": "ABC1234",
            "pec": LONG[:80],
        },
        "details": [["Fascia oraria", "Dopo le 18"], ["Biglietto", LONG]],
    }
    rows = [["phone", "+393331234567", "+393409876543"], ["line:MCI-0001", "1", "2"], ["note", "", LONG]]
    for one in (order, sent):
        one.lines.update(attributes=wishes, bundle="Kit officina")
        Order.objects.filter(pk=one.pk).update(state="received" if one == order else "dispatched", **told)
        timeline.record(one.pk, "refreshed", sections=["address"], changes=rows)
    for code, params in {
        "changed_in_shop": {"changes": rows},
        "owes_less": {"owed": "25.00", "collect": "39.90"},
    }.items():
        Problem.objects.create(order=sent, code=code, blocking=False, params=params)
    return order


def _goods_world(shop: Any, broken: Any, variant: Any) -> dict[str, Any]:
    """Products on their way into the shops, and at which price."""
    from catalog import images
    from catalog.models import Variant
    from connectors.listings import publishing
    from connectors.listings.prices import rules
    from connectors.models import Listing, PriceRule, PublishItem, PublishRun
    from tests.catalog.goods import picture as picture_file

    now = timezone.now()
    rules.ensure_default(shop)
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


def _shelf_world() -> None:
    """A catalogue of two pages: one article with all that can be said of it, one with variants, one sold out."""
    from catalog import images
    from tests.catalog import goods

    goods.many(30)
    lamp = goods.product("Lampada da tavolo", slug="lampada", description_html="<p>Bella</p><ul><li>a led</li></ul>")
    goods.variant(product=lamp, sku="LAM-1", retail_price=Decimal("29.90"))
    images.add(lamp, goods.picture(), name="lamp")
    shirt = goods.product("Maglia", slug="maglia")
    for size in "SML":
        goods.variant(product=shirt, sku=f"MAG-{size}", title=f"Taglia {size}", retail_price=Decimal("25.00"))
    goods.variant(product=goods.product("Tostapane", slug="tostapane"), sku="TOS-1", pieces=0)


def _parcel_world(seller: Any) -> dict[str, Any]:
    """A parcel in each state, its cash in each of its own, and a very long name."""
    from shipping.models import Courier
    from tests.shipping.parcels import a_method, parcel

    method = a_method()
    Courier.objects.update(tracking_url="https://track.example/{tracking}")
    now = timezone.now()
    left = {"method": method, "shipped_at": now, "tracking": "BRT0012345678901234567890"}
    there = {**left, "state": "delivered", "delivered_at": now, "cod": "20.00"}
    far = {"name": LONG, "city": "Reggio nell'Emilia", "state": "held", "cod": "1249.90"}
    parcel(seller, **{**there, "cash": "collected"})
    parcel(seller, method=method, cod="20.00", cash="reversed", state="cancelled")
    made = {
        "on_its_way": parcel(seller, cod="49.90", state="shipped", **left),
        "held": parcel(seller, **left, **far),
        "paid": parcel(seller, **{**there, "cash": "remitted"}),
    }
    return {name: row.pk for name, row in made.items()}


def _money_world(seller: Any, owner: Any) -> dict[str, Any]:
    """Three pages of movements, a very long reason, and a top-up in each state."""
    from tests.wallet.books import sale, top_up
    from wallet import adjustments, moves, topups
    from wallet.models import Proposal

    now, clerk = timezone.now(), cast.staff(email=f"{'c' * 50}@example.com")
    top_up(seller, "123456.78", at=now - dt.timedelta(days=20))
    for n in range(1, 61):
        day = now - dt.timedelta(days=20 - n // 4)
        moves.sell([sale(seller, f"sale:{n}", cod=n % 3 == 0)], by=None, at=day)
    moves.adjust(seller.pk, Decimal("-3.40"), "W" * 150, owner.pk)
    states = ("open", "sent", "credited", "rejected", "second")
    asked = {state: topups.request(seller.pk, Decimal("1250.00"), key=uuid.uuid4(), by=owner.pk) for state in states}
    topups.mark_sent(asked["sent"].pk)
    for name in ("credited", "second"):  # so much needs two people
        topups.credit(asked[name].pk, by=clerk.pk)
    second = cast.staff(email=f"{'m' * 50}@example.com")
    topups.confirm_credit(Proposal.objects.get(reference=asked["credited"].reference).pk, by=second.pk)
    topups.reject(asked["rejected"].pk, reason="W" * 150, by=clerk.pk)
    key = uuid.uuid4()
    waits = adjustments.adjust(seller.pk, Decimal("-1500.00"), reason="W" * 150, key=key, by=clerk.pk)
    assert waits
    return {**{f"top_up_{state}": row.pk for state, row in asked.items()}, "proposal": waits.pk}


def _identity_world(seller: Any, owner: Any) -> dict[str, Any]:
    """What waits for somebody's word: an address, invitations, company data."""
    from accounts.companies import changes
    from accounts.models import Invitation, KeptForm
    from accounts.people import emails, invitations
    from core.sealed import seal

    email = emails.ask(owner, new=f"{'w' * 50}@example.com")
    old = invitations.invite(seller, email="tardi@example.com", role="orders", by=owner)
    Invitation.objects.filter(pk=old.pk).update(asked_at=timezone.now() - invitations.VALID)
    open_ = invitations.invite(seller, email=f"{'m' * 50}@example.com", role="accounting", by=owner)
    wanted = {"name": LONG, "vat_number": cast.vat_number(), "pec": f"{'w' * 60}@pec.example", "sdi_code": ""}
    change = changes.ask(seller, new=wanted, by=owner)
    assert change
    kept = KeptForm(user=owner, handle="k" * 43, page="/orders/new/", action="/orders/new/")
    kept.expires_at = timezone.now() + dt.timedelta(hours=1)
    typed = json.dumps([["name", "Sara Conti"], ["note", LONG]])
    kept.fields_sealed = seal(typed, context=kept.sealing_context("fields_sealed"))
    kept.save()
    return {
        "kept": kept.handle,
        "email_confirm": emails.confirm_token(email),
        "email_stop": emails.stop_token(email),
        "invited": invitations.token_of(open_),
        "invitation": open_.pk,
        "change": change.pk,
    }


def _typing_world(seller: Any, owner: Any) -> None:
    """An order half typed with a very long name and an article that nobody has, and one that was put away."""
    from orders.entry import half_typed

    place = half_typed.Place(seller.pk, owner.pk)
    rows = [{"sku": "MCI-0001", "quantity": "2"}, {"sku": "W" * 60, "quantity": "1"}]
    for name in ("Anna Neri", LONG[:120]):
        typed = {"name": name, "postcode": "20121", "city": "Pippolandia", "province": "MI", "payment": "cod"}
        half_typed.keep(place, half_typed.content_of(typed, rows), key=uuid.uuid4(), window=name[:5], instead=True)


@made_once
def _program_world(seller: Any, owner: Any) -> dict[str, Any]:
    """API keys that work, that were revoked and that have expired, and what was asked with them."""
    from accounts.keys import keys, requests

    ended = timezone.now() - dt.timedelta(days=1)
    made = [
        keys.make(seller, name=name, scopes=scopes, by=owner, networks=networks, expires_at=until)[0]
        for name, scopes, networks, until in (
            ("Gestionale", ["orders:read", "orders:write", "orders:send"], ["203.0.113.0/24"], None),
            ("Magazzino " + "w" * 50, ["stock:read"], [], ended),
            ("Vecchio", ["stock:read"], [], None),
        )
    ]
    keys.revoke(made[2], by=owner)
    for number, (status, code) in enumerate([(200, ""), (422, "balance_insufficient"), (429, "too_many_tries")]):
        where = {"method": "GET", "path": f"/api/v1/orders/{number}", "address": "203.0.113.7"}
        requests.note(made[0], request_id=f"req_{number:016x}", status=status, code=code, took_ms=12, **where)
    return {"api_key": made[0].pk}


def build(reader: str) -> tuple[Any, dict[str, Any]]:
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
    world = {"seller": seller.pk, **_shop_world(seller, owner), **_parcel_world(seller), **_money_world(seller, owner)}
    world |= _identity_world(seller, owner)
    _typing_world(seller, owner)
    world |= _program_world(seller, owner)
    _shelf_world()
    if reader == "staff":
        pending = cast.dropshipper(name=LONG[:100], status=Dropshipper.Status.PENDING)
        cast.member(pending)
        clerk = cast.staff()
        return clerk, world | {"pending": pending.pk} | _packing_world(world["sent"], clerk)
    return owner, world
