"""The contract of a platform and the frozen things that cross it. A platform is handed an Access, never a model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from django.utils.functional import Promise

from connectors.platforms.errors import BadSignature as BadSignature
from connectors.platforms.errors import NotAShop as NotAShop
from connectors.platforms.errors import ReconnectNeeded as ReconnectNeeded
from connectors.platforms.errors import ShopBusy as ShopBusy
from connectors.platforms.errors import ShopUnreachable as ShopUnreachable
from connectors.platforms.errors import Unreadable as Unreadable
from connectors.platforms.goods import PriceLevel, ProductDraft, ProductPage, Published, StockLevel
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
    # Called by a client whose credentials run out or were refused, with those that it used: gives the new ones, which
    # are stored before they are returned; one worker at a time renews (connectors/credentials.py). None: not here.
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
    """`sale_gross`: what the customer pays for the whole line, VAT included, in the order's currency."""

    external_id: str  # "product_id/variation_id": what a Match without SKU hangs on
    sku: str
    name: str
    quantity: int
    sale_gross: Decimal | None


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
    customer has finished the checkout). `finished`: the shop itself says that it was already sent."""

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


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The order went to the bin or was deleted in the shop."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Changed:
    """Something about this order changed, and the body does not hold the order: it must be read from the shop."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """The shop cut the connection. `at`: when (UTC), if it says so: a connection made later stands."""

    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Muted:
    """A genuine webhook that says that its author may not see the order any more: all webhooks must be made anew."""


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """The law's requests that a platform passes on. `kind`: data (a customer asks what we hold of him) | customer (his
    data must go) | shop (all data of the shop's customers must go). `external_ids`: the orders that it concerns."""

    kind: str
    customer: str = ""
    external_ids: Sequence[str] = ()


Reading = IncomingOrder | Changed | Withdrawn | Uninstalled | Muted | PrivacyRequest | None


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
    """A connection that was tried and works. `credentials` is stored sealed; `facts` is shown on the health card;
    `webhook_secret`, where the connection itself makes one, replaces ours; `reply` is what the shop that called gets as
    its answer (JSON), with `webhook_address` put in."""

    name: str
    address: str
    credentials: Mapping[str, str] = field(repr=False)
    webhook_secret: str = field(default="", repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)
    reply: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Begin:
    """Where to send the reseller's browser; None when the form had all that was needed. `code`: a one-time code to
    show him, which he may also type in his shop."""

    redirect: str | None = None
    connected: Connected | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class WebhookState:
    """One of our webhooks in the shop, as `check` left it. `state`: active | missing | repaired (it was off or gone and
    is there again). `topic` in the shop's own words."""

    topic: str
    state: str


@dataclass(frozen=True, slots=True)
class Health:
    """What `check` saw and mended, for the health card. `facts`: see connectors/health.py for those that it knows;
    `troubles`: what a person should know or do though the shop works, by code (connectors_words.py has the words)."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    repaired: Sequence[str] = ()
    troubles: Sequence[Doubt] = ()
    webhooks: Sequence[WebhookState] = ()


@dataclass(frozen=True, slots=True)
class OrderNews:
    """How one of the shop's orders stands with us now: the present truth, not a step, so it may be told twice or skip
    what came before. `state`: shipped | delivered | returned | lost | cancelled. `memory` is what the platform gave
    back when it told of this order last (ids of what it wrote in the shop); `cash_in`: the courier paid out the COD
    amount."""

    external_id: str
    state: str
    reference: str  # the order's number in MCI
    cod: bool
    courier: str = ""
    tracking: str = ""
    tracking_url: str = ""
    cash_in: bool = False
    memory: Mapping[str, Any] = field(default_factory=dict)


class Platform(Protocol):
    """One folder of connectors/platforms: `__init__.py` exposes `platform`, an object with these."""

    slug: ClassVar[str]  # the folder's name
    name: ClassVar[str]  # "WooCommerce"
    mark: ClassVar[str]  # two letters for badges: "Wc"
    inbox_title: ClassVar[str | Promise]  # "WooCommerce Orders"
    connect_form: ClassVar[type]  # a Django form; cleaned_data goes to begin_connect
    help_page: ClassVar[str]  # template with the steps for the reseller; may lie in the folder: "toy/help.html"
    stock_batch: ClassVar[int]  # how many levels one call of its API takes
    price_batch: ClassVar[int]  # how many prices one call of tell_prices takes
    publish_batch: ClassVar[int]  # how many drafts one call of publish takes

    def begin_connect(self, form: Mapping[str, Any], *, token: str, return_url: str, callback_url: str) -> Begin:
        """Starts the install flow, or tries the form's keys at once. Raises NotAShop, ReconnectNeeded, TryLater."""
        ...

    def callback_token(self, payload: Mapping[str, Any]) -> str:
        """The token of begin_connect in what came to the callback (a JSON body, or the query of a GET); "" if none."""
        ...

    def finish_connect(self, address: str, payload: Mapping[str, Any]) -> Connected:
        """What came to the callback, tried against the address that the reseller typed. Raises Refused (forged),
        NotAShop, ReconnectNeeded, TryLater."""
        ...

    def renew(self, access: Access) -> Mapping[str, str]:
        """New credentials for those that run out. Raises TryLater, ReconnectNeeded. Only connectors/credentials.py
        calls it; a platform whose credentials last gives them back as they are."""
        ...

    def subscribe(self, access: Access) -> Sequence[str]:
        """Makes the webhooks that are missing and wakes those that sleep; codes of what it did. Safe to repeat."""
        ...

    def unsubscribe(self, access: Access) -> None:
        """Takes our webhooks out of the shop. Raises TryLater, NeedsHand."""
        ...

    def envelope(self, access: Access, headers: Mapping[str, str], body: bytes) -> Envelope:
        """Signature over the raw bytes, topic, delivery id; else BadSignature. Pure; `headers` keys are lower case."""
        ...

    def read(self, topic: str, body: bytes, *, facts: Mapping[str, Any]) -> Reading:
        """Bytes to our terms; None for what does not concern us. Pure. Raises Unreadable."""
        ...

    def order(self, access: Access, external_id: str) -> RawOrder | Withdrawn:
        """The order as it is in the shop now. Raises TryLater, NeedsHand."""
        ...

    def orders_since(self, access: Access, since: dt.datetime, cursor: str | None) -> Page:
        """One page of the orders changed after `since` (UTC). Raises TryLater, NeedsHand."""
        ...

    def orders_seen(self, access: Access, since: dt.datetime, cursor: str | None) -> SeenPage:
        """One page of the ids of the orders *placed* after `since` (UTC), drafts and the bin left out: what the daily
        proof holds against ours. Raises TryLater, NeedsHand."""
        ...

    def tell_order(self, access: Access, news: OrderNews) -> Mapping[str, Any]:
        """Writes into the shop how the order stands, and returns what to remember of it. Safe to repeat, also when the
        first answer was lost: it reads before it writes. Raises TryLater, NeedsHand (the whole shop waits) or Refused
        (this order alone)."""
        ...

    def products(self, access: Access, cursor: str | None) -> ProductPage:
        """One page of what the shop sells. Raises TryLater, NeedsHand."""
        ...

    def tell_stock(self, access: Access, levels: Sequence[StockLevel]) -> Mapping[str, str]:
        """Sets stock levels (at most `stock_batch`), in as few calls as the API allows; the shop's own error code by
        external id for those that it refused. Safe to repeat. Raises TryLater, NeedsHand."""
        ...

    def tell_prices(self, access: Access, levels: Sequence[PriceLevel]) -> Mapping[str, str]:
        """Sets prices (at most `price_batch`); the shop's own error code by external id for those that it refused. Safe
        to repeat. Raises TryLater, NeedsHand."""
        ...

    def publish(self, access: Access, drafts: Sequence[ProductDraft]) -> Sequence[Published]:
        """Makes or updates products (at most `publish_batch`), each with its own outcome, so that the shop has them
        once however often this is repeated. Raises TryLater, NeedsHand."""
        ...

    def unpublish(self, access: Access, external_ids: Sequence[str]) -> Mapping[str, str]:
        """Takes products of ours (ids of products, not of variations) off sale without deleting them; error codes by
        external id. Safe to repeat. Raises TryLater, NeedsHand."""
        ...

    def check(self, access: Access) -> Health:
        """Credentials alive, webhooks there and active; repairs what it can. Raises TryLater, NeedsHand."""
        ...
