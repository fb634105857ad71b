"""Where a customer stands in what the shops wrote: the messages as they came, and the log.

A message that is about an order is known by the order's id in it; one that names a person by his e-mail, telephone, tax
code or id in the shop, or by his street with its postcode. It is emptied, its row stays: it was answered. What is still
to be read is left alone unless it is about an order whose customer was forgotten: nothing of that is taken any more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Length, Lower, StrIndex
from django.utils import timezone

from connectors.models import Delivery, InboxOrder, Shop, ShopEvent
from connectors.platforms import platforms
from connectors.platforms.base import IncomingOrder
from connectors.shops.stores import same_store
from orders.privacy import impersonal
from orders.questions.copies import Person, last_figures

_S = Delivery.State
_NAMED = ("id", "order_id", "legacyResourceId", "admin_graphql_api_id")
_ORDER = re.compile(r"(?:gid://shopify/Order/)?(\d{1,20})", re.ASCII)
_CUSTOMER = re.compile(r"(?:gid://shopify/Customer/)?(\d{1,20})", re.ASCII)
_ANY_ID = re.compile(
    r'"(?:id|order_id|legacyResourceId|admin_graphql_api_id)"\s*:\s*"?(?:gid:\\?/\\?/shopify\\?/Order\\?/)?(\d{1,20})\b'
)
_PLAIN = re.compile(r"[a-z0-9 @.+_-]+", re.ASCII)  # what JSON writes as it is, in whatever manner
_FEW = 20  # texts for which the database looks first which bodies are worth reading
_SHORTEST = 6  # what is shorter is anybody's
_BETWEEN = re.compile(r"[\s.()/-]+")  # within a telephone, as people write it
# The same as PostgreSQL's "escape" and JSON write it: bytes beyond ASCII as octal numbers, or a letter as \\u00a0.
_GAP = r"(?:[[:space:].()/-]|\\+(?:u[0-9a-f]{4}|[0-7]{3}|[nrt/]))*"
_EMPTIED: dict[str, Any] = {"body": b"", "error": "", "error_params": {}}


@dataclass(frozen=True, slots=True)
class Traces:
    """What to look for: orders by their id in the shop, persons, and customers by their id in the shop."""

    orders: Collection[str] = ()
    persons: Collection[Person] = ()
    customers: Collection[str] = ()

    @property
    def marks(self) -> set[str]:
        """Each of them names a person alone; in small letters."""
        found = (text for one in self.persons for text in (one.email, one.tax_code))
        return {text.strip().lower() for text in found if len(text.strip()) >= _SHORTEST}

    @property
    def phones(self) -> set[str]:
        return {digits for one in self.persons if (digits := last_figures(one.phone))}

    @property
    def places(self) -> set[tuple[str, str]]:
        """Street and postcode."""
        return {
            (one.street.strip().lower(), one.postcode.strip()) for one in self.persons if one.street and one.postcode
        }


@dataclass(frozen=True, slots=True)
class Message:
    """A body, read only for whom it is about; `sure`: the orders are the ones that it is about, not just numbers."""

    orders: frozenset[str]
    sure: bool
    customers: frozenset[str]
    text: str  # in small letters, nothing escaped where it is JSON


def message(body: bytes) -> Message:
    raw = body.decode("utf-8", "replace")
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return Message(frozenset(_ANY_ID.findall(raw)), False, frozenset(), raw.lower())
    text = json.dumps(data, ensure_ascii=False).lower()
    if not isinstance(data, dict):
        return Message(frozenset(), False, frozenset(), text)
    parts = [data, *(data[inner] for inner in ("order", "order_edit") if isinstance(data.get(inner), dict))]
    orders = frozenset(found for part in parts for found in _ids(part, _NAMED, _ORDER))
    customers = [part["customer"] for part in parts if isinstance(part.get("customer"), dict)]
    ids = frozenset(found for one in customers for found in _ids(one, ("id",), _CUSTOMER))
    return Message(orders, bool(orders), ids, text)


def _ids(data: Mapping[str, Any], names: Iterable[str], form: re.Pattern[str]) -> Iterator[str]:
    for name in names:
        match = form.fullmatch(str(data.get(name, "")))
        if match:
            yield match[1]


def rows_of_store(shop: Shop, external_ids: Collection[str]) -> list[InboxOrder]:
    """What this and the other connections of the store have of these orders, without the bodies. 1 statement."""
    if not external_ids:
        return []
    rows = InboxOrder.objects.filter(shop__in=same_store(shop), external_id__in=list(external_ids))
    return list(rows.defer("raw"))


def forgotten(shop: Shop, external_ids: Collection[str]) -> set[str]:
    """Of these orders of a store, those whose customer was forgotten, under whichever connection that was."""
    return forgotten_in(rows_of_store(shop, external_ids))


def forgotten_in(rows: Iterable[InboxOrder], readings: Mapping[str, IncomingOrder] | None = None) -> set[str]:
    """As `forgotten`, of rows of a store; with `readings` by id an order is not taken for the one that had its id
    before, in a shop that was reset."""
    gone, under_way = set(), set()
    for row in rows:
        reading = (readings or {}).get(row.external_id)
        if row.forgotten_at is None:
            under_way |= {row.external_id} if row.order_id else set()
        elif reading is None or not is_other(row, reading):
            gone.add(row.external_id)
    return gone - under_way


def is_other(row: InboxOrder, reading: IncomingOrder) -> bool:
    """Another customer's order under the same id: shops that were reset, or restored from a copy, count anew."""
    placed = row.placed_at and row.placed_at != reading.placed_at
    return bool(row.identity and reading.identity and row.identity != reading.identity[:80] and placed)


