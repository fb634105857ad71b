"""What each status means that plugins and merchants make, and what an order's payment is: the whole verdict."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from connectors.platforms.woocommerce import statuses
from connectors.platforms.woocommerce.payment import Verdict, classify, is_cod_id

SAID = {
    statuses.SENT: (
        *("spedita", "shipped", "delivered", "consegnate", "dispatched", "evasi", "sent", "inviata", "completato"),
        *(
            "fulfilled",
            "transit",
            "in-transito",
            "out for delivery",
            "in consegna",
            "ritirati",
            "picked up",
            "collected",
        ),
        *(
            "handed-over",
            "conclusa",
            "affidato",
            "entregado",
            "enviada",
            "expedido",
            "livrée",
            "versendet",
            "verschickt",
        ),
        *("geliefert", "zugestellt", "shipping", "dropshipped", "Spedìto"),
    ),
    statuses.PART: (
        *("part-shipped", "partial sent", "parzialmente-evaso", "partly shipped", "partiellement-livre"),
        *("teilweise versendet",),
    ),
    statuses.GIVEN_UP: (
        *("annullata", "cancelled", "rimborso", "refunded", "storno", "reso", "returned", "rifiutato", "refused"),
        *("rejected", "failed", "fallito", "fraud", "frode", "voided", "expired", "scaduto", "chargeback", "disputed"),
        *("contestato", "devuelto", "devolucion", "erstattet", "remboursé", "spam", "duplicate", "lost", "perso"),
        *("giacenza", "undelivered", "not delivered", "non consegnata", "not-delivered shipped"),
    ),
    statuses.WAITS: (
        *("payment", "pagamento", "bonifico", "transfer", "deposit", "acconto", "saldo", "unpaid", "pending", "hold"),
        *("pre-order", "preordine", "prenotato", "backorder", "quote", "quotation", "preventivo", "draft", "bozza"),
        *("sospeso", "bloccata", "conferma-cliente", "da confermare", "unconfirmed", "to confirm", "stock", "reserved"),
        *("scheduled", "programmato", "verifica", "review", "on request", "waitlist", "not paid"),
    ),
    statuses.OTHER: (
        *("", "da-spedire", "to ship", "to be delivered", "pronto-spedizione", "ready for dispatch", "awaiting pickup"),
        *(
            "waiting to send",
            "attesa invio",
            "for shipping",
            "preparing envio",
            "non-spedito",
            "not shipped",
            "zum versand",
        ),
        *(
            "por enviar",
            "zu versenden",
            "preparazione ritiro",
            "pronta per evasione",
            "paid",
            "gia pagato",
            "order paid",
        ),
        *("already-paid", "pagamento ricevuto", "pagamento-ok", "payment-received", "payment complete", "da inviare"),
        *("lavorazione", "espresso", "resto", "composto", "a-evadere", "da consegnare"),
    ),
}


@pytest.mark.parametrize(("kind", "status"), [(kind, one) for kind, found in SAID.items() for one in found])
def test_what_a_status_says(kind: str, status: str) -> None:
    assert statuses.says(status) == kind
    if kind:
        assert statuses.says(f"x-{status.upper()}-y") == kind


# ---- the verdict

PAID = dt.datetime(2026, 11, 23, 20, 52, tzinfo=dt.UTC)


def verdict(gateway: str, status: str, title: str = "", **given: Any) -> Verdict:
    facts: dict[str, Any] = {"paid_at": None, "completed_at": None, "transaction": "", "total_is_zero": False}
    return classify(gateway=gateway, status=status, title=title, **{**facts, **given})


def test_what_a_rule_may_decide() -> None:
    held = {
        ("cod", ""): ("on_hold", True),
        ("bacs", ""): ("bank_transfer", True),
        ("cheque", ""): ("cheque", True),
        ("stripe", ""): ("on_hold", False),
        ("x", "Contrassegno"): ("on_hold", True),
        ("x", "Bonifico"): ("bank_transfer", False),
        ("x", "Assegno"): ("cheque", False),
        ("x", "Carta"): ("on_hold", False),
        ("x", ""): ("on_hold", False),
    }
    for (gateway, title), (reason, applies) in held.items():
        assert verdict(gateway, "on-hold", title) == Verdict("awaiting", reason, rule_applies=applies), (gateway, title)
    assert verdict("cod", "pending") == Verdict("awaiting", "unpaid", rule_applies=False)
    for dead in ("cancelled", "refunded", "failed", "trash"):
        assert verdict("cod", dead) == Verdict("review", "unknown_status")
    assert verdict("cod", "spedito") == Verdict("review", "completed_in_shop", rule_applies=False, finished=True)
    assert verdict("cod", "annullato") == Verdict("review", "given_up", rule_applies=False)
    assert verdict("cod", "part-shipped") == Verdict("review", "unknown_status", rule_applies=False)
    assert verdict("cod", "preordine") == Verdict("review", "unknown_status", rule_applies=False)
    assert verdict("cod", "lavorazione") == Verdict("review", "unknown_status", True, False)


def test_completed_at_once_by_the_shop_itself_or_by_somebody_who_sent_it() -> None:
    sent = Verdict("review", "completed_in_shop", rule_applies=False, finished=True)
    for seconds, expected in (
        (600, Verdict("prepaid", "paid")),
        (-600, Verdict("prepaid", "paid")),
        (601, sent),
        (-601, sent),
    ):
        later = PAID + dt.timedelta(seconds=seconds)
        assert verdict("stripe", "completed", paid_at=PAID, completed_at=later) == expected
        assert verdict("cod", "completed", paid_at=PAID, completed_at=later) == sent
        assert verdict("x", "completed", "Contrassegno", paid_at=PAID, completed_at=later) == sent
    assert verdict("stripe", "completed", paid_at=PAID) == verdict("stripe", "completed", completed_at=PAID) == sent


def test_what_a_plugins_gateway_is() -> None:
    def reason(gateway: str, title: str = "", **given: Any) -> tuple[str, str]:
        found = verdict(gateway, "processing", title, **given)
        return found.kind, found.reason

    number: dict[str, Any] = {"transaction": "tx_1"}
    paid_: dict[str, Any] = {"paid_at": PAID}
    zero: dict[str, Any] = {"total_is_zero": True}
    assert reason("x", "Contrassegno", **number) == ("review", "cod_and_paid")
    assert reason("x", "Contrassegno", **paid_) == ("review", "cod_marked_paid")
    assert reason("x", "Contrassegno", **zero) == reason("x", "Contrassegno") == ("cod", "cod_words")
    assert reason("my_cod") == ("cod", "cod_gateway")
    assert reason("x", **zero) == ("prepaid", "free")
    assert reason("x", "Carta", **paid_, **number) == ("prepaid", "paid_with_number")
    assert reason("x", "Carta", **number) == ("review", "unknown_method")
    assert reason("x", "Carta", **paid_) == ("review", "paid_unproven")
    assert reason("", "Carta", **paid_) == ("review", "no_method")
    assert reason("x", "No contrassegno", **paid_) == ("review", "cod_denied")
    assert reason("x", "Carta o contrassegno", **paid_) == ("review", "cod_among_others")
    assert reason("stripe") == ("awaiting", "unpaid")
    assert reason("bacs") == ("awaiting", "bank_transfer")
    assert reason("cheque") == ("awaiting", "cheque")
    assert reason("cheque", **zero) == ("prepaid", "free")
    assert reason("cod", **zero, **paid_) == ("cod", "cod_gateway")
    # What a plugin writes for want of a number.
    for none in (
        "0",
        "-",
        " -- ",
        "N/A",
        "na",
        "none",
        "NULL",
        "false",
        "nessuno",
        "manual",
        "offline",
        "COD-1760000000",
    ):
        assert reason("x", "Carta", **paid_, transaction=none) == ("review", "paid_unproven"), none
    assert is_cod_id("COD-1760000000")
