"""Worlds in which nothing is alike by chance: where two figures are the same, a test cannot see that one was taken for
the other. No two amounts, weights, pieces, VAT rates or ids of a `world` are equal but those that are said to be.

    world = differing.world()
    order = world.order(("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 5), payment="cod", total="211.37", method="due")

`amount()`, `pieces()` and `grams()` give figures that no other call of this run gave: for worlds of one's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection

from accounts.models import Dropshipper
from catalog import stock
from catalog.models import Category, Product, Variant
from core.address import Address
from core.postgresql.owner import as_owner
from orders.intake import creation
from orders.models import Order
from shipping.models import Courier, Method, Rate, Zone, ZoneArea
from tests import cast
from wallet import moves
from wallet.models import Account

# SKU → net price, VAT rate, weight of a piece in grams, pieces on hand, pieces kept back. E has the rate of A and of
# method “uno”: what has one rate is summed before it is rounded.
ARTICLES = {
    "DIV-A": ("12.37", "22.00", 310, 41, 3),
    "DIV-B": ("7.19", "10.00", 845, 29, 2),
    "DIV-C": ("3.05", "4.00", 127, 67, 5),
    "DIV-D": ("28.61", "5.00", 2190, 17, 1),
    "DIV-E": ("0.83", "22.00", 53, 113, 7),
}


@dataclass(frozen=True)
class Way:
    """What a method costs. `rates`: zone → (up to grams, net) by rising weight; `fee`: fixed, percent, at least."""

    vat: str
    back: str
    fee: tuple[str, str, str]
    cap: str
    most_g: int
    rates: dict[str, tuple[tuple[int, str], ...]]


METHODS = {
    "uno": Way(
        vat="22.00",
        back="4.73",
        fee=("1.57", "1.30", "2.03"),
        cap="1234.56",
        most_g=26_500,
        rates={
            "terraferma": ((1_100, "6.11"), (3_300, "8.47"), (27_700, "13.93")),
            "sardegna": ((1_200, "9.29"), (28_800, "17.71")),
        },
    ),
    "due": Way(
        vat="21.00",
        back="9.41",
        fee=("2.71", "0.45", "3.19"),
        cap="4999.99",
        most_g=60_000,
        rates={
            "terraferma": ((900, "4.87"), (4_400, "7.03"), (59_900, "11.57")),
            "francia": ((5_500, "19.87"), (58_300, "33.31")),
        },
    ),
    "tre": Way(  # comes back for nothing, and nothing is paid at the door below a fixed fee
        vat="17.00",
        back="0.00",
        fee=("0.97", "2.10", "1.01"),
        cap="777.77",
        most_g=19_300,
        rates={"terraferma": ((2_600, "5.39"), (20_100, "10.83"))},
    ),
}
ZONES = {"terraferma": ("IT", ""), "sardegna": ("IT", "CA"), "francia": ("FR", "")}
ADDRESSES = {
    "terraferma": Address(
        name="Giulia Rossi",
        company="Fiori e Fili snc",
        street="Via Garibaldi 12",
        street2="Scala C",
        postcode="10122",
        city="Torino",
        province="TO",
        phone="+393331234567",
        email="giulia@example.com",
    ),
    "sardegna": Address(
        name="Efisio Piras",
        company="Sa Buttega",
        street="Via Roma 45",
        street2="Piano 2",
        postcode="09124",
        city="Cagliari",
        province="CA",
        phone="+393477654321",
        email="efisio@example.com",
    ),
    "francia": Address(
        name="Amélie Durand",
        company="Chez Amélie",
        street="Rue de la République 8",
        street2="Bâtiment F",
        postcode="69001",
        city="Lyon",
        province="",
        country="FR",
        phone="+33612345678",
        email="amelie@example.com",
    ),
}

_numbers = count(1)


def amount() -> Decimal:
    """EUR; never the same twice in a run, nor the double or the half of another."""
    n = next(_numbers)
    return Decimal(n * 137 + n % 7 * 11 + 3) / 100


def pieces() -> int:
    return 11 + next(_numbers) * 3 % 1000


def grams() -> int:
    return 101 + next(_numbers) * 17


def ids_apart() -> None:
    """From now on the ids of each table are those of no other: order 1 is not article 1 too. Sequences do not roll
    back: once a run is enough, and twice does no harm."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 3000 * place + 11 * place)"
            "  FROM (SELECT *, row_number() OVER (ORDER BY sequencename) AS place FROM pg_sequences"
            "         WHERE schemaname = 'public') s"
            " WHERE coalesce(last_value, 0) < 3000 * place"
        )