def is_of_forgotten(shop: Shop, body: bytes) -> bool:
    """Is this message about an order whose customer was forgotten?"""
    return bool(body) and bool(forgotten(shop, message(body).orders))


def empty(shop: Shop, traces: Traces) -> int:
    """Empties the messages of this store with one of these traces, under all its connections; how many."""
    shops = list(same_store(shop).values_list("pk", flat=True))
    nobodys = forgotten(shop, traces.orders)
    about: dict[int, frozenset[str]] = {}
    perhaps: list[int] = []
    orders, is_his = set(traces.orders), _finder(traces)
    for pk, body in _worth_reading(Delivery.objects.filter(shop__in=shops), "body", traces):
        found = message(bytes(body))
        if found.orders & orders:
            if found.sure:
                about[pk] = found.orders
            else:
                perhaps.append(pk)
        elif is_his(found):
            perhaps.append(pk)
    done = _empty(Delivery.objects.filter(pk__in=[*about, *perhaps]).exclude(state=_S.NEW))
    # Read, these would come to nothing. Whoever reads one just now loses his lease.
    idle = [pk for pk, ids in about.items() if ids <= nobodys]
    done += _empty(Delivery.objects.filter(state=_S.NEW, pk__in=idle).exclude(topic__in=law_topics()))
    return done


def without_order(shops: Collection[int], traces: Traces) -> list[int]:
    """Rows of the inbox that have no order here and name one of these persons."""
    is_his = _finder(traces, streets=False)
    rows = InboxOrder.objects.filter(shop__in=shops, order=None)
    return [pk for pk, raw in _worth_reading(rows, "raw", traces) if is_his(message(bytes(raw)))]


def _finder(traces: Traces, *, streets: bool = True) -> Callable[[Message], bool]:
    """Tells whether a message names one of the persons. One that is about another order is not taken for his because a
    neighbour lives in the same street."""
    customers, marks, phones, places = set(traces.customers), traces.marks, traces.phones, traces.places

    def is_his(found: Message) -> bool:
        if found.customers & customers or any(mark in found.text for mark in marks):
            return True
        if phones and any(phone in _BETWEEN.sub("", found.text) for phone in phones):
            return True
        return streets and not found.sure and any(a in found.text and b in found.text for a, b in places)

    return is_his


def _worth_reading(rows: QuerySet[Any], field: str, traces: Traces) -> Iterator[tuple[int, bytes]]:
    """Bodies that are not empty; with few traces only those that the database finds one in."""
    rows = rows.annotate(size=Length(field)).filter(size__gt=0)
    texts = {*traces.orders, *traces.customers, *traces.marks, *(street for street, _postcode in traces.places)}
    plain = [max(_PLAIN.findall(text), key=len, default="") for text in texts]
    phones = traces.phones
    if not texts and not phones:
        return iter(())
    if len(plain) + len(phones) <= _FEW and all(plain):
        # "escape" leaves all ASCII as it is, whatever bytes stand beside it.
        rows = rows.annotate(
            text=Lower(Func(F(field), Value("escape"), function="encode", output_field=TextField())),
        )
        found = Q()
        for number, text in enumerate(plain):
            rows = rows.alias(**{f"at{number}": StrIndex("text", Value(text))})
            found |= Q(**{f"at{number}__gt": 0})
        for phone in phones:  # in whatever groups: "333 12 34 567", "333 123 456 7"
            found |= Q(text__regex=_GAP.join(phone))
        rows = rows.filter(found)
    return rows.values_list("pk", field).iterator(chunk_size=200)


def empty_all(shop: Shop) -> int:
    """Empties all messages of a shop; those that are still to be read only when nobody will, and never the law's."""
    mine = Delivery.objects.filter(shop=shop)
    done = _empty(mine.exclude(state=_S.NEW))
    if shop.state in (Shop.State.GONE, Shop.State.BROKEN):
        done += _empty(mine.filter(state=_S.NEW).exclude(topic__in=law_topics()))
    return done


def law_topics() -> list[str]:
    """The topics of the law's requests: they are read whatever the state of the shop."""
    return sorted({topic for api in platforms() for topic in api.privacy_topics})


def _empty(rows: QuerySet[Delivery]) -> int:
    """What was not read, or could not be, is nothing to do any more."""
    rows = rows.exclude(body=b"")
    idle = {"state": _S.IGNORED, "done_at": timezone.now(), "lease_until": None, "lease_token": None}
    changed = rows.filter(state__in=[_S.NEW, _S.DEAD]).update(**idle, **_EMPTIED)
    return changed + rows.update(**_EMPTIED)


def clean_log(shops: Collection[int], traces: Traces) -> None:
    """Takes persons out of what the shops' log and their troubles quote."""
    marks = traces.marks | {one.name.strip().lower() for one in traces.persons if len(one.name.strip()) >= _SHORTEST}
    if not marks:
        return
    for event in ShopEvent.objects.filter(shop__in=shops).exclude(params={}).iterator():
        if _quotes(event.params, marks):
            ShopEvent.objects.filter(pk=event.pk).update(params=impersonal(event.params))
    for shop in Shop.objects.filter(pk__in=shops).exclude(trouble_params={}).only("trouble_params"):
        if _quotes(shop.trouble_params, marks):
            Shop.objects.filter(pk=shop.pk).update(trouble_params=impersonal(shop.trouble_params))


def clean_reasons(shop: Shop) -> None:
    """Takes out of a shop's log what the shop answered in its own words."""
    for event in ShopEvent.objects.filter(shop=shop, params__has_key="reason").iterator():
        ShopEvent.objects.filter(pk=event.pk).update(params=impersonal(event.params))


def _quotes(params: Any, marks: Iterable[str]) -> bool:
    text = json.dumps(params, ensure_ascii=False).lower()
    return any(mark in text for mark in marks)
