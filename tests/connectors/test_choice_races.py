"""What two people choose for one shop at once: the second waits, and builds on what the first chose. Without any lock
he undoes it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from connectors.connect import import_settings
from connectors.intake import gateways
from connectors.listings.prices import rules
from connectors.matching import bulk, single
from connectors.models import Match, PriceRule
from orders.intake.matching import Tie
from tests import cast
from tests.connectors.arrivals import arrive, ready_shop
from tests.connectors.conftest import make_goods, make_shop
from tests.meeting import Met, meet

pytestmark = pytest.mark.django_db(transaction=True)
PLUGIN: dict[str, Any] = {"id": "paga_corriere", "title": "Paghi al corriere", "enabled": True}
PLACE: dict[str, Any] = {"location": "12"}


@pytest.fixture
def shop(db: None) -> Any:
    return make_shop(cast.dropshipper(), facts={"gateways": [PLUGIN]})


# ---- what is kept in its options


@pytest.mark.parametrize("answered", ["first", "second"])
def test_the_options_of_the_form_and_of_the_questions_are_both_kept(shop: Any, locked: bool, answered: str) -> None:
    """Else its stock is told for another place than the one that was chosen, or the question comes again."""

    def answer() -> int:
        return gateways.answer(shop, {PLUGIN["id"]: gateways.ASK}, by=1)

    def choose() -> int:
        since = timezone.localdate()
        return import_settings.set_rules(shop, method_id=None, since=since, by=1, options=PLACE)

    acts = (answer, choose) if answered == "first" else (choose, answer)
    met = meet(*acts)
    assert met.waited, met
    shop.refresh_from_db()
    assert (shop.options == {"ask_each_time": [PLUGIN["id"]], **PLACE}) == locked, (met, shop.options)


def test_of_two_usual_rules_that_are_saved_at_once_the_second_is_the_usual_one(shop: Any, locked: bool) -> None:
    """The database lets no two be it: the second would be lost, and who typed it see an error."""
    shop_rules = [PriceRule(shop=shop, name=name, is_default=True) for name in ("Estate", "Inverno")]
    met = meet(*(lambda rule=rule: rules.save(rule, by=1) for rule in shop_rules))
    assert met.waited, met
    kept = list(shop.price_rules.order_by("name").values_list("name", "is_default"))
    assert (kept == [("Estate", False), ("Inverno", True)]) == locked, (met, kept)


# ---- which articles are whose


def tie(shop: Any, variant: Any) -> bulk.Matched:
    return bulk.accept_many(shop, {"sku:A": Tie(variant.pk)}, by=None)


def test_who_takes_back_the_second_of_two_clicks_leaves_the_first(shop: Any, locked: bool) -> None:
    goods = make_goods()
    met = meet(lambda: tie(shop, goods["MCI-0001"]), lambda: tie(shop, goods["MCI-0002"]))
    assert met.waited, met
    bulk.undo(met.second.batch, by=None)
    left = list(Match.objects.values_list("subject", "variant"))
    assert (left == [("sku:A", goods["MCI-0001"].pk)]) == locked, (met, left)


def test_a_batch_that_is_taken_back_twice_at_once_is_taken_back_once(shop: Any, locked: bool) -> None:
    """In the history of its orders too; the same was ticked in two tabs."""
    ready_shop(shop)
    goods = make_goods()
    order = arrive(shop, 1, sku="A")
    again = [tie(shop, goods["MCI-0001"]) for _tab in range(2)][1]
    met = meet(*[lambda: bulk.undo(again.batch, by=None)] * 2)
    assert met.waited, met
    told = order.events.filter(code="unmatched").count()
    assert ((met.first.articles, met.second.articles, told) == (1, 0, 1)) == locked, (met, told)


@pytest.mark.parametrize("way", ["by hand", "together"])
def test_what_is_matched_while_a_batch_is_taken_back_stays(shop: Any, locked: bool, way: str) -> None:
    goods = make_goods()
    made = tie(shop, goods["MCI-0001"])

    def match() -> Any:
        if way == "together":
            return tie(shop, goods["MCI-0002"])
        return single.accept(shop, "sku:A", goods["MCI-0002"].pk, by=None)

    met: Met = meet(match, lambda: bulk.undo(made.batch, by=None))
    assert met.waited, met
    left = list(Match.objects.values_list("subject", "variant"))
    assert (left == [("sku:A", goods["MCI-0002"].pk)]) == locked, (met, left)
