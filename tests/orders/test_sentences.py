"""What is kept as a code and told as a sentence: every event of an order's history; and of what
accounting may not see nothing is told."""

from __future__ import annotations

from typing import Any

import pytest

from orders import timeline, veil
from orders.intake import merge
from orders.models import Order, OrderEvent, OrderLine, Problem
from shipping.models import Shipment

PARAMS: dict[str, Any] = {
    "label": "Casa Bella",
    "number": "MCI-000007",
    "question": "Va bene?",
    "kind": "COD",
    "owed": "1234.50",
    "collect": "99.10",
    "method": "Uno",
    "sku": "A-1",
    "pieces": 3,
    "amount": "4321.09",
    "before": "17.03",
    "tracking": "TRK1",
    "used": "TRK0",
    "text": "fermo",
    "alert": "cambiato",
    "field": "street",
    "case": "R-000012",
    "case_reason": "refused",
    "total": "-12.20",
}
HISTORY = {
    "created": "Ordine inserito",
    "draft_saved": "Bozza salvata",
    "received": "Ricevuto da Casa Bella",
    "edited": "Modificato a mano",
    "submitted": "Ordine confermato",
    "duplicated": "Creato come copia di MCI-000007",
    "ready": "Controllato: pronto per l’invio",
    "to_fix": "Controllato: qualcosa da correggere",
    "refreshed": "Aggiornato dal negozio",
    "changed_in_shop": "Modificato nel negozio dopo l’invio: il pacco non cambia",
    "owes_less": "Nel negozio il cliente deve ora 1.234,50 €; da incassare alla consegna: 99,10 €",
    "id_reused": "Il negozio ha dato il suo numero a un altro ordine",
    "cancelled_in_shop": "Annullato nel negozio",
    "restored_in_shop": "Ripristinato nel negozio",
    "payment_decided": "Pagamento impostato a mano: COD",
    "method_chosen": "Spedizione scelta: Uno",
    "matched": "SKU A-1 abbinato a un prodotto",
    "unmatched": "SKU A-1 non più abbinato a un prodotto",
    "dispatched": "Inviato a MCI",
    "stock_reserved": "Merce riservata: 3 pezzi",
    "charged": "Addebito sul portafoglio: 4.321,09 €, IVA inclusa",
    "cod_booked": "Contrassegno registrato: 4.321,09 € da incassare, IVA inclusa",
    "guarantee_held": "Garanzia impegnata: 4.321,09 €, IVA inclusa",
    "collect_lowered": "Da incassare alla consegna: 4.321,09 € invece di 17,03 €",
    "readdressed": "Indirizzo cambiato dopo l’invio",
    "shipping_repriced": "Ricalcolato per il nuovo indirizzo: 4.321,09 € invece di 17,03 €, IVA inclusa",
    "packed": "Imballato",
    "shipped": "Affidato al corriere, tracking TRK1",
    "delivered": "Consegnato",
    "unpacked": "Segnato imballato per errore, di nuovo da preparare: fermo",
    "unshipped": "Affidato al corriere per errore, è di nuovo qui (TRK1 non vale più): fermo",
    "undelivered": "Segnato consegnato per errore, è ancora in viaggio: fermo",
    "renumbered": "Numero di tracking corretto: TRK1 al posto di TRK0 (fermo)",
    "cod_collected": "Contrassegno incassato dal corriere: 4.321,09 €",
    "cod_remitted": "Contrassegno rimesso: 4.321,09 € nel portafoglio",
    "cod_unremitted": "Contrassegno segnato rimesso per errore: 4.321,09 € stornati dal portafoglio (fermo)",
    "cancelled": "Annullato",
    "restored": "Ripristinato dopo l’annullamento",
    "reversed": "Tutto stornato: denaro, merce e spedizione",
    "came_back": "Il pacco è rientrato: R-000012 (Rifiutato alla consegna)",
    "inspected": "Ispezionato: R-000012",
    "case_settled": "Chiuso: R-000012, -12,20 €, IVA inclusa",
    "case_opened": "Reso richiesto: R-000012 (Rifiutato alla consegna)",
    "case_approved": "Reso approvato: R-000012",
    "case_refused": "Reso non approvato: R-000012 (fermo)",
    "case_received": "Sono rientrati i pezzi di R-000012",
    "lost": "Smarrito dal corriere: R-000012",
    "claim_sent": "Reclamo inviato al corriere: R-000012",
    "claim_paid": "Il corriere ha pagato per R-000012",
    "claim_refused": "Il corriere non paga per R-000012",
    "found_delivered": "Ritrovato e consegnato: R-000012 è annullata",
    "found_back": "Ritrovato, è rientrato: R-000012",
    "completed": "Completato",
    "forgotten": "Il nome e l’indirizzo del cliente sono stati cancellati",
    "alert_seen": "Visto: cambiato",
    "answered": "Guardato, va bene così: Va bene?",
    "conflict_taken": "Cambiato qui e nel negozio, preso il dato del negozio: indirizzo",
    "conflict_kept": "Cambiato qui e nel negozio, mantenuto il dato di qui: indirizzo",
}


