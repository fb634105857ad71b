"""A store is one store however it was connected: by keys and by our plugin, with and without “www”, at an address that
it moved to, disconnected and connected again, under another account.

A store is recognised by its keys (Shop.store_keys): its home, which is the address that MCI really called and the first
of them, and what it said of itself in an authenticated answer. The address that was called and Shopify's own ids are
proof. The id of a WooCommerce, or of our plugin, and a home above the address are claims that a server of anybody could
make: within one account they count fully; across accounts they refuse, hide and forget nothing, so that nobody can sit
on another's store, and only make an order that the other has a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, models

from connectors.errors import ShopTaken, StoreConnected
from connectors.models import InboxOrder, Shop
from connectors.platforms import platform
from connectors.platforms.base import IncomingOrder
from connectors.platforms.homes import HOME, home_key, is_within
from connectors.shops.state import LIVE
from core import tenancy
from orders.models import Order

SENT, OPEN = "sent", "open"
_ID = re.compile(r"(?:woo|install|shopify):[A-Za-z0-9-]{1,64}", re.ASCII)
_SHOPIFY = "shopify:"
_MOST_KEYS = 8
_WENT = (Order.State.DISPATCHED, Order.State.COMPLETED)


def keys_of(address: str, given: Sequence[str] = (), before: Sequence[str] = ()) -> list[str]:
    """The keys of a store that was called at `address`. `given`: what its platform put together; a home among it counts
    only where the address lies within it. `before`: what is known of it; its ids stand where none of that kind came."""
    home = home_key(address)
    homes = [key for key in given if key.startswith(HOME) and is_within(home, key)]
    ids = [key for key in given if _ID.fullmatch(key)]
    kinds = {_kind(key) for key in ids}
    if home in before:  # else it moved: whatever is there now says who it is
        ids += [key for key in before if _ID.fullmatch(key) and _kind(key) not in kinds]
    return list(dict.fromkeys([key for key in (home, *homes, *ids) if key]))[:_MOST_KEYS]


def _kind(key: str) -> str:
    return key.partition(":")[0]


def known_keys(shop: Shop) -> list[str]:
    """Of a shop from before stores had keys: its home."""
    return list(shop.store_keys) or keys_of(shop.address)


@dataclass(frozen=True, slots=True)
class Kin:
    """Another connection of the same store. `proven`: not by a mere claim. `other_id`: same home, and yet the two
    call themselves by different ids: a store made anew at the same address, perhaps."""

    shop: Shop
    proven: bool
    other_id: bool


def _kin(keys: Sequence[str], shop: Shop) -> Kin | None:
    mine, theirs = set(keys), set(known_keys(shop))
    shared = mine & theirs
    if not shared:
        return None
    other_id = any(
        (a := {key for key in mine if _kind(key) == kind})
        and (b := {key for key in theirs if _kind(key) == kind})
        and not a & b
        for kind in ("woo", "shopify")
    )
    return Kin(shop, bool(proofs(keys) & proofs(known_keys(shop))), other_id)


def proofs(keys: Sequence[str]) -> set[str]:
    """Of the keys of a store those that nobody else can have."""
    return {key for key in keys if key.startswith(_SHOPIFY)} | {key for key in keys[:1] if key.startswith(HOME)}


def same_store(shop: Shop) -> models.QuerySet[Shop]:
    """This and every other connection that the store has or had: one's own by any key, another account's by proof."""
    same = models.Q(pk=shop.pk) | models.Q(platform=shop.platform, address=shop.address)
    if shop.store_keys:
        same |= models.Q(store_keys__overlap=shop.store_keys, dropshipper=shop.dropshipper_id)
        homes = [key for key in proofs(shop.store_keys) if key.startswith(HOME)]
        same |= models.Q(store_keys__overlap=homes, store_keys__0__in=homes)
        same |= models.Q(store_keys__overlap=[key for key in shop.store_keys if key.startswith(_SHOPIFY)])
    return Shop.objects.filter(same)


def lock(keys: Iterable[str]) -> None:
    """Until the transaction ends nobody else connects a store with one of these keys."""
    with connection.cursor() as cursor:
        for key in sorted(set(keys)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"store:{key}"])


@tenancy.across
def others(keys: Sequence[str], *, rows: models.QuerySet[Shop] | None = None) -> list[Kin]:
    """All connections of a store, whoever's, the newest first; also those that were not given their keys yet."""
    condition = models.Q(store_keys__overlap=list(keys))
    condition |= models.Q(store_keys=[], address__in=[one for key in keys for one in _addresses(key)])
    found = (Shop.objects.all() if rows is None else rows).filter(condition).order_by("-pk")
    return [kin for shop in found if (kin := _kin(keys, shop)) is not None]


def _addresses(key: str) -> list[str]:
    """How the address of a home may be written."""
    if not key.startswith(HOME):
        return []
    rest = key.removeprefix(HOME)
    return [f"{scheme}://{www}{rest}" for scheme in ("https", "http") for www in ("", "www.")]


# ---- a connection is made


@dataclass(frozen=True, slots=True)
class Place:
    """Where a connection goes: into `shop` (one that is live, or was, and goes on; None: a new one); the orders of
    `heirs_of`, connections that ended, come along."""

    shop: Shop | None
    heirs_of: Sequence[Shop]


