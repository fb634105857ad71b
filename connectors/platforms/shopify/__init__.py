"""Shopify: orders in by webhook and by its GraphQL Admin API; tracking, stock, products and prices out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

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
from connectors.platforms.contract import Defaults
from connectors.platforms.goods import PriceLevel, ProductDraft, ProductPage, Published, StockLevel, StockTold
from connectors.platforms.shopify import connect, fulfilment, oauth, products, stock, walk, webhooks
from connectors.platforms.shopify.about import ABOUT, recognises
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.forms import ConnectForm, OptionsForm


class Shopify(Defaults):
    """See connectors.platforms.contract.Platform."""

    slug: ClassVar[str] = "shopify"
    name: ClassVar[str] = "Shopify"
    mark: ClassVar[str] = "Sh"
    inbox_title: ClassVar[str | Promise] = "Shopify Orders"  # a name, alike in every language
    connect_form: ClassVar[type] = ConnectForm
    options_form: ClassVar[type | None] = OptionsForm
    help_page: ClassVar[str] = "connectors/shopify/_help.html"
    about: ClassVar[About] = ABOUT
    stock_batch: ClassVar[int] = stock.BATCH
    price_batch: ClassVar[int] = 50
    publish_batch: ClassVar[int] = 5
    kept_headers: ClassVar[Sequence[str]] = ("x-shopify-api-version", "x-shopify-event-id")
    search_lag_s: ClassVar[int] = 30  # its index of orders comes after them
    tax_by_hand: ClassVar[bool] = True
    callback_by_browser: ClassVar[bool] = True
    privacy_topics: ClassVar[frozenset[str]] = frozenset(webhooks.PRIVACY)
    dates_may_lie: ClassVar[bool] = True  # a hold that is released, a date that comes, a risk that is found move none

    def recognises(self, typed: str) -> str:
        return recognises(typed)

    def begin_connect(
        self, form: Mapping[str, Any], *, token: str, receiver: str, return_url: str, callback_url: str
    ) -> Begin:
        return connect.begin(form, token=token, callback_url=callback_url)

    def callback_token(self, payload: Mapping[str, Any]) -> str:
        token = payload.get("state")
        return token if isinstance(token, str) else ""

    def finish_connect(self, address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> Connected:
        return connect.finish(address, payload)

    def check_answer(self, address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> None:
        connect.check_answer(address, payload, kept)

    def redeem(self, address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> Mapping[str, Any]:
        return connect.redeem(address, payload, kept)

    def install_address(self, params: Mapping[str, str]) -> str:
        return connect.install_address(params)

    def app_shop(self, headers: Mapping[str, str]) -> str:
        return webhooks.shop_address(headers.get("x-shopify-shop-domain", ""))

    def renew(self, access: Access) -> Mapping[str, str]:
        return oauth.renew(access)

    def subscribe(self, access: Access) -> Sequence[str]:
        return webhooks.subscribe(access, Client(access))[0]

    def unsubscribe(self, access: Access) -> None:
        webhooks.unsubscribe(access, Client(access, deadline_s=10, interactive=True))

    def envelope(self, access: Access, headers: Mapping[str, str], body: bytes) -> Envelope:
        return webhooks.envelope(access, headers, body)

    def read(self, topic: str, body: bytes, *, facts: Mapping[str, Any]) -> Reading:
        return webhooks.read(topic, body)

    def order(self, access: Access, external_id: str) -> RawOrder | Withdrawn | Invisible:
        return walk.order(Client(access, deadline_s=8, interactive=True), external_id)

    def orders_since(self, access: Access, since: dt.datetime, cursor: str | None) -> Page:
        return walk.orders_since(Client(access), since, cursor)

    def orders_seen(self, access: Access, since: dt.datetime, cursor: str | None) -> SeenPage:
        return walk.orders_seen(Client(access), since, cursor)

    def tell_order(self, access: Access, news: OrderNews) -> Mapping[str, Any]:
        return fulfilment.tell(access, Client(access), news)

    def products(self, access: Access, cursor: str | None) -> ProductPage:
        return products.page(access, Client(access), cursor)

    def terms(self, access: Access, *, whole: bool) -> Mapping[str, Any]:
        return connect.terms(Client(access))

    def tell_stock(self, access: Access, levels: Sequence[StockLevel]) -> StockTold:
        return stock.tell(access, Client(access), levels)

    def tell_prices(self, access: Access, levels: Sequence[PriceLevel]) -> Mapping[str, str]:
        return products.tell_prices(Client(access), levels)

    def publish(self, access: Access, drafts: Sequence[ProductDraft]) -> Sequence[Published]:
        return products.publish(access, Client(access), drafts)

    def unpublish(self, access: Access, external_ids: Sequence[str]) -> Mapping[str, str]:
        return products.unpublish(Client(access), external_ids)

    def check(self, access: Access) -> Health:
        return connect.check(access)


platform = Shopify()
