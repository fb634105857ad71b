"""What an order of WooCommerce is worth as payment, against a model, over all that its body says at once; through the
whole reading, so that no field stands for another."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from connectors.platforms.woocommerce.orders import read_order
from tests.connectors.conftest import order_body

D = Decimal


class Way(NamedTuple):
    """A method with its title. `known`: what its id alone says for sure; `cod`: that its words do, and not beside
    others; `other`: what they ask for else."""

    gateway: str
    title: str
    known: str = ""
    cod: bool = False
    other: str = ""
    by_id: bool = False


WAYS = [
    Way("cod", "Contrassegno", known="cod", cod=True, by_id=True),
    Way("bacs", "Bonifico bancario", known="bank_transfer"),
    Way("cheque", "Assegno", known="cheque"),
    Way("stripe", "Carta di credito", known="electronic"),
    Way("ppcp-gateway", "PayPal", known="electronic"),
    Way("contrassegno-poste", "Alla consegna", cod=True, by_id=True),
    Way("plugin_x", "Paga alla consegna", cod=True),
    Way("plugin_x", "Contrassegno o carta", other="cod_among_others"),
    Way("plugin_x", "Paga come vuoi (no contrassegno)", other="cod_denied"),
    Way("plugin_x", "Metodo nuovo"),
    Way("", ""),
]
PLACED = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
moments = st.integers(1, 3000).map(lambda n: PLACED + dt.timedelta(seconds=n))
NUMBERS = {"": False, "n/a": False, "COD-1760000000": False, "pi_3Q": True}
STATUSES = ["processing", "completed", "pending", "on-hold", "spedito", "in-lavorazione", "annullato-dal-cliente"]


class Said(NamedTuple):
    way: Way
    status: str
    paid: dt.datetime | None
    completed: dt.datetime | None
    number: str
    total: Decimal
    refunds: tuple[Decimal, ...]


SAID = st.builds(
    Said,
    st.sampled_from(WAYS),
    st.sampled_from(["processing", "processing", *STATUSES]),
    st.none() | moments,
    st.none() | moments,
    st.sampled_from(sorted(NUMBERS)),
    st.sampled_from([D("0.00"), D("37.41"), D("37.41")]),
    st.sampled_from([(), (), (D("0.00"),), (D("4.13"),), (D("37.41"),), (D("30.00"), D("7.41"))]),
)


def model(said: Said) -> tuple[str, str, bool, bool]:
    """Kind, reason, whether the reseller's rule may decide, whether it was sent already."""
    way, paid, number = said.way, said.paid is not None, NUMBERS[said.number]
    # One that offers cash among others may have been cash, as long as nobody knows.
    is_cod = way.known == "cod" or (not way.known and (way.cod or way.other == "cod_among_others"))
    if said.status == "pending":
        return "awaiting", "unpaid", False, False
    if said.status == "on-hold":
        waits = way.known in ("bank_transfer", "cheque")
        return "awaiting", way.known if waits else "on_hold", waits or way.cod, False
    if said.status == "spedito":
        return "review", "completed_in_shop", False, True
    if said.status == "annullato-dal-cliente":
        return "review", "given_up", False, False
    if said.status == "in-lavorazione":
        return "review", "unknown_status", True, False
    if said.status == "completed":
        by_itself = said.paid and said.completed and abs((said.completed - said.paid).total_seconds()) <= 600
        if is_cod or not by_itself:
            return "review", "completed_in_shop", False, True
    free = said.total == 0 and not said.refunds
    if way.known == "cod":
        return "cod", "cod_gateway", True, False
    if way.known:
        unpaid = "unpaid" if way.known == "electronic" else way.known
        kind, reason = ("prepaid", "free") if free else ("prepaid", "paid") if paid else ("awaiting", unpaid)
        return kind, reason, True, False
    if way.cod:
        if number:
            return "review", "cod_and_paid", True, False
        if paid:
            return "review", "cod_marked_paid", True, False
        return "cod", "cod_gateway" if way.by_id else "cod_words", True, False
    if free:
        return "prepaid", "free", True, False
    if paid and number:
        return "prepaid", "paid_with_number", True, False
    if way.other:
        return "review", way.other, True, False
    reason = "unknown_method" if not paid else "paid_unproven" if way.gateway else "no_method"
    return "review", reason, True, False


def body_of(said: Said) -> dict[str, Any]:
    def moment(value: dt.datetime | None) -> str | None:
        return f"{value:%Y-%m-%dT%H:%M:%S}" if value else None

    return order_body(
        7,
        status=said.status,
        total=str(said.total),
        date_created_gmt=moment(PLACED),
        date_modified_gmt="2026-11-29T09:00:00",
        date_paid_gmt=moment(said.paid),
        date_completed_gmt=moment(said.completed),
        payment_method=said.way.gateway,
        payment_method_title=said.way.title,
        transaction_id=said.number,
        refunds=[{"id": n, "total": str(-part)} for n, part in enumerate(said.refunds, start=50)],
        line_items=[{**order_body()["line_items"][0], "total": str(said.total), "total_tax": "0.00"}],
    )


AT_ONCE = PLACED + dt.timedelta(seconds=1)


@settings(max_examples=700, deadline=None)
@given(SAID)
@example(Said(WAYS[7], "completed", AT_ONCE, AT_ONCE, "", D("37.41"), ()))
@example(Said(WAYS[8], "completed", AT_ONCE, AT_ONCE, "", D("37.41"), ()))
@example(Said(WAYS[9], "completed", AT_ONCE, AT_ONCE, "", D("37.41"), ()))
@example(Said(WAYS[4], "processing", None, None, "", D("37.41"), (D("37.41"),)))  # given back, it was not free
def test_every_order_is_what_the_table_says(said: Said) -> None:
    back = sum(said.refunds, D(0))
    assume(back <= said.total)
    read = read_order(body_of(said))
    assert read is not None
    assert (read.payment, read.payment_reason, read.rule_applies, read.finished) == model(said)
    assert read.total == said.total - back
    assert read.live is (not back or back < said.total)
    partly = [doubt.params["amount"] for doubt in read.doubts if doubt.code == "partly_refunded"]
    assert partly == ([str(back)] if said.refunds and read.live else [])


@pytest.mark.parametrize("seconds", [-601, -600, 600, 601])
def test_a_shop_that_completes_paid_orders_by_itself_does_so_within_ten_minutes(seconds: int) -> None:
    paid = PLACED + dt.timedelta(hours=1)
    said = Said(WAYS[3], "completed", paid, paid + dt.timedelta(seconds=seconds), "ch_1", D("37.41"), ())
    read = read_order(body_of(said))
    assert read is not None
    within = abs(seconds) <= 600
    assert (read.payment, read.finished) == (("prepaid", False) if within else ("review", True))


def test_what_was_given_back_whole_is_not_free_of_charge() -> None:
    """Nothing is owed any more, and nothing was paid: to the eye a free order, and it is over."""
    said = Said(WAYS[4], "processing", None, None, "", D("37.41"), (D("30.00"), D("7.41")))
    read = read_order(body_of(said))
    assert read is not None
    assert (read.total, read.live, read.payment, read.payment_reason) == (D("0.00"), False, "awaiting", "unpaid")
