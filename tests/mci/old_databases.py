"""Databases as they were after earlier commits, with rows in them: our own history, `pg_dump --schema-only` of each
commit that edited a migration that had landed (old_schemas.tar.xz, in the order of the landings)."""

from __future__ import annotations

import datetime as dt
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from psycopg2.extras import Json

from core.postgresql.owner import as_owner

ARCHIVE = Path(__file__).with_name("old_schemas.tar.xz")
AT = dt.datetime(2026, 11, 25, 10, tzinfo=dt.UTC)
# What stands in a column that must not be empty and that the rows below do not name.
EMPTY = {
    "boolean": False,
    "smallint": 0,
    "integer": 0,
    "bigint": 0,
    "numeric": 0,
    "character varying": "",
    "text": "",
    "bytea": b"",
    "jsonb": Json({}),
    "timestamp with time zone": AT,
}


def names() -> list[str]:
    with tarfile.open(ARCHIVE) as archive:
        return archive.getnames()


@contextmanager
def database(name: str) -> Iterator[None]:
    """The connection leads to a database with the schema of that name and the rows of `fill`, until the end."""
    with tarfile.open(ARCHIVE) as archive:
        member = archive.extractfile(name)
        assert member is not None
        schema = member.read().decode()
    ours = connection.settings_dict["NAME"]
    old = f"{ours}_old"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
        cursor.execute(f'CREATE DATABASE "{old}"')
    _lead_to(old)
    try:
        with as_owner():
            with connection.cursor() as cursor:
                cursor.execute(schema)
            _lead_to(old)  # a dump empties the search path of its session
            fill()
        yield
    finally:
        _lead_to(ours)
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')


def _lead_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


