"""A pasted list says what it would do before it does it, whatever spreadsheet it comes from; then exactly that."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from orders.errors import BadTracking
from orders.fulfilment import number_lists, tracking_numbers
from orders.fulfilment import parcels as fulfilment
from orders.models import Order
from shipping.models import Courier, Shipment
from tests import cast
from tests.orders import lists, stage
from tests.orders.test_tracking_numbers import parcels, states

READ = [("MCI-000001", "TRK1"), ("MCI-000002", "TRK2")]


@pytest.mark.parametrize(
    "text",
    [
        "MCI-000001 TRK1\nMCI-000002 TRK2",
        "MCI-000001;TRK1\r\nMCI-000002;TRK2\r\n",
        "\ufeffMCI-000001\tTRK1\nMCI-000002\tTRK2\n\n",
        "TRK1;MCI-000001\nTRK2;MCI-000002",
        "TRK1,MCI-000001\nTRK2,MCI-000002",
        "Ordine;Tracking\nMCI-000001;TRK1\nMCI-000002;TRK2",
        '\ufeffN. spedizione,Destinatario,Rif. mittente\r\nTRK1,"Re, Ada",MCI-000001\r\nTRK2,"B ""U""",MCI-000002\r\n',
        "LDV\tRiferimento mittente\tContrassegno\nTRK1\tMCI-000001\t39,90\nTRK2\tMCI-000002\t",
        '"Order number","Tracking number"\n"MCI-000001"," TRK1 "\n"MCI-000002","TRK2"',
        "  MCI-000001   TRK1  \n   MCI-000002 : TRK2 ",
        # Our own export, and lists whose names say the same in other words.
        "Ordine;Data;Stato;Numero di tracking\nMCI-000001;29/11/2026;Imballato;TRK1\nMCI-000002;;;TRK2",
        "N. ordine;Numero di tracking BRT;Data spedizione\n#MCI-000001;TRK1;29/11/2026\n#MCI-000002;TRK2;29/11/2026",
        "Elenco del 29/11/2026\n\nOrdine;Codice spedizione\nMCI-000001;TRK1\nMCI-000002;TRK2",
        # A column that counts the rows names nobody's orders.
        "Numero;Rif. Cliente;Spedizione\n1;MCI-000001;TRK1\n2;MCI-000002;TRK2",
        "Riferimento;Ordine;Tracking\nX1;MCI-000001;TRK1\nX2;MCI-000002;TRK2",
        # A mark that nothing closes is the cell's own.
        'Ordine;Tracking;Nome\nMCI-000001;TRK1;"da Gino\nMCI-000002;TRK2;Bar "x"',
        'Ordine\tTracking\tNome\nMCI-000001\tTRK1\t"da Gino" bar\nMCI-000002\tTRK2\t"',
        "1) MCI-000001 TRK1\n2) MCI 000002: TRK2",
        "Ordine n. MCI-000001: TRK1\nTRK2 MCI-000002",
    ],
)
def test_lists_are_read_as_couriers_and_spreadsheets_give_them(text: str) -> None:
    assert [(order, number) for _line, order, number in number_lists.read(text)] == READ


@pytest.mark.parametrize(
    "line",
    [
        "MCI-000001;BRT;123456789012",
        "MCI-000001: BRT 123456789012",
        "MCI-000001;123456789012;29/11/2026",
        "29/11/2026;MCI-000001;Rossi Mario;20121;123456789012;2,5",
        "BRT 123456789012 MCI-000001",
        "MCI-000001;123456789012.0",
        "MCI-000001;123456789012,00",
    ],
)
def test_beside_other_things_the_number_is_found(line: str) -> None:
    [(_line, order, number)] = number_lists.read(line)
    assert (order, tracking_numbers.number(number)) == ("MCI-000001", "123456789012")


@pytest.mark.parametrize(
    "line",
    [
        "MCI-000001;123456789012;123456789013",  # which of the two?
        "MCI-000001;123456789012;3331110001",
        "MCI-000001;Rossi;Milano",
        "1;X1;123456789012",  # no number of ours: nothing is guessed
    ],
)
def test_what_cannot_be_told_apart_is_asked(line: str) -> None:
    [(_line, _order, number)] = number_lists.read(line)
    with pytest.raises(BadTracking):
        tracking_numbers.number(number)


def test_parcels_above_a_line_of_names_are_not_lost() -> None:
    read = number_lists.read("MCI-000001;TRK1\nOrdine;Tracking\nMCI-000002;TRK2")
    assert [(order, number) for _line, order, number in read if order.startswith("MCI")] == READ