def place(found: Sequence[Kin], *, dropshipper_id: int, slug: str, address: str) -> Place:
    """Raises ShopTaken: another account has the store; StoreConnected: so has this one, by another platform."""
    live = [kin for kin in found if kin.shop.state in LIVE]
    at_address = [kin for kin in live if kin.shop.platform == slug and kin.shop.address == address]
    if any(kin.proven for kin in live if kin.shop.dropshipper_id != dropshipper_id):
        raise ShopTaken(address=address)
    mine = [kin for kin in live if kin.shop.dropshipper_id == dropshipper_id]
    same = [kin for kin in at_address if kin in mine] or [kin for kin in mine if kin.shop.platform == slug]
    if not same:
        for kin in mine:
            raise StoreConnected(name=kin.shop.name, label=platform(kin.shop.platform).name)
    ended = [
        kin.shop
        for kin in found
        if kin.shop.state == Shop.State.GONE and kin.shop.dropshipper_id == dropshipper_id and not kin.other_id
    ]
    into = same[0].shop if same else next((shop for shop in ended if shop.platform == slug), None)
    return Place(into, [shop for shop in ended if into is None or shop.pk != into.pk])


def assert_free(slug: str, address: str, *, dropshipper_id: int) -> None:
    """As `place`, by the address alone: before anybody is sent to his shop. Raises ShopTaken, StoreConnected."""
    place(others(keys_of(address)), dropshipper_id=dropshipper_id, slug=slug, address=address)


def moves(found: Sequence[Kin], *, dropshipper_id: int, slug: str, address: str) -> Shop | None:
    """The live connection that would go on at `address` although it is called at another one now."""
    into = place(found, dropshipper_id=dropshipper_id, slug=slug, address=address).shop
    return into if into is not None and into.state in LIVE and home_key(into.address) != home_key(address) else None


def is_at_home(shop: Shop, said: Sequence[str]) -> bool:
    """Does the store that answers at this shop's address say (`said`, its keys) that it lives there?"""
    home = home_key(shop.address)
    return any(key.startswith(HOME) and is_within(home, key) for key in said)


# ---- an order is new


def earlier(shop: Shop) -> list[int]:
    """The ids of the other connections of the same store, of any account and in any state."""
    return [kin.shop.pk for kin in _others_of(shop)]


@tenancy.across
def _others_of(shop: Shop) -> list[Kin]:
    keys = known_keys(shop)
    rows = Shop.objects.filter(store_keys__overlap=keys).exclude(pk=shop.pk)
    rows = rows.only("pk", "dropshipper_id", "platform", "state", "store_keys", "address").order_by("-pk")
    return [kin for one in rows if (kin := _kin(keys, one)) is not None]


def known(shop: Shop, found: Mapping[str, IncomingOrder | None]) -> Mapping[str, str]:
    """Which of these orders (by external id), new to `shop`, another connection of its store has: "sent", it is never
    made anew; "open", it is made here as a question. Within a transaction, before anything is written in it: two
    connections that hear of an order in the same moment wait for each other. At most 3 statements."""
    kin = {one.shop.pk: one for one in _others_of(shop)} if found else {}
    if not kin:
        return {}
    if any(one.shop.state in LIVE for one in kin.values()):
        keys = known_keys(shop)
        lock([min({key for one in kin.values() for key in known_keys(one.shop) if key in keys})])
    rows = InboxOrder.objects.filter(shop__in=list(kin), external_id__in=list(found))
    rows = rows.filter(models.Q(order__isnull=False) | models.Q(elsewhere=True))
    words: dict[str, str] = {}
    for row in rows.select_related("order").only(
        "shop_id", "external_id", "identity", "placed_at", "elsewhere", "order__state"
    ):
        word = _word(shop, kin[row.shop_id], row, found[row.external_id])
        if word and words.get(row.external_id) != SENT:
            words[row.external_id] = word
    return words


def _word(shop: Shop, kin: Kin, row: InboxOrder, reading: IncomingOrder | None) -> str:
    told = reading.identity if reading else ""
    mine = kin.shop.dropshipper_id == shop.dropshipper_id
    if row.identity and told:
        if row.identity != told:
            return ""  # the same number, and another order
    elif kin.other_id or _apart(row, reading) or not (mine or kin.proven):
        return OPEN
    if row.order is not None and row.order.state == Order.State.CANCELLED:
        return OPEN  # given up there, and the store wants it sent all the same: somebody knows why
    # What is open under another connection of one's own is there to be sent: here it would be a second one.
    went = row.elsewhere or (row.order is not None and row.order.state in _WENT)
    return SENT if mine or (kin.proven and went) else OPEN


def _apart(row: InboxOrder, reading: IncomingOrder | None) -> bool:
    """Placed on different days: a store that was made anew counts from the beginning."""
    return bool(reading and row.placed_at and abs((row.placed_at - reading.placed_at).total_seconds()) > 86_400)


# ---- keeping the keys


def backfill(*, limit: int = 500) -> None:
    """Gives connections from before stores had keys their home; never one that has got its keys meanwhile."""
    for shop in Shop.objects.filter(store_keys=[]).only("pk", "address")[:limit]:
        keys = keys_of(shop.address) or [f"{HOME}?{shop.pk}"]
        Shop.objects.filter(pk=shop.pk, store_keys=[]).update(store_keys=keys)


def twin(shop: Shop) -> Shop | None:
    """Another live connection of the same store by the same account: from before the second one was refused."""
    mine = [kin.shop for kin in _others_of(shop) if kin.shop.dropshipper_id == shop.dropshipper_id]
    return next((one for one in mine if one.state in LIVE), None)
