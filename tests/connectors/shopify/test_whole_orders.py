"""Whole orders of Shopify, in which nothing is alike by chance, and all that is read of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from connectors.platforms.base import Doubt, IncomingLine, IncomingOrder
from connectors.platforms.shopify.orders import read_order
from core.address import Address
from core.money import ZERO
from tests.connectors.shopify.whole import api, webhook

UTC = dt.UTC


ADDRESS = Address(
    name="Anna Prova",
    company="Bottega",
    street="Via Lunga 7",
    street2="Scala C",
    postcode="22100",
    city="Como",
    province="CO",
    country="CH",
    phone="031 222333",
    email="anna@example.it",
)
READ = IncomingOrder(
    external_id="6100000000077",
    number="IT2077",
    status="partially_paid",
    live=True,
    version_at=dt.datetime(2026, 10, 3, 10, 20, 30, tzinfo=UTC),
    placed_at=dt.datetime(2026, 10, 2, 7, 10, 11, tzinfo=UTC),
    currency="CHF",
    total=Decimal("119.87"),
    payment="cod",
    payment_reason="partly_paid",
    gateway="Contrassegno",
    gateway_title="shopify_payments, Contrassegno, gift_card",
    address=ADDRESS,
    note="Lasciare al portiere",
    lines=[
        # Unit price times four pieces, and four eighths of the taxes.
        IncomingLine(
            external_id="61/62",
            sku="TAZ-1",
            name="Tazza – blu",
            quantity=4,
            sale_gross=Decimal("50.02"),
            line_id="501",
            attributes=(("Incisione", "Anna"),),
            bundle="Kit Natale",
            sent=1,
        ),
        IncomingLine(
            external_id="",
            sku="",
            name="Su misura",
            quantity=3,
            sale_gross=Decimal("21.30"),
            line_id="502",
            elsewhere=True,
        ),
        # Of five that need no shipping two never could be sent: three have left.
        IncomingLine(
            external_id="65/66",
            sku="EBOOK-7",
            name="E-book",
            quantity=2,
            sale_gross=Decimal("2.60"),
            line_id="503",
            digital=True,
            sent=3,
        ),
    ],
    doubts=[
        Doubt("scheduled", "", {"when": "24/12/2026"}),
        Doubt("partly_sent"),
        Doubt("archived"),
        Doubt("risk_high"),
        Doubt("collected_beside", "gift_card", {"names": "Buono"}),
        Doubt("partly_refunded", "", {"amount": "3.21"}),
    ],
    to_collect=Decimal("84.60"),
    marks=("tag:vip", "tag:natale"),
    fiscal={"pec": "anna@pec.example.it", "tax_code": "RSSMRA80A01H501U"},
    details=[
        ("Interno telefonico", "45"),
        ("eBay", "12-34567-89012"),
        ("Citofono", "Prova B"),
        ("Orario", "dopo le 18"),
    ],
)


def test_all_that_the_api_says_is_read() -> None:
    assert read_order(api()) == READ
    assert not read_order(api()).hint


def test_all_that_a_message_says_is_read() -> None:
    first, custom, book = READ.lines
    expected = replace(
        READ,
        lines=[
            replace(first, quantity=6, sale_gross=Decimal("75.03")),
            replace(custom, elsewhere=False),
            replace(book, quantity=5, sale_gross=Decimal("6.50"), sent=0),
            replace(book, external_id="67/66", sku="EBOOK-8", quantity=0, sale_gross=ZERO, line_id="506", sent=5),
        ],
        doubts=[doubt for doubt in READ.doubts if doubt.code not in ("scheduled", "risk_high")],
    )
    assert read_order(webhook()) == expected
    assert read_order(webhook()).hint
