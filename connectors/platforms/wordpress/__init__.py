"""WordPress: shops that run our own plugin on WooCommerce. It tells of its orders and takes calls, both signed with the
secret of its pairing; the shop needs no REST keys and no webhooks. The orders are WooCommerce's JSON, so its parser
(connectors.platforms.woocommerce.orders) reads them here too. The protocol: docs/connectors/wordpress.md."""

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
    Doubt,
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
from connectors.platforms.paired import Package
from connectors.platforms.wordpress import events, fulfilment, orders, package, pairing, products
from connectors.platforms.wordpress.about import ABOUT, recognises
from connectors.platforms.wordpress.client import Client
from connectors.platforms.wordpress.forms import ConnectForm
from core.strict import text, whole


class WordPress(Defaults):
    """See connectors.platforms.contract.Platform and connectors.platforms.paired.Paired."""

    slug: ClassVar[str] = "wordpress"
    name: ClassVar[str] = "WordPress"
    mark: ClassVar[str] = "Wp"
    inbox_title: ClassVar[str | Promise] = "WordPress Orders"  # a name, alike in every language
    connect_form: ClassVar[type] = ConnectForm
    help_page: ClassVar[str] = "connectors/wordpress/_help.html"
    about: ClassVar[About] = ABOUT
    kept_headers: ClassVar[Sequence[str]] = ("x-mci-home",)
    dates_may_lie: ClassVar[bool] = True  # as WooCommerce
    stock_batch: ClassVar[int] = products.BATCH
    price_batch: ClassVar[int] = products.BATCH
    publish_batch: ClassVar[int] = products.PUBLISH_BATCH

    def recognises(self, typed: str) -> str:
        return recognises(typed)

    def begin_connect(
        self, form: Mapping[str, Any], *, token: str, receiver: str, return_url: str, callback_url: str
    ) -> Begin:
        return pairing.begin(form["address"], code=token)

    def callback_token(self, payload: Mapping[str, Any]) -> str:
        code = payload.get("code")
        return code if isinstance(code, str) else ""

    def finish_connect(self, address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> Connected:
        return pairing.finish(address, payload)

    def check_answer(self, address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> None:
        pairing.check(address, payload)

    def asks_who(self, payload: Mapping[str, Any]) -> bool:
        return payload.get("ask") == "who"

    def asks_again(self, payload: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
        return payload.get("ask") == "again" and payload.get("install") == before.get("install")

    def answer(self, access: Access, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return pairing.answer(access, payload)

    def package(self, portal: str) -> Package:
        return package.package(portal)

    def subscribe(self, access: Access) -> Sequence[str]:
        return ()  # the plugin knows from its pairing where to send what happens

    def unsubscribe(self, access: Access) -> None:
        Client.of(access, deadline_s=10).call("unpair")

    def envelope(self, access: Access, headers: Mapping[str, str], body: bytes) -> Envelope:
        return events.envelope(access, headers, body)

    def stranger(self, access: Access, headers: Mapping[str, str]) -> str:
        """The plugin itself is silent in a copy of its shop; an event that comes from one all the same is not read."""
        home = str(access.facts.get("home") or "")
        return homes.foreign(headers.get("x-mci-home", ""), address=access.address, home=home)

    def read(self, topic: str, body: bytes, *, facts: Mapping[str, Any]) -> Reading:
        return orders.read_event(topic, body)

    def order(self, access: Access, external_id: str) -> RawOrder | Withdrawn:
        return orders.order(Client.of(access, deadline_s=8), external_id)

    def orders_since(self, access: Access, since: dt.datetime, cursor: str | None) -> Page:
        return orders.orders_since(Client.of(access), since, cursor)

    def orders_seen(self, access: Access, since: dt.datetime, cursor: str | None) -> SeenPage:
        return orders.orders_seen(Client.of(access), since, cursor)

    def tell_order(self, access: Access, news: OrderNews) -> Mapping[str, Any]:
        return fulfilment.tell(Client.of(access), news, plugin=text(access.facts.get("plugin"), 20))

    def products(self, access: Access, cursor: str | None) -> ProductPage:
        return products.page(Client.of(access), cursor)

    def terms(self, access: Access, *, whole: bool) -> Mapping[str, Any]:
        said = pairing.facts(Client.of(access).call("about"))
        return {name: said[name] for name in pairing.TERMS}

    def tell_stock(self, access: Access, levels: Sequence[StockLevel]) -> StockTold:
        return products.tell_stock(Client.of(access), levels)

    def tell_prices(self, access: Access, levels: Sequence[PriceLevel]) -> Mapping[str, str]:
        return products.tell_prices(Client.of(access), levels)

    def publish(self, access: Access, drafts: Sequence[ProductDraft]) -> Sequence[Published]:
        return products.publish(access, Client.of(access), drafts)

    def unpublish(self, access: Access, external_ids: Sequence[str]) -> Mapping[str, str]:
        return products.unpublish(Client.of(access), external_ids)

    def check(self, access: Access) -> Health:
        """What the plugin says of itself. An older one goes on working: the reseller is asked to update it."""
        said = Client.of(access, deadline_s=12).call("about")
        found, newest = pairing.facts(said), package.version()
        troubles = []
        if package.is_older(found["plugin"], newest):
            troubles.append(Doubt("plugin_outdated", params={"installed": found["plugin"] or "?", "newest": newest}))
        queue = said.get("queue")
        if isinstance(queue, dict):
            found["queue"] = {name: whole(queue.get(name), 0, 10**9) for name in ("waiting", "failed")}
        home = text(said.get("home"), 200)
        if home:
            found["home"] = home
        return Health(facts=found, troubles=troubles, store_keys=pairing.keys(said))


platform = WordPress()
