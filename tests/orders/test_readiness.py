"""Ready is what would go now: the tab, its counter, the badge, the overview and the bulk act name the orders that
Sincronizza really sends, whatever state they, the stock, the tariff and the catalogue are in."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Dropshipper
from catalog import stock
from catalog.models import Product, Stock, Variant
from connectors import queries as inbox_queries
from mci.pages import figures
from orders import queries
from orders.dispatch import readiness, runs
from orders.intake import creation, editing
from orders.models import DispatchItem, DispatchRun, Order, Problem
from shipping.models import Courier, Method, Rate
from shipping.tariffs.quotes import Tariff
from tests import cast, differing
from tests.connectors.conftest import make_shop
from tests.journeys import world
from tests.orders import stage
from wallet import moves

pytestmark = pytest.mark.django_db


def listed(client: Any, url: str, **asked: str) -> set[int]:
    """The orders of a list, over all its pages."""
    found: set[int] = set()
    page = client.get(url, asked).content.decode()
    while True:
        found |= {int(pk) for pk in re.findall(r'<tr[^>]* data-order="(\d+)"', page)}
        following = re.search(r'<a[^>]*rel="next"[^>]*href="\?([^"]+)"|<a[^>]*href="\?([^"]+)"[^>]*rel="next"', page)
        if following is None:
            return found
        page = client.get(f"{url}?{(following[1] or following[2]).replace('&amp;', '&')}").content.decode()


def badged(client: Any, url: str, **asked: str) -> set[int]:
    """The orders of a list whose badge says that they are ready."""
    page = client.get(url, asked).content.decode()
    rows = re.findall(r'<tr[^>]* data-order="(\d+)"(.*?)</tr>', page, re.DOTALL)
    return {int(pk) for pk, row in rows if re.search(r"<span data-state=\"ready\" data-goes", row)}


def bulk(client: Any, **asked: str) -> set[int]:
    """The orders that "Sync N ready" is about."""
    page = client.get(reverse("orders:plan"), {"all": "ready", **asked}).content.decode()
    return {int(pk) for pk in re.findall(r'<li data-order="(\d+)"', page)}


def sent(seller: Any, ids: list[int]) -> set[int]:
    """What Sincronizza of all these sends, with money enough."""
    moves.adjust(seller.pk, Decimal("900000.00"), memo="test", by=None)
    run = runs.start(ids, dropshipper_id=seller.pk, key=uuid.uuid4(), by=None, source="test")
    runs.advance(run.pk)
    return set(run.items.filter(result=DispatchItem.Result.DISPATCHED).values_list("order_id", flat=True))


def all_agree(seller: Any, client: Any, platforms: tuple[str, ...] = ()) -> set[int]:
    """Compares everything that says "ready" with what Sincronizza does of it; what it sent."""
    shop_url = reverse("orders:list")
    ready = listed(client, shop_url, source="all", tab="ready")
    assert queries.tab_counts(seller, queries.Find(source=""))["ready"] == len(ready)
    assert badged(client, shop_url, source="all") == ready
    assert bulk(client, source="all") == ready
    assert figures.to_do(seller).ready == len(ready)
    assert listed(client, shop_url, source="all", tab="ship") == set(readiness.of(seller.pk).to_ship)
    for source in ("manual", *platforms):
        url = shop_url if source == "manual" else reverse("connectors:inbox", args=[source])
        mine = set(Order.objects.filter(pk__in=ready, source=source).values_list("pk", flat=True))
        asked = {"source": "manual"} if source == "manual" else {}
        assert listed(client, url, tab="ready", **asked) == mine
        assert badged(client, url, tab="all", **asked) == mine
        assert bulk(client, source=source) == mine
        if source != "manual":
            find = inbox_queries.Find(source)
            assert inbox_queries.tab_counts(seller, find)["ready"] == len(mine)
            counts = inbox_queries.tab_counts(seller, find)
            assert counts["ready"] + counts["ship"] + counts["fix"] == counts["sync"]
            page = client.get(url).content.decode()
            assert f'data-ready="{len(mine)}"' in page or 'id="figures"' not in page
            assert ("all=ready" in page) is bool(mine)
    open_ids = list(Order.objects.filter(dropshipper=seller, state__in=["draft", "received", "ready"]).order_by("pk"))
    assert sent(seller, [order.pk for order in open_ids]) == ready
    assert listed(client, shop_url, source="all", tab="ready") == set()
    return ready


def every_kind(seller: Any) -> dict[str, Order]:
    """An order in each state in which it may be, and of each thing that can keep one back."""
    method, dear = stage.method(), stage.method("solo-prepagato", cod_allowed=False)
    light = stage.method("leggero")
    Rate.objects.filter(method=light).update(max_weight_g=400)
    gone, closed = stage.method("tolto"), stage.method("chiuso")
    Method.objects.filter(pk=gone.pk).update(active=False)
    Courier.objects.filter(pk=closed.courier_id).update(active=False)
    stage.variant("MCI-1")
    stage.variant("EMPTY", pieces=0)
    stage.variant("TWO", pieces=2)
    stage.variant("OFF")
    stage.variant("OUT")
    for sku in ("MCI-2", "MCI-3"):
        stage.variant(sku)
    other = replace(stage.ADDRESS, name="Ugo Verdi", email="", phone="+393477654321", street="Via Po 1")
    made = {
        "good": stage.order(seller, ("MCI-1", 1), method=method),
        "cod": stage.order(seller, ("MCI-1", 1), method=method, payment="cod"),
        "good_light": stage.order(seller, ("MCI-1", 1), method=dear),
        "no_method": stage.order(seller, ("MCI-1", 1)),
        "gone": stage.order(seller, ("MCI-1", 1), method=gone),
        "closed": stage.order(seller, ("MCI-1", 1), method=closed),
        "heavy": stage.order(seller, ("MCI-1", 1), method=light),
        "cod_not_here": stage.order(seller, ("MCI-1", 1), method=dear, payment="cod"),
        "over_cap": stage.order(seller, ("MCI-1", 1), method=method, payment="cod", total="1500.00"),
        "no_zone": stage.order(seller, ("MCI-1", 1), method=method),
        "empty": stage.order(seller, ("EMPTY", 1), method=method),
        "first_of_two": stage.order(seller, ("TWO", 1), method=method),
        "too_many": stage.order(seller, ("TWO", 1), ("TWO", 1), method=method),  # both: alone they would go
        "last_of_two": stage.order(seller, ("TWO", 1), method=method),
        "off_sale": stage.order(seller, ("OFF", 1), method=method),
        "off_shelf": stage.order(seller, ("OUT", 1), method=method),
        "unknown": stage.order(seller, ("NOBODY-S", 1), method=method),
        "awaiting": stage.order(seller, ("MCI-1", 1), method=method, payment="awaiting"),
        "review": stage.order(seller, ("MCI-1", 1), method=method, payment="review"),
        "asked": stage.order(seller, ("MCI-1", 1), method=method),
        "draft": creation.create(stage.data(("MCI-1", 1)), dropshipper_id=seller.pk, draft=True),
        "shop": stage.order(seller, ("MCI-3", 1), method=method, source="woocommerce", address=other),
        "shop_no_method": stage.order(
            seller, ("MCI-2", 1), source="woocommerce", address=replace(stage.ADDRESS, name="Ada", email="", phone="")
        ),
    }
    Order.objects.filter(pk=made["no_zone"].pk).update(country="FR", postcode="75001", province="")
    Variant.objects.filter(sku="OFF").update(active=False)
    Product.objects.filter(variants__sku="OUT").update(active=False)
    Problem.objects.create(order=made["asked"], code="risk_high", blocking=True)
    return made


def test_what_is_called_ready_is_what_goes(dropshipper: Any, owner: Any, client_for: Any) -> None:
    made = every_kind(dropshipper)
    make_shop(dropshipper)
    known = readiness.of(dropshipper.pk)
    names = {order.pk: name for name, order in made.items()}
    assert {names[pk]: code for pk, code in known.kept.items()} == {
        "no_method": "method_missing",
        "gone": "method_gone",
        "closed": "method_gone",
        "heavy": "too_heavy",
        "cod_not_here": "cod_not_allowed",
        "over_cap": "cod_over_cap",
        "no_zone": "country_not_served",
        "empty": "out_of_stock",
        "too_many": "pieces_promised",
        "off_sale": "off_sale",
        "off_shelf": "off_sale",
        "asked": "has_problems",
        "shop_no_method": "method_missing",
    }
    went = all_agree(dropshipper, client_for(owner), ("woocommerce",))
    assert {names[pk] for pk in went} == {"good", "cod", "good_light", "first_of_two", "last_of_two", "shop"}


def test_with_the_state_alone_as_definition_it_would_not(dropshipper: Any, owner: Any, client_for: Any) -> None:
    """The negative control: what was counted before is not what goes."""
    every_kind(dropshipper)
    by_state = set(Order.objects.filter(state="ready").values_list("pk", flat=True))
    assert sent(dropshipper, list(by_state)) < by_state


def test_the_balance_is_left_aside_and_said_beside(dropshipper: Any, owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1), method=stage.method())
    client = client_for(owner)
    page = client.get(reverse("orders:list")).content.decode()
    assert queries.tab_counts(dropshipper, queries.Find())["ready"] == 1
    assert badged(client, reverse("orders:list")) == {order.pk}
    assert 'data-refusal="insufficient_funds"' in page
    assert f"{reverse('wallet:top_up')}?amount=20.74" in page


def test_what_an_older_order_takes_is_not_promised_twice(dropshipper: Any, owner: Any, client_for: Any) -> None:
    """59 were "ready" of which none could leave: the pieces that there are go to the oldest, and each says so."""
    method = stage.method()
    stage.variant("FEW", pieces=3)
    orders = [stage.order(dropshipper, ("FEW", 1), method=method) for _ in range(9)]
    client = client_for(owner)
    assert list(readiness.of(dropshipper.pk).going) == [order.pk for order in orders[:3]]
    editing.choose_method([orders[0].pk], stage.method("altro").pk, dropshipper_id=dropshipper.pk, by=owner.pk)
    stock.receive(Variant.objects.get(sku="FEW").pk, 2, by=None)
    assert len(all_agree(dropshipper, client)) == 5


def test_in_the_world_of_the_journeys_they_agree(client_for: Any) -> None:
    person, known = world.build("owner")
    seller = Dropshipper.objects.get(pk=known["seller"])
    for run in DispatchRun.objects.filter(dropshipper=seller, state="queued"):  # it would send its own first
        runs.stop(run.pk, dropshipper_id=seller.pk)
        runs.advance(run.pk)
    assert all_agree(seller, client_for(person), ("woocommerce", "shopify", "wordpress"))


def test_a_reseller_who_is_not_active_has_none_ready(dropshipper: Any) -> None:
    stage.variant("MCI-1")
    stage.order(dropshipper, ("MCI-1", 1), method=stage.method())
    type(dropshipper).objects.filter(pk=dropshipper.pk).update(status="suspended")
    assert set(readiness.of(dropshipper.pk).kept.values()) == {"dropshipper_inactive"}


def test_another_resellers_orders_take_no_piece(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("ONE", pieces=1)
    other = cast.dropshipper()
    stage.order(other, ("ONE", 1), method=method)
    mine = stage.order(dropshipper, ("ONE", 1), method=method)
    assert list(readiness.of(dropshipper.pk).going) == [mine.pk]


def test_one_question_however_many_orders(dropshipper: Any, django_assert_num_queries: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1", pieces=1000)
    for _ in range(30):
        stage.order(dropshipper, ("MCI-1", 1), method=method)
    with django_assert_num_queries(2):  # the orders with their articles and stock; the tariff
        assert len(readiness.of(dropshipper.pk).going) == 30


def test_of_each_ready_order_where_it_is_from_or_what_keeps_it() -> None:
    made = differing.world(money="0.00")
    shop = {"source": "woocommerce", "source_label": "Casa"}
    first = made.order(("DIV-D", 10))
    promised = made.order(("DIV-A", 1), ("DIV-D", 7))
    third = made.order(("DIV-D", 2), ("DIV-B", 1), ("DIV-D", 4), **shop)  # 16 there are: the rest is just enough
    lacks = made.order(("DIV-D", 17), method="due", **shop)
    no_method = made.order(("DIV-A", 1), method=None)
    empty = made.order(("DIV-A", 1))
    empty.lines.all().delete()
    not_ours = made.order(("DIV-A", 1), ("DIV-D", 99))
    not_ours.lines.filter(sku="DIV-D").update(ignored=True)
    never = made.order(("DIV-E", 1))
    Stock.objects.filter(variant__sku="DIV-E").delete()
    heavy = made.order(("DIV-B", 25), method="tre")
    abroad = made.order(("DIV-A", 1), zone="francia")
    blocked = made.order(("DIV-A", 1))
    Problem.objects.create(order=blocked, code="risk_high", blocking=True)
    Problem.objects.create(order=first, code="phone_missing", blocking=False)
    dear = made.order(("DIV-A", 1), payment="cod", total="1234.57")
    Order.objects.update(state="ready")
    waits = made.order(("DIV-A", 1))
    Order.objects.filter(pk=waits.pk).update(state="received")
    made.order(("DIV-A", 1), seller=made.other)
    known = readiness.of(made.seller.pk)
    kept = {
        promised.pk: "pieces_promised",
        lacks.pk: "out_of_stock",
        no_method.pk: "method_missing",
        empty.pk: "method_missing",
        never.pk: "out_of_stock",
        heavy.pk: "too_heavy",
        abroad.pk: "country_not_served",
        blocked.pk: "has_problems",
        dear.pk: "cod_over_cap",
    }
    assert known == readiness.Readiness({first.pk: "manual", third.pk: "woocommerce", not_ours.pk: "manual"}, kept)
    assert list(known.going) == [first.pk, third.pk, not_ours.pk]
    assert known.to_ship == [no_method.pk, empty.pk, heavy.pk, abroad.pk, dear.pk]
    assert known.to_fix == [promised.pk, lacks.pk, never.pk, blocked.pk]
    of = [known.of_source(source) for source in ("", "manual", "woocommerce", "shopify")]
    assert of == [[first.pk, third.pk, not_ours.pk], [first.pk, not_ours.pk], [third.pk], []]
    assert readiness.Readiness() == readiness.Readiness({}, {})
    mine = Order.objects.filter(dropshipper=made.seller).order_by("pk")

    def found(condition: Any) -> list[int]:
        return list(mine.filter(condition).values_list("pk", flat=True))

    assert found(readiness.going(known)) == list(known.going)
    assert found(readiness.to_ship(known)) == known.to_ship
    assert found(readiness.to_fix(known)) == [*known.to_fix, waits.pk]
    tariff = Tariff.load()
    Rate.objects.all().delete()
    assert readiness.of(made.seller.pk, tariff) == known
    assert readiness.of(made.seller.pk).going == {}
