"""`manage.py verify`: silent on whole data, and each planted damage is found by the check that is for it."""

from __future__ import annotations

import uuid
from decimal import Decimal as D
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog import stock
from orders.models import Order
from shipping.parcels import booking
from tests import cast
from tests.orders import stage
from tests.wallet.books import age, hatch, sale, top_up
from wallet import moves, topups
from wallet.books.seal import seal_entries
from wallet.models import Entry

pytestmark = pytest.mark.django_db


def verify() -> dict[str, list[str]]:
    """Number of check → its findings; the command must exit with 1 exactly when there are some."""
    out = StringIO()
    failed = False
    try:
        call_command("verify", stdout=out)
    except CommandError as error:
        failed = error.returncode == 1
    found: dict[str, list[str]] = {}
    check = ""
    for line in out.getvalue().splitlines():
        if line.startswith("FOUND"):
            check = line.split()[1].rstrip(".")
            found.setdefault(check, [])
        elif line.startswith("        "):
            found[check].append(line.strip())
    assert failed == bool(found)
    return found


@pytest.fixture
def dispatched(dropshipper: Any) -> dict[str, Order]:
    """One prepaid and one COD order, dispatched with all that belongs to it: stock, parcel, money."""
    method = stage.method()
    variant = stage.variant("SCN-1", pieces=10)
    top_up(dropshipper, "100.00")
    made = {}
    for payment in ("prepaid", "cod"):
        cod = payment == "cod"
        order = stage.order(
            dropshipper,
            ("SCN-1", 1),
            method=method,
            payment=payment,
            to_collect=D("39.90") if cod else None,
        )
        stock.reserve({order.reference: {variant.pk: 1}}, by=None)
        parcel = booking.Parcel(
            order.reference, dropshipper.pk, method.pk, 500, D("39.90") if cod else D("0.00"), order.address, ""
        )
        shipment = booking.book([parcel], by=None)[order.reference]
        money = sale(dropshipper, order.reference, cod=cod)
        moves.sell([money], by=None)
        Order.objects.filter(pk=order.pk).update(
            state="dispatched",
            shipment=shipment,
            goods_net=money.goods_net,
            shipping_net=money.shipping_net,
            cod_fee_net=money.cod_fee_net,
            vat=money.vat,
            cost=money.cost,
            guarantee=money.guarantee,
            dispatched_at=timezone.now(),
        )
        order.lines.update(unit_net=D("12.00"), vat_rate=D("22.00"))
        made[payment] = Order.objects.get(pk=order.pk)
    person = cast.user()
    asked = [topups.request(dropshipper.pk, D("50.00"), key=uuid.uuid4(), by=person.pk) for _n in range(2)]
    topups.credit(asked[0].pk, by=cast.user().pk)  # nobody credits what he asked for
    age()
    assert seal_entries() == 5
    return made


def test_whole_data_passes(dispatched: dict[str, Order]) -> None:
    assert verify() == {}


def test_an_empty_house_passes(db: None) -> None:
    assert verify() == {}