def said(code: str, **params: Any) -> str:
    return timeline.sentence(OrderEvent(code=code, params=params))


def test_every_event_of_a_history_is_a_sentence() -> None:
    assert {code: said(code, **PARAMS) for code in HISTORY} == HISTORY
    assert HISTORY.keys() | {"asked_in_shop"} == timeline.SENTENCES.keys()
    assert said("asked_in_shop", kind="pickup", method="Ritiro", of="") == (
        "Dopo l’invio il negozio dice: Ritiro o consegna a cura del negozio (Ritiro): c’è qualcosa da spedire?"
    )
    assert said("asked_in_shop", of="") == "Dopo l’invio il negozio dice: "
    assert said("cancelled_in_shop", status="refunded") == "Rimborsato per intero nel negozio"
    assert said("stock_reserved", pieces=1) == "Merce riservata: 1 pezzo"
    # A row of an earlier version, or of a later one, is told by its code and breaks no page.
    assert [
        said("later_than_us", a=1),
        said("matched"),
        said("stock_reserved"),
        said("stock_reserved", pieces="x"),
    ] == [
        "later_than_us",
        "matched",
        "stock_reserved",
        "stock_reserved",
    ]
    assert said("conflict_kept", field="strange").endswith(": strange")


def test_changes_are_told_as_the_reader_writes_them() -> None:
    rows: list[Any] = [
        ["street", "Via Po 1", ""],
        ["line:A-1", "2", "3"],
        ["line:", "1", "0"],
        ["payment", "cod", "prepaid"],
        ["payment", "", "later"],
        ["to_collect", "1234.50", None],
        ["total", "17.03", "18.04 USD"],
        ["strange", "12.50", "x"],
        ["too short", "1"],
        "no row",
    ]
    assert timeline.changes({"changes": rows}) == [
        ("indirizzo", "Via Po 1", "–"),
        ("pezzi di A-1", "2", "3"),
        ("line:", "1", "0"),
        ("pagamento", "COD", "Prepagato"),
        ("pagamento", "–", "later"),
        ("importo da incassare", "1.234,50 €", "–"),
        ("pagato dal cliente", "17,03 €", "18.04 USD"),
        ("strange", "12,50", "x"),
    ]
    assert timeline.changes({}) == timeline.changes({"changes": "x"}) == []


# ---- what accounting sees

HARMLESS = {
    **dict.fromkeys(("sku", "names", "count", "pieces", "amount", "before", "total", "sum", "owed", "collect"), "a"),
    **dict.fromkeys(("currency", "kind", "sections", "number", "parent", "label", "status", "alert", "method"), "b"),
    **dict.fromkeys(("courier", "tracking", "country", "postcode", "province", "city", "field"), "c"),
}
TOLD = (
    "to_collect",
    "total",
    "payment",
    "currency",
    "lines",
    "name",
    "company",
    "postcode",
    "city",
    "province",
    "country",
)
UNTOLD = ("street", "street2", "phone", "email", "note")


def test_of_a_sentence_accounting_sees_what_is_known_as_harmless() -> None:
    assert veil.params_of({**HARMLESS, "text": "Via Po 1", "value": "3331234567", "mine": "x", "theirs": "y"}) == {
        **HARMLESS,
        **dict.fromkeys(("text", "value", "mine", "theirs"), "…"),
    }
    for field in TOLD:
        assert veil.params_of({"field": field, "mine": "x", "theirs": "y"}) == {
            "field": field,
            "mine": "x",
            "theirs": "y",
        }
        assert veil.params_of({"field": field, "theirs": "y"}) == {"field": field, "theirs": "y"}
    for field in UNTOLD:
        assert veil.params_of({"field": field, "mine": "x", "theirs": "y"}) == {
            "field": field,
            "mine": "…",
            "theirs": "…",
        }
    rows = [[field, "old", "new"] for field in (*TOLD, *UNTOLD, "line:A-1")]
    assert veil.params_of({"changes": [*rows, ["name", "old"], "name"]}) == {
        "changes": [[field, "…", "…"] if field in UNTOLD else [field, "old", "new"] for field, _old, _new in rows]
    }
    assert veil.params_of({"changes": "Via Po 1"}) == {"changes": "…"}


def veiled(order: Order) -> dict[str, Any]:
    names = ("name", "street", "street2", "phone", "email", "note", "postcode", "shop_data", "details", "fiscal")
    return {name: getattr(order, name) for name in names}