def row(table: str, **values: Any) -> int:
    """One row, as far as the table has these columns; returns its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
            " FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s",
            [table],
        )
        columns = {name: (kind, needed) for name, kind, needed in cursor.fetchall()}
        given = {name: value for name, value in values.items() if name in columns}
        for name, (kind, needed) in columns.items():
            if needed and name not in given:
                given[name] = EMPTY[kind]
        fields, marks = ", ".join(f'"{name}"' for name in given), ", ".join(["%s"] * len(given))
        key = "variant_id" if table == "catalog_stock" else "id"
        cursor.execute(f"INSERT INTO {table} ({fields}) VALUES ({marks}) RETURNING {key}", list(given.values()))
        return int(cursor.fetchone()[0])


def counts() -> dict[str, int]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def fill() -> None:
    """Rows of every room, as the portal of that time would have left them: a paid order that left, a COD order on the
    road, orders typed and heard of."""
    user = row("accounts_user", email="reseller@example.com", is_active=True, language="it", theme="auto")
    owner = row("accounts_dropshipper", name="Bottega", vat_number="12345678903", status="active")
    row("accounts_member", user_id=user, dropshipper_id=owner, role="owner")
    category = row("catalog_category", name="Casa", slug="casa")
    product = row("catalog_product", name="Tazza", slug="tazza", category_id=category, active=True)
    variant = row("catalog_variant", sku="T-1", net_price=12, vat_rate=22, weight_g=500, product_id=product)
    row("catalog_stock", variant_id=variant, on_hand=8)
    row("catalog_stockmove", kind="arrived", variant_id=variant, on_hand_change=10)
    row("catalog_stockmove", kind="left", variant_id=variant, on_hand_change=-2)
    courier = row("shipping_courier", name="Corriere", code="corriere", cod_cap=4999, active=True)
    method = row(
        "shipping_method", name="Espresso", code="espresso", courier_id=courier, max_weight_g=30000, vat_rate=22
    )
    prepaid = _order(owner, method, variant, payment="prepaid", state="completed", shipment="delivered")
    cod = _order(owner, method, variant, payment="cod", state="dispatched", shipment="shipped")
    typed = _order(owner, method, variant, payment="prepaid", state="received")
    _books(owner, user, prepaid, cod)
    for amount in (50, 60):
        row("wallet_topup", amount=amount, key=_uuid(), causale=f"MCI {amount}", status="requested",
            dropshipper_id=owner, requested_by_id=user)  # fmt: skip
    run = row("orders_dispatchrun", key=_uuid(), state="done", total=1, dropshipper_id=owner, by_id=user)
    row("orders_dispatchitem", run_id=run, order_id=prepaid, result="dispatched")
    row("orders_orderevent", order_id=prepaid, code="dispatched", by_id=user)
    row("orders_problem", order_id=typed, code="street_missing")
    shop = row("connectors_shop", platform="woocommerce", key="k" * 30, name="Negozio", address="https://shop.example",
               state="active", dropshipper_id=owner, price_drift="ask", store_keys=[])  # fmt: skip
    row("connectors_delivery", shop_id=shop, dedupe=b"d" * 32, topic="order.created", state="done", body=b"{}")
    row("connectors_inboxorder", shop_id=shop, external_id="77", order_id=typed, version_hash=b"v" * 32, raw=b"{}",
        via="webhook")  # fmt: skip
    row("connectors_match", shop_id=shop, subject="sku:T-1", variant_id=variant, quantity=1)
    row("connectors_paymentrule", shop_id=shop, gateway="cod", kind="cod")
    row("connectors_shopevent", shop_id=shop, code="connected")
    row("connectors_connectattempt", token="t", platform="woocommerce", by_id=user, dropshipper_id=owner, shop_id=shop)
    row("core_place", postcode="47121", city="Forlì", province="FC", city_key="forli")


def _uuid() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT gen_random_uuid()::text")
        return str(cursor.fetchone()[0])


def _order(owner: int, method: int, variant: int, *, payment: str, state: str, shipment: str = "") -> int:
    cod, sent = payment == "cod", bool(shipment)
    figures = {"goods_net": 12, "shipping_net": 5, "cod_fee_net": 2 if cod else 0, "vat": "4.18" if cod else "3.74"}
    cost = "23.18" if cod else "20.74"
    dispatched = {**figures, "cost": cost, "guarantee": 0, "dispatched_at": AT} if sent else {}
    order = row("orders_order", state="ready" if sent else state, source="manual", payment=payment,
                currency="EUR", country="IT", to_collect="39.90" if cod else None, dropshipper_id=owner,
                method_id=method, version=1,
                entry_key=_uuid(), **dispatched)  # fmt: skip
    row("orders_orderline", order_id=order, variant_id=variant, sku="T-1", quantity=1, unit_net=12, vat_rate=22)
    if sent:
        parcel = row("shipping_shipment", reference=f"order:{order}", state=shipment, cash="booked" if cod else "",
                     cod_amount="39.90" if cod else 0, dropshipper_id=owner, method_id=method, country="IT",
                     weight_g=500)  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("UPDATE orders_order SET shipment_id = %s, state = %s WHERE id = %s", [parcel, state, order])
    return order


def _books(owner: int, user: int, prepaid: int, cod: int) -> None:
    for kind in ("wallet", "held", "cod_due"):
        row("wallet_account", kind=kind, dropshipper_id=owner, balance=0, floor=0)
    _entry(owner, user, "top_up", "topup:bank-1", {"bank": -100, "wallet": 100})
    _entry(owner, user, "sale", f"order:{prepaid}",
           {"wallet": "-20.74", "sales": 12, "shipping_income": 5, "vat": "3.74"})  # fmt: skip
    _entry(owner, user, "cod_sale", f"order:{cod}",
           {"cod_in_transit": "-39.90", "sales": 12, "shipping_income": 5, "cod_fees": 2, "vat": "4.18",
            "cod_due": "16.72"})  # fmt: skip


def _entry(owner: int, user: int, kind: str, reference: str, lines: dict[str, Any]) -> None:
    from django.db import transaction

    with transaction.atomic(), connection.cursor() as cursor:
        entry = row("wallet_entry", kind=kind, key=f"{reference}:{kind}", reference=reference, request_hash=b"h" * 32,
                    dropshipper_id=owner, by_id=user, at=AT)  # fmt: skip
        cursor.execute(
            "INSERT INTO wallet_posting (entry_id, account_id, amount)"
            " SELECT %s, a.id, l.amount FROM unnest(%s::text[], %s::numeric[]) AS l (kind, amount)"
            " JOIN wallet_account a ON a.kind = l.kind AND coalesce(a.dropshipper_id, %s) = %s",
            [entry, list(lines), [str(amount) for amount in lines.values()], owner, owner],
        )
