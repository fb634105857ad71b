"""Statuses that plugins and merchants make: what has left, was given up or waits is never sent by what was once said of
the payment method."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from connectors.intake import upsert
from connectors.platforms.woocommerce import statuses
from connectors.platforms.woocommerce.payment import classify
from tests.connectors.arrivals import PREPAID
from tests.connectors.conftest import order_body
from tests.connectors.woocommerce.test_cases import arrive

HELD = {
    statuses.SENT: "spedito shipped delivered consegnato evaso dispatched in-transit in-consegna lpc_delivered "
    "pedido-enviado ritirato out-for-delivery",
    statuses.PART: "partial-shipped parzialmente-spedito partially-shipped part-shipped",
    statuses.GIVEN_UP: "annullato cancel-request reso refund-requested rimborsato rifiutato fraud expired "
    "non-consegnato",
    statuses.WAITS: "partially-paid partial-payment awaiting-payment attesa-bonifico pre-ordered on-hold-stock quote "
    "preventivo scheduled-payment backorder da-confermare",
}
FREE = (
    "in-lavorazione confermato packing awaiting-shipment ready-to-ship in-attesa-di-spedizione da-spedire pagato "
    "pronto-per-la-spedizione awaiting-courier label-created to-be-delivered payment-received"
)


@pytest.mark.parametrize(("kind", "status"), [(kind, one) for kind, all_ in HELD.items() for one in all_.split()])
def test_a_status_that_holds_an_order_back_is_known_by_its_words(kind: str, status: str) -> None:
    assert statuses.says(status) == kind
    verdict = classify(
        gateway="stripe",
        title="Carta",
        status=status,
        paid_at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
        completed_at=None,
        transaction="ch_1",
        total_is_zero=False,
    )
    assert (verdict.kind, verdict.rule_applies, verdict.finished) == ("review", False, kind == statuses.SENT)


@pytest.mark.parametrize("status", FREE.split())
def test_other_statuses_ask_once_what_the_method_is(status: str) -> None:
    assert statuses.says(status) == statuses.OTHER


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["cod", "prepaid"])
@pytest.mark.parametrize("status", ["spedito", "annullato", "partially-paid", "pre-ordered", "parzialmente-spedito"])
def test_what_was_said_of_the_method_sends_nothing_that_its_status_holds(
    shop: Any, goods: Any, kind: str, status: str
) -> None:
    upsert.learn_payment(shop, "mio_gateway", kind, by=None)
    method = {"payment_method": "mio_gateway", "payment_method_title": "Il mio metodo"}
    order = arrive(shop, order_body(1, **{**PREPAID, **method, "status": status}))
    assert order is not None
    assert (order.state, order.payment) == ("received", "review")
    going = arrive(shop, order_body(2, **{**PREPAID, **method, "status": "in-lavorazione"}))  # the negative control
    assert going is not None
    assert (going.state, going.payment) == ("ready", kind)


@pytest.mark.django_db
def test_what_was_said_of_transfers_does_not_make_the_next_one_come(shop: Any, goods: Any) -> None:
    upsert.learn_payment(shop, "bacs", "prepaid", by=None)
    transfer = {"payment_method": "bacs", "payment_method_title": "Bonifico bancario"}
    order = arrive(shop, order_body(1, **transfer, status="on-hold"))
    assert order is not None
    assert (order.state, order.payment) == ("received", "awaiting")