@dataclass
class World:
    seller: Dropshipper
    other: Dropshipper
    articles: dict[str, Variant]
    methods: dict[str, Method]
    placed: Iterator[int] = field(default_factory=lambda: count(1))

    def data(
        self,
        *lines: tuple[str, int],
        payment: str = "prepaid",
        total: str | None = "187.43",
        collect: str | None = None,
        zone: str = "terraferma",
        **fields: Any,
    ) -> creation.OrderData:
        """An order in its source's words; each with a date and prices of its own."""
        n = next(self.placed)
        told = [
            creation.LineData(sku, f"Articolo {sku}", quantity, sale_gross=Decimal(quantity * (1900 + 37 * at)) / 100)
            for at, (sku, quantity) in enumerate(lines)
        ]
        values: dict[str, Any] = {
            "address": ADDRESSES[zone],
            "note": f"Citofono {n}",
            "placed_at": dt.datetime(2026, 3, 1, 9, 7, tzinfo=dt.UTC) + dt.timedelta(days=n, minutes=13 * n),
            **fields,
        }
        return creation.OrderData(
            lines=told,
            payment=payment,
            sale_total=None if total is None else Decimal(total),
            to_collect=None if collect is None else Decimal(collect),
            **values,
        )

    def order(
        self, *lines: tuple[str, int], method: str | None = "uno", seller: Dropshipper | None = None, **fields: Any
    ) -> Order:
        """An order of the Dropshipping Shop, ready if nothing is wrong with it."""
        return creation.create(
            self.data(*lines, **fields),
            dropshipper_id=(seller or self.seller).pk,
            method_id=self.methods[method].pk if method else None,
        )


def world(*, money: str = "1307.91", floor: str = "0.00", other_money: str = "853.17") -> World:
    """Two resellers with money, five articles, three methods. `floor`: how far below zero the first one's wallet may
    go, as a negative amount."""
    ids_apart()
    made = World(
        cast.dropshipper("Differente S.r.l."),
        cast.dropshipper("Altrimenti S.r.l.", street="Corso Italia 77", postcode="20122", city="Milano", province="MI"),
        {sku: _article(sku) for sku in ARTICLES},
        _methods(),
    )
    for owner, given in ((made.seller, money), (made.other, other_money)):
        if Decimal(given):
            moves.adjust(owner.pk, Decimal(given), memo="Apertura", by=None)
    if Decimal(floor):
        set_floor(made.seller, floor)
    return made


def set_floor(owner: Dropshipper, floor: str) -> None:
    """What the owner of the tables may give: credit down to there."""
    with as_owner():
        Account.objects.filter(dropshipper=owner, kind="wallet").update(floor=Decimal(floor))


def _article(sku: str) -> Variant:
    net, vat, weight_g, on_hand, kept_back = ARTICLES[sku]
    category, _made = Category.objects.get_or_create(slug="diversi", defaults={"name": "Diversi"})
    product = Product.objects.create(name=f"Articolo {sku}", slug=sku.lower(), category=category)
    made = Variant.objects.create(
        product=product, sku=sku, net_price=Decimal(net), vat_rate=Decimal(vat), weight_g=weight_g
    )
    stock.receive(made.pk, on_hand, by=None)
    stock.arrange(made.pk, buffer=kept_back, restock_on=None)
    return made


def _methods() -> dict[str, Method]:
    zones = {code: Zone.objects.create(code=code, name=code.title()) for code in ZONES}
    for code, (country, province) in ZONES.items():
        ZoneArea.objects.create(zone=zones[code], country=country, province=province)
    made = {}
    for position, (code, way) in enumerate(METHODS.items()):
        courier = Courier.objects.create(code=f"corriere-{code}", name=f"Corriere {code}", cod_cap=Decimal(way.cap))
        fixed, percent, least = map(Decimal, way.fee)
        made[code] = Method.objects.create(
            courier=courier,
            code=code,
            name=code.title(),
            position=position,
            days_min=position + 1,
            days_max=2 * position + 4,
            max_weight_g=way.most_g,
            vat_rate=Decimal(way.vat),
            cod_fee_fixed=fixed,
            cod_fee_percent=percent,
            cod_fee_min=least,
            return_net=Decimal(way.back),
        )
        Rate.objects.bulk_create(
            Rate(method=made[code], zone=zones[zone], max_weight_g=limit, net=Decimal(net))
            for zone, rates in way.rates.items()
            for limit, net in rates
        )
    return made