def test_an_order_is_emptied_of_what_leads_to_the_customer_with_all_that_was_read_with_it() -> None:
    def full(**fields: Any) -> Order:
        who = {"name": "Ada", "street": "Via Po 1", "street2": "Scala B", "phone": "+39333", "email": "a@b.it"}
        told = {"shop_data": {"address": ["x"]}, "details": [["a", "b"]], "fiscal": {"pec": "p@q.it", "tax_code": "T"}}
        return Order(pk=7, postcode="10122", note="citofono", **who, **told, **fields)

    seen = {**dict.fromkeys(("street", "street2", "phone", "email", "note"), ""), "name": "Ada", "postcode": "10122"}
    seen |= {"shop_data": {}, "details": [], "fiscal": {"tax_code": "T"}}
    parcel = Shipment(pk=9, name="Ada", street="Via Po 1", phone="+39333")
    order = full(shipment=parcel)
    line = OrderLine(pk=3, sku="A-1", attributes=[["Incisione", "Per Ada"]])
    problem = Problem(pk=5, code="bad_address", params={"text": "Via Po 1", "sku": "A-1"})
    order._prefetched_objects_cache = {"lines": [line], "problems": [problem]}  # type: ignore[attr-defined]
    assert veil.veil_orders([order], veiled=True) == [order]
    assert (veiled(order), order.veiled) == (seen, True)  # type: ignore[attr-defined]
    assert (line.attributes, line.sku, problem.params) == ([], "A-1", {"text": "…", "sku": "A-1"})
    assert (parcel.name, parcel.street, parcel.phone, parcel.veiled) == ("Ada", "", "", True)  # type: ignore[attr-defined]
    assert veiled(veil.veil_order(full())) == veiled(veil.veil_order(full(shipment=None))) == seen
    [open_] = veil.veil_orders([full()], veiled=False)
    assert (open_.street, hasattr(open_, "veiled")) == ("Via Po 1", False)
    event = OrderEvent(code="edited", params={"text": "Via Po 1", "number": "MCI-000007"})
    veil.veil_told([event])
    assert event.params == {"text": "…", "number": "MCI-000007"}


# ---- words of a shop, held against each other

ADDRESS = {
    "name": "Ada",
    "company": "Ca",
    "street": "Via Po 1",
    "street2": "B",
    "postcode": "10122",
    "city": "Torino",
    "province": "TO",
    "country": "IT",
    "phone": "+39333",
    "email": "a@b.it",
    "note": "citofono",
}
PLACE = ("street", "street2", "postcode", "city", "province", "country")


@pytest.mark.parametrize("name", ADDRESS)
def test_each_field_is_held_against_ours_by_itself_and_a_place_as_one_thing(name: str) -> None:
    here, there = {**ADDRESS, name: "qui"}, {**ADDRESS, name: "là"}
    group = PLACE if name in PLACE else (name,)
    rest = [each for each in merge.FIELDS if each not in group]

    def merged(mine: Any, before: Any, now: Any) -> tuple[Any, ...]:
        found = merge.address(mine, before, now)
        return dict(found.take), list(found.conflicts), sorted(found.settled)

    assert merged(ADDRESS, ADDRESS, ADDRESS) == ({}, [], sorted(merge.FIELDS))
    assert merged(here, ADDRESS, ADDRESS) == ({}, [], sorted(rest))  # the shop repeats itself: ours stays
    assert merged(ADDRESS, ADDRESS, there) == ({each: there[each] for each in group}, [], sorted(merge.FIELDS))
    assert merged(there, ADDRESS, there) == ({}, [], sorted(merge.FIELDS))
    left = [each for each in group if each != name]
    assert merged(here, ADDRESS, there) == ({}, [(name, "qui", "là")], sorted([*rest, *left]))


def test_what_changed_between_two_words_of_a_shop() -> None:
    told = list(ADDRESS.values())
    before = {
        "address": told,
        "lines": [["A-1", "7", "Targa", 2, "9.00"], ["", "8", "Vaso", 3, "1.00"], ["A-1", "9", "Targa", 4, "9.00"]],
        "total": ["EUR", "39.90"],
    }
    now = {
        "address": [*told[:-1], "campanello"],
        "lines": [["A-1", "7", "Targa", 5, "9.00", [["Incisione", "Ada"]], 1], ["", "8", "Vaso", 1, "1.00", [], 2]],
        "total": ["USD", "39.90"],
    }
    assert merge.changes(before, now) == [
        ("note", "citofono", "campanello"),
        ("line:A-1", "6", "0"),
        ("line:A-1 [Ada]", "0", "6"),
        ("total", "39.90", "39.90 USD"),
    ]
    assert merge.changes(before, before) == merge.changes({}, {}) == []
    assert merge.changes({}, {"total": ["EUR", "1.00"]}) == [("total", "", "1.00")]
    assert merge.changes({"total": ["USD", "None"]}, {"lines": [["X" * 130, "", "", 1, ""]]}) == [
        (("line:" + "X" * 130)[:120], "0", "1")
    ]
    assert merge.pieces([*before["lines"], ["B", "", "", 0]]) == "2 × A-1, 3 × Vaso, 4 × A-1"
    assert len(merge.pieces([["X" * 99, "", "", 1]] * 4)) == 300
    first = [["street", "a", "b"], ["city", "c", "d"]]
    assert merge.together(first, [["street", "b", "a"], ["city", "d", "e"], ["note", "", "f"]]) == [
        ["city", "c", "e"],
        ["note", "", "f"],
    ]
