"""The contract of a platform. What crosses it is in connectors/platforms/base.py and goods.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from django.utils.functional import Promise

from connectors.platforms.about import About
from connectors.platforms.base import (
    Access,
    Begin,
    Connected,
    Envelope,
    Health,
    Invisible,
    OrderNews,
    Page,
    RawOrder,
    Reading,
    SeenPage,
    Withdrawn,
)
from connectors.platforms.goods import PriceLevel, ProductDraft, ProductPage, Published, StockLevel, StockTold
from core.errors import Refused


class Defaults:
    """What most platforms have nothing to say about; a platform may inherit it."""

    about: ClassVar[About] = About()

    variations_apart: ClassVar[bool] = False
    kept_headers: ClassVar[Sequence[str]] = ()
    callback_by_browser: ClassVar[bool] = False
    privacy_topics: ClassVar[frozenset[str]] = frozenset()
    options_form: ClassVar[type | None] = None
    dates_may_lie: ClassVar[bool] = False
    search_lag_s: ClassVar[int] = 0
    tax_by_hand: ClassVar[bool] = False

    def recognises(self, typed: str) -> str:
        return ""

    def references(self, access: Access, external_ids: Sequence[str]) -> Mapping[str, str]:
        return {}  # its list of products shows them

    def stranger(self, access: Access, headers: Mapping[str, str]) -> str:
        return ""

    def check_answer(self, address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> None:
        return

    def redeem(self, address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> Mapping[str, Any]:
        return payload

    def renew(self, access: Access) -> Mapping[str, str]:
        return access.credentials  # they last

    def install_address(self, params: Mapping[str, str]) -> str:
        raise Refused

    def app_shop(self, headers: Mapping[str, str]) -> str:
        return ""


class Platform(Protocol):
    """One folder of connectors/platforms: `__init__.py` exposes `platform`, an object with these."""

    slug: ClassVar[str]  # the folder's name
    name: ClassVar[str]  # "WooCommerce"
    mark: ClassVar[str]  # two letters for badges: "Wc"
    inbox_title: ClassVar[str | Promise]  # "WooCommerce Orders"
    about: ClassVar[About]  # what it says of itself to who chooses
    connect_form: ClassVar[type]  # a Django form; cleaned_data goes to begin_connect. Several ways: a ways.WaysForm
    help_page: ClassVar[str]  # template with the steps for the reseller; may lie in the folder: "toy/help.html"
    stock_batch: ClassVar[int]  # how many levels one call of its API takes
    price_batch: ClassVar[int]  # how many prices one call of tell_prices takes
    publish_batch: ClassVar[int]  # how many drafts one call of publish takes
    variations_apart: ClassVar[bool]  # each product's variations are a call of tell_stock: see stock.cut
    kept_headers: ClassVar[Sequence[str]]  # lower case, of a webhook: kept with it, beside those that all have
    callback_by_browser: ClassVar[bool]  # the callback is a GET of the reseller's browser, not a POST of his shop
    privacy_topics: ClassVar[frozenset[str]]  # of webhooks that are acted on even when the shop is paused or gone
    dates_may_lie: ClassVar[bool]  # an order may change and keep its date: the last days are read again and compared
    search_lag_s: ClassVar[int]  # how long a list of its API may not show yet what has happened in the shop
    tax_by_hand: ClassVar[bool]  # its API cannot give a product another VAT rate than the usual one
    options_form: ClassVar[type | None]  # a Django form (with facts=) of what only this platform asks the reseller

    def recognises(self, typed: str) -> str:
        """Is the shop at this address, as it is typed (lower case, without its scheme), one of this platform? "sure" |
        "likely" | "". By its form alone: nobody is called."""
        ...

    def begin_connect(
        self, form: Mapping[str, Any], *, token: str, receiver: str, return_url: str, callback_url: str
    ) -> Begin:
        """Looks at the address and starts the install flow, or tries the form's keys. `receiver`: who will be given the
        shop's orders; the page in the shop where its owner approves names him, wherever it shows a text of ours.
        Raises NotAShop, ReconnectNeeded, TryLater."""
        ...

    def callback_token(self, payload: Mapping[str, Any]) -> str:
        """The token of begin_connect in what came to the callback (a JSON body, or the query of a GET); "" if none."""
        ...

    def check_answer(self, address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> None:
        """What can be said of what came to the callback without calling anybody: signed, complete, of this shop? Raises
        Refused (forged), ReconnectNeeded. Pure but for the clock."""
        ...

    def redeem(self, address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> Mapping[str, Any]:
        """What of an answer works only once (an OAuth code), exchanged for what lasts; the rest as it is. The result is
        kept before it is used: it takes the payload's place when finish_connect must be tried again."""
        ...

    def finish_connect(self, address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> Connected:
        """What came to the callback and was redeemed, tried against the address that the reseller typed. `kept`: of
        begin_connect. Raises Refused, NotAShop, ReconnectNeeded, TryLater."""
        ...

    def install_address(self, params: Mapping[str, str]) -> str:
        """The shop that opened the portal from its own side, for the connect form. Raises Refused (forged)."""
        ...

    def app_shop(self, headers: Mapping[str, str]) -> str:
        """The address of the shop that a webhook to /webhooks/<slug>/app/ is about: the one of a whole app, which does
        not carry a shop's key; "" for a platform without such. Pure."""
        ...

    def renew(self, access: Access) -> Mapping[str, str]:
        """New credentials for those that run out. Raises TryLater, ReconnectNeeded. Only
        connectors/shops/credentials.py calls it; a platform whose credentials last gives them back as they are."""
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

    def stranger(self, access: Access, headers: Mapping[str, str]) -> str:
        """The host that a signed webhook says it comes from, where that is not this shop (a staging copy that has the
        live secret); "" for the shop's own. Judged when the delivery is read, by its kept headers. Pure."""
        ...

    def read(self, topic: str, body: bytes, *, facts: Mapping[str, Any]) -> Reading:
        """Bytes to our terms; None for what does not concern us. Pure. Raises Unreadable."""
        ...

    def order(self, access: Access, external_id: str) -> RawOrder | Withdrawn | Invisible:
        """The order as it is in the shop now; `external_id` as it is, or as `read` gave it in Changed. Raises TryLater,
        NeedsHand."""
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

    def references(self, access: Access, external_ids: Sequence[str]) -> Mapping[str, str]:
        """Whose these products are, where the list of `products` does not say it: the reference of our product by
        external id, nothing for the merchant's own. Raises TryLater, NeedsHand."""
        ...

    def terms(self, access: Access, *, whole: bool) -> Mapping[str, Any]:
        """How the shop sells now, for its facts (connectors/listings/selling.py has their names); `whole`: with all
        that a publication needs, else with what its prices need. Raises TryLater, NeedsHand."""
        ...

    def tell_stock(self, access: Access, levels: Sequence[StockLevel]) -> StockTold:
        """Sets stock levels (at most `stock_batch`), in as few calls as the API allows. A sale in the shop that we have
        not heard of (see StockLevel.told) is never overwritten. Safe to repeat. Raises TryLater, NeedsHand."""
        ...

    def tell_prices(self, access: Access, levels: Sequence[PriceLevel]) -> Mapping[str, str]:
        """Sets prices (at most `price_batch`); the shop's own error code by external id for those that it refused.
        `access` has fresh `terms` among its facts. Safe to repeat. Raises TryLater, NeedsHand."""
        ...

    def publish(self, access: Access, drafts: Sequence[ProductDraft]) -> Sequence[Published]:
        """Makes or updates products (at most `publish_batch`), each with its own outcome, so that the shop has them
        once however often this is repeated. `access` has fresh `terms`, whole ones, among its facts. Raises TryLater,
        NeedsHand."""
        ...

    def unpublish(self, access: Access, external_ids: Sequence[str]) -> Mapping[str, str]:
        """Takes products of ours (ids of products, not of variations) off sale without deleting them; error codes by
        external id. Safe to repeat. Raises TryLater, NeedsHand."""
        ...

    def check(self, access: Access) -> Health:
        """Credentials alive, webhooks there and active; repairs what it can. Raises TryLater, NeedsHand."""
        ...
