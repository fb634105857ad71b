"""What crosses the contract of a platform (connectors/platforms/contract.py). A platform is handed an Access, never a
model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.platforms.errors import BadSignature as BadSignature
from connectors.platforms.errors import Malformed as Malformed
from connectors.platforms.errors import NotAShop as NotAShop
from connectors.platforms.errors import NotWhollyTold as NotWhollyTold
from connectors.platforms.errors import ReconnectNeeded as ReconnectNeeded
from connectors.platforms.errors import ShopBusy as ShopBusy
from connectors.platforms.errors import ShopUnreachable as ShopUnreachable
from connectors.platforms.errors import Unreadable as Unreadable
from core.address import Address


@dataclass(frozen=True, slots=True)
class Access:
    """All that a platform may know of a shop: its address and secrets. `repr` hides the secrets."""

    address: str
    key: str  # names the shop in the webhook's address
    credentials: Mapping[str, str] = field(repr=False)
    webhook_secret: str = field(repr=False)
    webhook_address: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)  # what the reseller chose in the platform's options_form
    # Called by a client whose credentials run out or were refused, with those that it used: gives the new ones, which
    # are stored before they are returned; one worker at a time renews (connectors/shops/credentials.py). None: not
    # here.
    renew: Callable[[Mapping[str, str]], Mapping[str, str]] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A webhook whose signature is right. `topic` "" means: nothing to store (a ping). `versioned` is false when the
    body does not say which version it speaks of ({"id": 26}, deleted): then a second identical one may be news.
    `window`: how far `sent_at` may be from our clock, which the intake judges (the envelope knows no clock)."""

    topic: str
    delivery_id: str = ""
    sent_at: dt.datetime | None = None
    versioned: bool = True
    window: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class IncomingLine:
    """`quantity`: what is still to be sent (refunded, sent and cancelled pieces taken off); 0 where all of it has left:
    such a line becomes none of ours, and tells a dispatched order that nothing changed. `sale_gross`: what the
    customer pays for these pieces, VAT included, in the order's currency. `line_id`: the shop's own id of the line, by
    which news of a parcel name it. `attributes`: what the customer chose for this line (an engraving, a size), as name
    and value, for the packer. `bundle`: the title of the bundle that it is a part of. `sku` is "" where the
    shop's is not the line's own (variations that show their parent's): then a Match hangs on `external_id`. `digital`:
    the shop says that it needs no shipping: it is a line of ours only where its article is. `elsewhere`: the shop gave
    it to another place or app to send. `sent`: pieces that have left already, beside `quantity`."""

    external_id: str  # "product_id/variation_id": what a Match without SKU hangs on
    sku: str
    name: str
    quantity: int
    sale_gross: Decimal | None
    line_id: str = ""
    attributes: Sequence[tuple[str, str]] = ()
    bundle: str = ""
    digital: bool = False
    elsewhere: bool = False
    sent: int = 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something in the order that a person must see; becomes a Problem of the order (codes of orders/problems.py)."""

    code: str
    subject: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncomingOrder:
    """A platform's order in our own terms. `total` is what the customer pays in all (VAT, shipping and fees included,
    refunds taken off), in `currency`. `payment` is prepaid | cod | awaiting | review, with the code of the reason.
    `live` is false for what must not be shipped in the shop's own view: cancelled, refunded, trashed, failed.
    `total` is None when it can't be read. `rule_applies`: a PaymentRule of the gateway may decide the payment kind (the
    customer has finished the checkout). `finished`: the shop itself says that it was already sent. `to_collect`: what a
    courier would have to collect where that is not the whole `total`. `marks`: what else a PaymentRule may hang on (the
    tags of an order), before the gateway. `identity`: what tells this order from another one that the shop gave the
    same id (WooCommerce's order_key); "" where ids are never given twice. `told`: it carries tracking or a note that
    MCI wrote. `fiscal`: the customer's tax_code, vat_number, sdi_code and pec, where the checkout asked for them.
    `details`: what else the customer wrote for the whole order (a delivery wish), as name and value. `hint`: it was
    read from a message that tells less than the shop's API does (nothing of holds, of dates, of the way of delivery):
    what is known of these stays, see connectors.intake.flagged.UNTOLD."""

    external_id: str
    number: str
    status: str
    live: bool
    version_at: dt.datetime  # UTC
    placed_at: dt.datetime  # UTC
    currency: str
    total: Decimal | None
    payment: str
    payment_reason: str
    gateway: str  # the id that a PaymentRule hangs on
    gateway_title: str
    address: Address
    note: str
    lines: Sequence[IncomingLine]
    doubts: Sequence[Doubt] = ()
    rule_applies: bool = True
    finished: bool = False
    to_collect: Decimal | None = None
    marks: Sequence[str] = ()
    identity: str = ""
    told: bool = False
    fiscal: Mapping[str, str] = field(default_factory=dict)
    details: Sequence[tuple[str, str]] = ()
    hint: bool = field(default=False, compare=False)  # how it was read, not what it says


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The order went to the bin or was deleted in the shop."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Invisible:
    """The shop shows no such order, and that says nothing of whether it is there: it is older than what we may see. No
    withdrawal: a body that tells of it counts."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Changed:
    """Something about this order changed, and the body does not hold the order: it must be read from the shop.
    `external_id` may also be another name by which Platform.order finds it."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """The shop cut the connection. `at`: when (UTC), if it says so: a connection made later stands."""

    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Muted:
    """A genuine webhook that says that its author may not see the order any more: all webhooks must be made anew."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What we may do in the shop changed: the connection is checked anew."""


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """The law's requests that a platform passes on. `kind`: data (a customer asks what we hold of him) | customer (his
    data must go) | shop (all data of the shop's customers must go). `customer`: his e-mail; `external_ids`: the orders
    that it concerns; `customer_id`: the shop's own id of him."""

    kind: str
    customer: str = ""
    external_ids: Sequence[str] = ()
    phone: str = ""
    customer_id: str = ""


Reading = IncomingOrder | Changed | Withdrawn | Uninstalled | Muted | Rights | PrivacyRequest | None


@dataclass(frozen=True, slots=True)
class RawOrder:
    """One order as a page of the shop's API brought it: bytes for the record, reading for the inbox. A body that can't
    be read carries its error instead, so that it never blocks the ones behind it."""

    external_id: str
    version_at: dt.datetime | None
    body: bytes = field(repr=False)
    reading: IncomingOrder | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of orders changed since; `cursor` is where to go on *within this walk* (None: the walk is over)."""

    orders: Sequence[RawOrder]
    cursor: str | None
    seen_until: dt.datetime | None  # the highest modification time in it, UTC


@dataclass(frozen=True, slots=True)
class Seen:
    """An order as the shop's list shows it, without its content."""

    external_id: str
    version_at: dt.datetime  # UTC


@dataclass(frozen=True, slots=True)
class SeenPage:
    """`cursor` None: that was the last page."""

    orders: Sequence[Seen]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection that was tried and works. `name` "": the shop does not say it, and keeps the one that it had here.
    `credentials` is stored sealed; `facts` is shown on the health card; `webhook_secret`, where the connection itself
    makes one, replaces ours. `store_keys`: what the store is recognised by, whatever the platform: see
    connectors/shops/stores.py. `orders`: how many it has, where it says so: shown to who confirms that it is his."""

    name: str
    address: str
    credentials: Mapping[str, str] = field(repr=False)
    webhook_secret: str = field(default="", repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)
    store_keys: Sequence[str] = ()
    orders: int | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """Where to send the reseller's browser; None when the form had all that was needed. `code`: a one-time code to
    show him, which he may also type in his shop. `kept`: what `finish_connect` will need, stored sealed till then."""

    redirect: str | None = None
    connected: Connected | None = None
    code: str = ""
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class WebhookState:
    """One of our webhooks in the shop, as `check` left it. `state`: active | missing | repaired (it was off or gone and
    is there again). `topic` in the shop's own words."""

    topic: str
    state: str


@dataclass(frozen=True, slots=True)
class Health:
    """What `check` saw and mended, for the health card. `facts`: see connectors/shops/health.py for those that it
    knows; `troubles`: what a person should know or do though the shop works, by code (connectors_words.py has the
    words). `store_keys` as in Connected."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    repaired: Sequence[str] = ()
    troubles: Sequence[Doubt] = ()
    webhooks: Sequence[WebhookState] = ()
    store_keys: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class NewsLine:
    """A line of the order: `ours` false is somebody else's to send (a mixed basket). `quantity`: the pieces that left
    in this parcel, in the shop's own units; None for a line that a person typed, of which nobody knows what it is in
    the shop. connectors/platforms/parcel.py ties them to the shop's lines."""

    external_id: str  # as IncomingLine.external_id; "" after it was typed by hand
    sku: str  # the shop's
    ours: bool = True
    line_id: str = ""  # as IncomingLine.line_id; "" of orders that came before it was kept
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class OrderNews:
    """How one of the shop's orders stands with us now: the present truth, not a step, so it may be told twice or skip
    what came before. `state`: shipped | delivered | returned | lost | cancelled. `memory` is what the platform gave
    back when it told of this order last (ids of what it wrote in the shop), perhaps another platform's: its shape is to
    be looked at. `cash_in`: the courier paid out the COD amount. `collected`: what he takes at the door (EUR); None:
    nothing. `lines`: all that the parcel holds and what others send; empty only where a caller means the whole order
    and its whole amount."""

    external_id: str
    state: str
    reference: str  # the order's number in MCI
    cod: bool
    courier: str = ""
    tracking: str = ""
    tracking_url: str = ""
    cash_in: bool = False
    lines: Sequence[NewsLine] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)
    collected: Decimal | None = None
