"""How the shop lets an order out, and when: on hold, due later, collected by the customer, to a locker. The API tells
it in the fulfilment orders; besides, and in a webhook's body alone, the words of the shipping method, of the order's
attributes and of the address are judged."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from connectors.platforms.base import Doubt
from connectors.platforms.shopify.answers import number_of
from connectors.platforms.shopify.order_words import HIDDEN, Words, block, date, items, objects
from core.strict import text, whole

_OVER = frozenset({"CLOSED", "CANCELLED"})
_ITALY = ZoneInfo("Europe/Rome")
# Of words in small letters: `_plain`.
_LOCKER = re.compile(
    r"(?<!\w)(?:(?:\w+)?locker|inpost|fermo ?point|fermo ?posta|punto ?poste|punto (?:di )?ritiro|punto pack"
    r"|ritir\w+ (?:in|presso) (?:un |il )?(?:punto|tabacc\w+|edicol\w+)|(?:pick ?up|collect(?:ion)?|drop ?off) points?"
    r"|pick ?up station|parcel ?shop|access ?point|service ?point|packstation|paketshop|pudo|easybox|paccofacile point"
    r"|points? relais|relais colis|mondial relay|punto (?:de )?recogida|amazon (?:counter|hub))(?!\w)"
)
_PICKUP = re.compile(
    r"(?<!\w)(?:ritir[oa]\w*|pick ?up|collect in store|click (?:&|and|e|n) collect|click ?collect|in store"
    r"|in negozio|local delivery|store delivery|consegna (?:locale|a mano)|retrait|recogida|abholung|selbstabholung"
    r"|entrega local|livraison locale|lokale lieferung)(?!\w)"
)
_POINT_OF = re.compile(
    r"(?:^| )point id$|^(?:packeta|inpost|gls|brt|dhl|ups|tnt|sda|poste|dpd|mondial relay|sendcloud) (?:[a-z]+ )?"
    r"(?:points?|shops?|relays?|terminals?|branch|office)(?: (?:id|code|name|address))?$"
)
_WAY = re.compile(r"(?:checkout|delivery|shipping|fulfil+ment) ?method|metodo di (?:consegna|spedizione)")
_NOT_SHIPPED = frozenset({"delivery", "local", "store"})


@dataclass(frozen=True, slots=True)
class Sending:
    """What the fulfilment orders say, by the number of the line. `known` false: they are not told (a webhook's body).
    `due` may leave now, or waits for what a doubt says; `later` is scheduled. `dates`: when, as people write it."""

    known: bool = False
    due: Mapping[str, int] = field(default_factory=dict)
    later: Mapping[str, int] = field(default_factory=dict)
    dates: Sequence[str] = ()
    doubts: Sequence[Doubt] = ()


def read(data: Mapping[str, Any], words: Words, attributes: Sequence[tuple[str, str]]) -> Sending:
    """`attributes`: of the whole order."""
    hidden = data.get(HIDDEN)
    by_words = list(_by_words(data, words, attributes))
    if not words.api or "fulfillmentOrders" not in data:
        return Sending(doubts=by_words)
    if not isinstance(data["fulfillmentOrders"], dict) or not isinstance(data["fulfillmentOrders"].get("nodes"), list):
        kept = isinstance(hidden, list) and "fulfillmentOrders" in hidden
        return Sending(
            doubts=[Doubt("on_hold_in_shop", "", {"reason": "not_visible" if kept else "unknown"}), *by_words]
        )
    due: Counter[str] = Counter()
    later: Counter[str] = Counter()
    dates: list[str] = []
    doubts: dict[str, Doubt] = {}
    for order in objects(data["fulfillmentOrders"]):
        status, left = text(order.get("status"), 40).upper(), _left(order)
        if status in _OVER or not left:
            continue
        if status == "SCHEDULED":
            later.update(left)
            moment = date(order.get("fulfillAt"))
            dates.append(f"{moment.astimezone(_ITALY):%d/%m/%Y}" if moment else "–")
            continue
        due.update(left)
        if status == "ON_HOLD" or items(order.get("fulfillmentHolds")):
            doubts.setdefault("on_hold_in_shop", Doubt("on_hold_in_shop", "", {"reason": _reason(order)}))
        for doubt in _by_method(order, data, words):
            doubts.setdefault(doubt.code, doubt)
    for doubt in by_words:
        doubts.setdefault(doubt.code, doubt)
    if "locker" in doubts:  # "Ritiro in un punto InPost" is one question
        doubts.pop("pickup", None)
    return Sending(True, due, later, tuple(dict.fromkeys(dates)), list(doubts.values()))


def _left(order: Mapping[str, Any]) -> dict[str, int]:
    """The pieces of a fulfilment order that are still to be sent, by line."""
    found: Counter[str] = Counter()
    for entry in objects(order.get("lineItems")):
        pieces = whole(entry.get("remainingQuantity"), 1, 99_999)
        line = number_of(block(entry.get("lineItem")).get("id"))
        if pieces and line:
            found[line] += pieces
    return found


def _reason(order: Mapping[str, Any]) -> str:
    """Codes (orders.problem_kinds.HOLDS has words for them); of "other" what the merchant wrote."""
    found = []
    for hold in objects(order.get("fulfillmentHolds")):
        code = text(hold.get("reason"), 60).lower()
        notes = text(hold.get("reasonNotes"), 80)
        found.append(notes if notes and code in ("", "other") else code or "other")
    return ", ".join(list(dict.fromkeys(found))[:3]) or "other"


def _by_method(order: Mapping[str, Any], data: Mapping[str, Any], words: Words) -> Iterator[Doubt]:
    method = block(order.get("deliveryMethod"))
    kind = text(method.get("methodType"), 40).upper()
    shown = text(method.get("presentedName"), 100)
    title = next((title for title in _titles(data, words) if title), "")
    if kind == "PICKUP_POINT":
        yield Doubt("locker", "", {"method": title or shown or "–", "point": shown or "–"})
    elif kind not in ("", "SHIPPING", "NONE"):  # LOCAL, PICK_UP, RETAIL, and what Shopify may call another one
        yield Doubt("pickup", "", {"method": shown or title or kind.replace("_", " ").lower()})


def _titles(data: Mapping[str, Any], words: Words) -> list[str]:
    lines = [block(data.get("shippingLine"))] if words.api else list(objects(data.get("shipping_lines")))
    return [text(line.get(name), 100) for line in lines[:20] for name in ("title", "code")]


def _by_words(data: Mapping[str, Any], words: Words, attributes: Sequence[tuple[str, str]]) -> Iterator[Doubt]:
    titles = _titles(data, words)
    method = next((title for title in titles if title), "")
    place = block(words.pick(data, "shippingAddress", "shipping_address"))
    street = [text(place.get(name), 120) for name in ("company", "address1", "address2")]
    point = next((worth for name, worth in attributes if _is_point(name)), "")
    named = next((title for title in titles if _LOCKER.search(_plain(title))), "")
    stands = next((line for line in street if _LOCKER.search(_plain(line))), "")
    if point or named or stands:
        yield Doubt("locker", "", {"method": named or method or "–", "point": point or stands or named})
        return
    way = next((worth for name, worth in attributes if _is_way(name, worth)), "")
    collected = next((title for title in titles if _PICKUP.search(_plain(title))), "")
    if way or collected:
        yield Doubt("pickup", "", {"method": collected or way})


def _is_point(name: str) -> bool:
    plain = _plain(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    return bool(_LOCKER.search(plain) or _LOCKER.search(_plain(name)) or _POINT_OF.search(plain))


def _is_way(name: str, worth: str) -> bool:
    """What an app for collections writes: "Checkout-Method: pickup"."""
    plain, said = _plain(name), _plain(worth)
    if _WAY.search(plain):
        return said in _NOT_SHIPPED or bool(_PICKUP.search(said))
    return plain.startswith(("pickup location", "pickup date", "pick up location", "negozio di ritiro", "data ritiro"))


def _plain(words: str) -> str:
    """Lower case, with spaces for what ties words in ids."""
    return " ".join(re.sub(r"[_\-./:]+", " ", words.lower()).split())