@pytest.mark.parametrize("text", ["", "\n\n", ";;;\n , ,", "Ordine;Tracking", '"', "sep=;\n"])
def test_what_says_nothing_is_no_list(text: str) -> None:
    assert number_lists.read(text) == []


@pytest.fixture
def sent(dropshipper: Any) -> list[Order]:
    """Two orders to one door, one to another; the last two packed."""
    orders = parcels(dropshipper)
    for order in orders[1:]:
        fulfilment.mark_packed(order.pk, by=None)
    return orders


@pytest.mark.django_db
def test_each_line_is_judged_and_nothing_is_sent(sent: list[Order], staff: Any, client_for: Any) -> None:
    Courier.objects.update(tracking_shapes="999")
    fulfilment.mark_shipped(sent[2].pk, tracking_number="777", by=staff.pk, at_the_desk=True)
    before, client = states(), client_for(staff)
    a, b, c = (order.number for order in sent)
    for text, verdicts in {
        f"{a} 123": ["unpacked"],
        f"{b} 123": ["ready"],
        f"{b} 1234": ["unusual"],
        f"{b} 123\n{b} 123": ["ready", "repeated"],
        f"{b} 123\n{b} 124": ["order_twice", "order_twice"],
        f"{a} 123\n{b} 123": ["unpacked", "ready"],  # to one door
        f"{b} 123\n{c} 123": ["number_twice", "number_twice"],
        f"{b} 777": ["taken"],
        f"{c} 777": ["already"],
        f"{c} 778": ["shipped_other"],
        f"{b}": ["no_number"],
        f"{b} spedito": ["bad_number"],
        "MCI-999999 123": ["unknown"],
        "Mario Rossi;123": ["unknown"],
    }.items():
        page, said = lists.preview(client, text)
        assert (page.status_code, list(said.values())) == (200, verdicts), text
        assert len(lists.ticked(page)) == verdicts.count("ready")
    assert states() == before
    assert "777" in lists.preview(client, f"{c} 778")[0].content.decode()


@pytest.mark.django_db
def test_what_is_confirmed_is_what_was_shown_and_what_changed_is_told(
    sent: list[Order], staff: Any, client_for: Any
) -> None:
    client = client_for(staff)
    page, _said = lists.preview(client, f"{sent[0].number} TRK1\n{sent[1].number} TRK2\n{sent[2].number} TRK3")
    fulfilment.cancel(sent[1].pk, by=staff.pk, staff=True)
    answer = lists.send(client, page, 1)  # the unpacked one, by a tick
    assert (answer.status_code, answer.content.decode().count("data-outcome")) == (422, 1)
    assert states() == [("shipped", "TRK1"), ("cancelled", ""), ("shipped", "TRK3")]
    assert f"{sent[1].number} TRK2" in answer.content.decode().split("<textarea")[1]


@pytest.mark.django_db
def test_a_parcel_that_moved_meanwhile_waits_for_another_look(sent: list[Order], staff: Any, client_for: Any) -> None:
    client = client_for(staff)
    page, _said = lists.preview(client, f"{sent[0].number} TRK1")
    fulfilment.mark_packed(sent[0].pk, by=staff.pk)
    assert lists.send(client, page, 1).status_code == 422
    assert states()[0] == ("packed", "")


@pytest.mark.django_db
@pytest.mark.parametrize("sealed", ["", "x", "WzFd:1:x"])
def test_a_list_that_we_did_not_show_sends_nothing(sent: list[Order], staff: Any, client_for: Any, sealed: str) -> None:
    answer = client_for(staff).post(reverse("orders:ship_listed"), {"sealed": sealed, "line": "1"})
    assert answer.status_code == 302
    assert {state for state, _number in states()} == {"to_pick", "packed"}


@pytest.mark.django_db
def test_going_back_keeps_the_text(sent: list[Order], staff: Any, client_for: Any) -> None:
    page = client_for(staff).post(reverse("orders:ship_many"), {"lines": f"{sent[0].number} TRK1", "again": "1"})
    assert f"{sent[0].number} TRK1" in page.content.decode().split("<textarea")[1]


@pytest.mark.django_db
def test_a_cancelled_order_is_not_unknown(dropshipper: Any, staff: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1))
    _page, said = lists.preview(client_for(cast.staff("Magazzino")), f"{order.number} TRK1")
    assert said == {1: "gone"}
    assert not Shipment.objects.exists()
