"""Years of a portal's work written in SQL, all of it done: nothing is due. For tests of what grows with history."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils import timezone

from connectors.models import Listing, Shop
from core.postgresql.owner import as_owner
from tests import cast
from tests.orders import stage

# What stands in a column that must not be empty and that the caller does not name, as SQL.
_EMPTY = {
    "boolean": "false",
    "smallint": "0",
    "integer": "0",
    "bigint": "0",
    "numeric": "0",
    "character varying": "''",
    "text": "''",
    "bytea": "''",
    "jsonb": "'{}'",
    "timestamp with time zone": "now()",
    "uuid": "gen_random_uuid()",
    "ARRAY": "'{}'",
}
SHOPS, VARIANTS = 3, 20


def many(table: str, first: int, last: int, **values: str) -> None:
    """A row for each i from `first` to `last`; values are SQL in which `i` is its number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
            " FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s",
            [table],
        )
        for name, kind, needed in cursor.fetchall():
            if needed and name not in values:
                values[name] = _EMPTY[kind]
        columns = ", ".join(f'"{name}"' for name in values)
        what = ", ".join(values.values())
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {what} FROM generate_series({first}, {last}) i")


class History:
    """Begins with a few resellers and shops; `grow` adds so many orders with all that belongs to them."""

    def __init__(self) -> None:
        self.size = 0
        self.variants = [stage.variant(f"STORIA-{n}", pieces=1000) for n in range(VARIANTS)]
        self.method = stage.method("storia")
        self.owners = [cast.dropshipper(name=f"Bottega {n}") for n in range(SHOPS)]
        self.person = cast.user()
        later = timezone.now() + dt.timedelta(days=30)
        self.shops = [
            Shop.objects.create(
                dropshipper=owner,
                platform="woocommerce",
                name="Negozio",
                address=f"https://{owner.pk}.example",
                import_since=later - dt.timedelta(days=1000),
                pull_after=later,
                look_back_after=later,
                compare_after=later,
                prices_after=later,
                prove_after=later,
                last_check_at=later,
                stock_on=True,
                method=self.method,
            )
            for owner in self.owners
        ]
        with connection.cursor() as cursor:
            # As long as the numbers are free for ours: ids are taken from far above.
            cursor.execute("SELECT coalesce(max(id), 0) + 1000000 FROM orders_order")
            self.base = int(cursor.fetchone()[0])
        for shop in self.shops:
            many("connectors_shopcall", 1, 150, shop_id=str(shop.pk), at="now()", result="'ok'")
            for variant in self.variants:
                Listing.objects.create(shop=shop, variant=variant, external_id=variant.sku, told=1000, shown=1000)

    def grow(self, rows: int) -> None:
        with as_owner():
            self._grow(rows)

    def _grow(self, rows: int) -> None:
        first, last = self.size + 1, self.size + rows
        self.size = last
        turn = f"(ARRAY[{', '.join(str(owner.pk) for owner in self.owners)}])[1 + i % {SHOPS}]"
        shop = f"(ARRAY[{', '.join(str(one.pk) for one in self.shops)}])[1 + i % {SHOPS}]"
        variant = f"(ARRAY[{', '.join(str(one.pk) for one in self.variants)}])[1 + i % {VARIANTS}]"
        parcel = {"id": f"{self.base} + i", "dropshipper_id": turn}
        # Years ago: the customer is forgotten; lately: he is not, and not due.
        old, ago = "i % 2 = 0", "now() - CASE WHEN i % 2 = 0 THEN interval '900 days' ELSE interval '100 days' END"
        many("shipping_shipment", first, last, **parcel, reference=f"'order:' || ({self.base} + i)",
             state="'delivered'",
             method_id=str(self.method.pk), tracking="'TRK' || i || 'IT'", name="'Giulia ' || md5(i::text)",
             country="'IT'", city="'CITTA' || i", postcode="lpad((i % 99999)::text, 5, '0')",
             created_at=ago)  # fmt: skip
        many("orders_order", first, last, **parcel, state="'completed'", source="'woocommerce'", payment="'prepaid'",
             currency="'EUR'", source_number="'N' || i", name="'Giulia ' || md5(i::text)", city="'CITTA' || i",
             country="'IT'", goods_net="12", shipping_net="5", cod_fee_net="0", vat="3.74", cost="20.74",
             dispatched_at=ago, placed_at=ago, version="1",
             shipment_id=f"{self.base} + i", forgotten_at=f"CASE WHEN {old} THEN now() END")  # fmt: skip
        many("orders_orderline", first, last, order_id=f"{self.base} + i", variant_id=variant,
             sku="'SKU' || i", quantity="1")  # fmt: skip
        many("orders_orderevent", first, last, order_id=f"{self.base} + i", code="'dispatched'", at=ago)
        many("catalog_stockmove", first, last, variant_id=variant, kind="'left'", at=ago)
        many("connectors_delivery", first, last, shop_id=shop, dedupe="sha256(i::text::bytea)",
             topic="'order.updated'", body="'{}'", state="'done'",
             received_at="now() - interval '20 days' + i * interval '1 second'")  # fmt: skip
        many("connectors_inboxorder", first, last, shop_id=shop, external_id="'E' || i", order_id=f"{self.base} + i",
             number="'N' || i", told_last="true", updated_at=ago, via="'webhook'", news_after=ago,
             first_seen_at=ago)  # fmt: skip
        many("connectors_inboxorder", first // 20 + 1, last // 20, shop_id=shop, external_id="'S' || i", raw="'{}'",
             via="'webhook'", updated_at="now() - interval '100 days'", first_seen_at=ago)  # fmt: skip
        many("connectors_shopevent", first, last, shop_id=shop, code="'connected'", at="now() - interval '100 days'")
        many("connectors_orderproof", first, last, shop_id=shop, at="now() - interval '100 days'")
        many("connectors_connectattempt", first, last, token="md5(i::text)", by_id=str(self.person.pk),
             dropshipper_id=turn, used_at="now()", phase="'done'",
             expires_at="now() - interval '10 days'")  # fmt: skip
        many("connectors_shopask", first, last, shop_id=shop, what="'test'", done_at="now() - interval '10 days'")
        many("connectors_matchbatch", first, last, shop_id=shop, at="now() - interval '100 days'", changes="'[]'")
        over = {"state": "'done'", "finished_at": "now() - interval '100 days'", "dropshipper_id": turn}
        many("orders_dispatchrun", first, last, id=f"{self.base} + i", **over)
        many("orders_dispatchitem", first, last, run_id=f"{self.base} + i", order_id=f"{self.base} + i",
             result="'dispatched'")  # fmt: skip
        many("connectors_publishrun", first, last, id=f"{self.base} + i", shop_id=shop, kind="'publish'", **over)
        product = str(self.variants[0].product_id)
        many("connectors_publishitem", first, last, run_id=f"{self.base} + i", product_id=product,
             result="'created'")  # fmt: skip
        many("accounts_securityevent", first, last, user_id=str(self.person.pk), code="'sign_in'",
             address="'192.0.0.0'::inet + i", at="now() - interval '100 days'")  # fmt: skip
        many("wallet_topup", first, last, dropshipper_id=turn, causale="'MCI ' || i", amount="10", status="'rejected'",
             requested_by_id=str(self.person.pk))  # fmt: skip
        many("django_session", first, last, session_key="md5(i::text)", expire_date="now() + interval '7 days'")
        self._books(first, last, turn)
        with connection.cursor() as cursor:
            # What vacuum does beside: the planner reckons with what an index has not sorted in yet.
            cursor.execute(
                "SELECT gin_clean_pending_list(i.oid) FROM pg_class i JOIN pg_am am ON am.oid = i.relam"
                " WHERE am.amname = 'gin' AND i.relkind = 'i'"
            )
            cursor.execute("ANALYZE")

    def _books(self, first: int, last: int, owner: str) -> None:
        """Entries without postings: they are never committed. Sealed, each by a transaction of its own or nearly."""
        entry = f"{self.base} + i"
        many("wallet_entry", first, last, id=entry, kind="'top_up'", key="'history:' || i", dropshipper_id=owner,
             reference="'topup:h' || i", request_hash="sha256('x')", xid="(3 + i / 40)::text::xid8")  # fmt: skip
        many("wallet_seal", first, last, entry_id=entry, dropshipper_id=owner, position="i", hash="sha256('x')")
