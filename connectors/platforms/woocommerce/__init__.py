"""WooCommerce: orders in by webhook and by its REST API, tracking and stock out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.functional import Promise

from connectors.platforms import homes
from connectors.platforms.about import About
from connectors.platforms.base import (
    Access,
    Begin,
    Connected,
    Envelope,
    Health,
    OrderNews,
    Page,
    RawOrder,
    Reading,
    SeenPage,
    Withdrawn,
)
from connectors.platforms.contract import Defaults
from connectors.platforms.goods import PriceLevel, ProductDraft, ProductPage, Published, StockLevel, StockTold
from connectors.platforms.woocommerce import (
    batches,
    connect,
    fulfilment,
    orders,
    products,
    publish,
    settings,
    stock,
    walk,
    webhooks,
)
from connectors.platforms.woocommerce.about import ABOUT, recognises
from connectors.platforms.woocommerce.client import Client, NotFound
from connectors.platforms.woocommerce.forms import ConnectForm


class WooCommerce(Defaults):
    """See connectors.platforms.contract.Platform."""

    slug: ClassVar[str] = "woocommerce"
    name: ClassVar[str] = "WooCommerce"
    mark: ClassVar[str] = "Wc"
    inbox_title: ClassVar[str | Promise] = "WooCommerce Orders"  # a name, alike in every language
    connect_form: ClassVar[type] = ConnectForm
    kept_headers: ClassVar[Sequence[str]] = ("x-wc-webhook-source", "x-wc-webhook-id")
    dates_may_lie: ClassVar[bool] = True  # on the old order storage an edit of the lines moves no date
    help_page: ClassVar[str] = "connectors/woocommerce/_help.html"
    about: ClassVar[About] = ABOUT
    stock_batch: ClassVar[int] = batches.BATCH
    price_batch: ClassVar[int] = batches.BATCH
    publish_batch: ClassVar[int] = publish.BATCH
    variations_apart: ClassVar[bool] = True  # each product's variations are a call: see stock.cut

    def recognises(self, typed: str) -> str:
        return recognises(typed)

    def begin_connect(
        self, form: Mapping[str, Any], *, token: str, receiver: str, return_url: str, callback_url: str
    ) -> Begin:
        return connect.begin(form, token=token, receiver=receiver, return_url=return_url, callback_url=callback_url)

    def callback_token(self, payload: Mapping[str, Any]) -> str:
        token = payload.get("user_id")
        return token if isinstance(token, str) else ""

    def finish_connect(self, address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> Connected:
        return connect.finish(address, payload)

    def check_answer(self, address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> None:
        connect.keys_in(payload)

    def subscribe(self, access: Access) -> Sequence[str]:
        client = Client.of(access)
        done = webhooks.subscribe(access, client)
        if done.count("webhook_created") < len(webhooks.TOPICS):
            webhooks.renew_secret(access, client)
        return done

    def unsubscribe(self, access: Access) -> None:
        webhooks.unsubscribe(access, Client.of(access, deadline_s=10))

    def envelope(self, access: Access, headers: Mapping[str, str], body: bytes) -> Envelope:
        return webhooks.envelope(access, headers, body)

    def stranger(self, access: Access, headers: Mapping[str, str]) -> str:
        source = headers.get("x-wc-webhook-source", "")
        return homes.foreign(source, address=access.address, home=str(access.facts.get("home") or ""))

    def read(self, topic: str, body: bytes, *, facts: Mapping[str, Any]) -> Reading:
        return orders.read_event(topic, body)

    def order(self, access: Access, external_id: str) -> RawOrder | Withdrawn:
        client = Client.of(access, deadline_s=8)
        try:
            reply = client.get(f"orders/{int(external_id)}")
        except NotFound:
            return Withdrawn(external_id)
        return walk.whole_order(client, reply.data)

    def orders_since(self, access: Access, since: dt.datetime, cursor: str | None) -> Page:
        return walk.orders_since(Client.of(access), since, cursor)

    def orders_seen(self, access: Access, since: dt.datetime, cursor: str | None) -> SeenPage:
        return walk.orders_seen(Client.of(access), since, cursor)

    def tell_order(self, access: Access, news: OrderNews) -> Mapping[str, Any]:
        return fulfilment.tell(Client.of(access), news)

    def products(self, access: Access, cursor: str | None) -> ProductPage:
        return products.page(access, Client.of(access), cursor)

    def references(self, access: Access, external_ids: Sequence[str]) -> Mapping[str, str]:
        return products.references(Client.of(access), external_ids)

    def terms(self, access: Access, *, whole: bool) -> Mapping[str, Any]:
        return settings.read(Client.of(access), whole=whole)

    def tell_stock(self, access: Access, levels: Sequence[StockLevel]) -> StockTold:
        return stock.tell(Client.of(access), levels)

    def tell_prices(self, access: Access, levels: Sequence[PriceLevel]) -> Mapping[str, str]:
        return products.tell_prices(access, Client.of(access), levels)

    def publish(self, access: Access, drafts: Sequence[ProductDraft]) -> Sequence[Published]:
        return publish.publish(access, drafts)

    def unpublish(self, access: Access, external_ids: Sequence[str]) -> Mapping[str, str]:
        return publish.unpublish(access, external_ids)

    def check(self, access: Access) -> Health:
        return connect.check(access)


platform = WooCommerce()