PLANTED = {
    "a posting that grew": (
        "UPDATE wallet_posting SET amount = amount + 1 WHERE id = (SELECT max(id) FROM wallet_posting)",
        "1",
    ),
    "an entry that lost its postings": (
        "DELETE FROM wallet_posting WHERE entry_id = (SELECT id FROM wallet_entry WHERE key = 'order:{cod}:guarantee')",
        "1",
    ),
    "a balance that is not the sum": ("UPDATE wallet_account SET balance = balance + 1 WHERE kind = 'wallet'", "2"),
    "COD to come that nobody posted": ("UPDATE wallet_openitem SET amount = amount + 1", "2"),
    "COD to come that was forgotten": ("DELETE FROM wallet_openitem", "2"),
    "a wallet below its floor": (
        (
            "ALTER TABLE wallet_account DROP CONSTRAINT wallet_account_floor;"
            "UPDATE wallet_account SET floor = balance + 1 WHERE kind = 'wallet'"
        ),
        "2",
    ),
    "another's account moved": (
        "UPDATE wallet_entry SET dropshipper_id = NULL WHERE key = 'order:{prepaid}:sale'",
        "2",
    ),
    "a sealed entry changed": ("UPDATE wallet_entry SET memo = 'x' WHERE key = 'order:{prepaid}:sale'", "3"),
    "a dispatched order without money": (
        "UPDATE wallet_entry SET reference = 'order:0' WHERE reference = 'order:{prepaid}'",
        "4",
    ),
    "a dispatched order with another's parcel": (
        "UPDATE shipping_shipment SET reference = 'order:0' WHERE reference = 'order:{prepaid}'",
        "4",
    ),
    "an order charged other than its cost": ("UPDATE orders_order SET cost = cost + 1 WHERE id = {prepaid}", "4"),
    "a cancelled order that was charged": (
        (
            "UPDATE orders_order SET state = 'cancelled' WHERE id = {prepaid};"
            "UPDATE shipping_shipment SET state = 'cancelled' WHERE reference = 'order:{prepaid}'"
        ),
        "4",
    ),
    "an order with another's parcel": (
        (
            "INSERT INTO accounts_dropshipper (name, vat_number, fiscal_code, sdi_code, pec, phone, street, postcode,"
            " city, province, status, status_reason, created_at)"
            " VALUES ('x', '00000000000', '', '', '', '', '', '', '', '', 'active', '', now());"
            "UPDATE shipping_shipment SET dropshipper_id = (SELECT max(id) FROM accounts_dropshipper)"
            " WHERE reference = 'order:{prepaid}'"
        ),
        "4",
    ),
    "a line that changed after it was charged": ("UPDATE orders_orderline SET quantity = 2", "4"),
    "a price that changed after it was charged": ("UPDATE orders_order SET vat = vat + 1 WHERE id = {cod}", "4"),
    "a guarantee that nobody holds": ("UPDATE orders_order SET guarantee = 5 WHERE id = {prepaid}", "4"),
    "a top-up that is only called credited": (
        "UPDATE wallet_topup SET status = 'credited' WHERE status = 'requested'",
        "4",
    ),
    "a top-up credited with another amount": (
        "UPDATE wallet_topup SET amount = amount + 1 WHERE status = 'credited'",
        "4",
    ),
    "money of a top-up that was rejected": (
        "UPDATE wallet_topup SET status = 'rejected' WHERE status = 'credited'",
        "4",
    ),
    "a guard that sleeps": ("ALTER TABLE wallet_posting DISABLE TRIGGER append_only", "3"),
    "reserved pieces that nobody holds": ("UPDATE catalog_stock SET reserved = reserved + 1", "7"),
    "pieces from nowhere": ("UPDATE catalog_stock SET on_hand = on_hand + 1", "7"),
    "a reservation that outlived its parcel": (
        "UPDATE shipping_shipment SET state = 'shipped' WHERE reference = 'order:{prepaid}'",
        "7",
    ),
    "a parcel that collects another amount": (
        "UPDATE shipping_shipment SET cod_amount = 40 WHERE cash = 'booked'",
        "8",
    ),
    "COD in the books for a prepaid order": ("UPDATE orders_order SET payment = 'prepaid' WHERE id = {cod}", "8"),
    "COD called remitted without the money": (
        "UPDATE shipping_shipment SET cash = 'remitted' WHERE reference = 'order:{cod}'",
        "9",
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_planted_damage_is_found(what: str, dispatched: dict[str, Order]) -> None:
    statement, check = PLANTED[what]
    with hatch() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(statement.format(**{payment: order.pk for payment, order in dispatched.items()}))
    assert verify().get(check), what


@pytest.mark.parametrize("end", ["undo", "remit", "lose"])
def test_cod_that_ended_in_the_books_but_not_at_the_parcel_is_found(end: str, dispatched: dict[str, Order]) -> None:
    getattr(moves, end)(dispatched["cod"].reference, by=None)
    assert verify()["9"]
    assert Entry.objects.filter(reference=dispatched["cod"].reference).count() > 2
