"""An import makes each order once, from what was shown, and takes them back while nothing of them was sent."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone

from core.models import Place
from orders.dispatch import runs
from orders.errors import OrderExists
from orders.fulfilment import parcels
from orders.imports import acts, taking, work
from orders.imports.errors import ArticleUnknown, ImportOver, ImportSent, NothingToImport, WrongReport
from orders.intake import creation
from orders.models import Import, ImportArticle, ImportRow, Order, OrderEvent
from tests import cast
from tests.orders import stage
from tests.orders.imports.files import amazon, amazon_id, row, template
from tests.orders.imports.world import imported, rows, said, shelves, states, uploaded
from wallet.queries import balances

pytestmark = pytest.mark.django_db


def typed(dropshipper: Any, number: str, **fields: Any) -> Order:
    """An order that is there already."""
    line = creation.LineData("MCI-0001", "", 1)
    fields = {"source_label": "Amazon", "source_number": number, **fields}
    return creation.create(
        creation.OrderData(stage.ADDRESS, [line], Order.Payment.PREPAID, **fields), dropshipper_id=dropshipper.pk
    )


def test_a_file_becomes_orders_by_one_click_and_no_money_moves(dropshipper: Any, owner: Any) -> None:
    shelves()
    before = balances(dropshipper.pk)
    batch = uploaded(amazon(row(1), row(2, sku="MCI-0002", quantity_to_ship="3")), dropshipper, owner)
    assert (batch.state, states(batch)) == ("ready", ["valid", "valid"])
    assert not Order.objects.exists()
    costs = [one.cost for one in rows(batch)]

    batch = imported(batch, owner)
    assert (batch.state, states(batch)) == ("done", ["created", "created"])
    first, second = Order.objects.order_by("pk")
    assert (first.source, first.source_label, first.source_number) == ("manual", "Amazon", amazon_id(1))
    assert (first.name, first.street, first.payment, first.state) == (
        "Lucia Provetti",
        "Via Roma 18",
        "prepaid",
        "ready",
    )
    line = second.lines.get()
    assert (line.variant.sku, line.quantity, line.shop_line) == ("MCI-0002", 3, "51000000000002")
    assert costs == [Decimal("20.74"), Decimal("50.02")]  # (12.00 or 36.00 and 5.00 shipping) with 22 %
    assert balances(dropshipper.pk) == before
    assert OrderEvent.objects.filter(order=first, code="created", by=owner).exists()


def test_nobodys_data_stays_in_the_rows_of_orders_that_were_made(dropshipper: Any, owner: Any) -> None:
    shelves()
    batch = imported(
        uploaded(amazon(row(1), row(2, cpf="X1"), row(3, quantity_to_ship="0")), dropshipper, owner), owner
    )
    assert rows(batch)
    assert not [one.data for one in rows(batch) if one.data]
    assert Import.objects.get(pk=batch.pk).table == {}


def test_the_same_file_twice_is_one_import(dropshipper: Any, owner: Any) -> None:
    shelves()
    batch = imported(uploaded(amazon(row(1)), dropshipper, owner), owner)
    again, new = taking.take(amazon(row(1)), name="b", marketplace="", dropshipper_id=dropshipper.pk, by=owner.pk)
    assert (again.pk, new) == (batch.pk, False)
    with pytest.raises(NothingToImport):
        acts.start(batch.key, by=owner.pk, dropshipper_id=dropshipper.pk)
    work.advance(batch.pk)
    assert Order.objects.count() == 1


def test_another_file_with_a_known_order_imports_the_new_one_alone(dropshipper: Any, owner: Any) -> None:
    shelves()
    imported(uploaded(amazon(row(1)), dropshipper, owner), owner)
    batch = uploaded(amazon(row(1), row(2)), dropshipper, owner)
    assert states(batch) == ["there", "valid"]
    imported(batch, owner)
    assert Order.objects.count() == 2


def test_an_order_that_was_typed_or_came_through_a_shop_is_already_there(dropshipper: Any, owner: Any) -> None:
    shelves()
    by_hand = typed(dropshipper, amazon_id(1))
    brought = typed(dropshipper, "#IT11", source="shopify", source_label="Negozio")
    Order.objects.filter(pk=brought.pk).update(details=[["Amazon Order Id", amazon_id(2)]])
    cancelled = typed(dropshipper, amazon_id(3))
    Order.objects.filter(pk=cancelled.pk).update(state="cancelled")
    batch = uploaded(amazon(row(1), row(2), row(3)), dropshipper, owner)
    assert states(batch) == ["there", "there", "valid"]
    assert [one.order_id for one in rows(batch)][:2] == [by_hand.pk, brought.pk]


def test_an_order_that_came_between_the_check_and_the_click_is_not_made_twice(dropshipper: Any, owner: Any) -> None:
    shelves()
    batch = uploaded(amazon(row(1), row(2)), dropshipper, owner)
    typed(dropshipper, amazon_id(1))
    batch = imported(batch, owner)
    assert states(batch) == ["there", "created"]
    assert Order.objects.filter(source_number=amazon_id(1)).count() == 1


def test_a_program_that_sends_an_imported_number_is_told_that_it_exists(dropshipper: Any, owner: Any) -> None:
    from django.db import transaction

    from orders.entry import one_number

    shelves()
    imported(uploaded(amazon(row(1)), dropshipper, owner), owner)
    with pytest.raises(OrderExists), transaction.atomic():
        one_number.claim(dropshipper.pk, marketplace="Amazon", reference=amazon_id(1))


def test_what_is_wrong_is_said_by_row_and_only_the_valid_are_imported(dropshipper: Any, owner: Any) -> None:
    shelves()
    batch = uploaded(
        amazon(
            row(1),
            row(2, sku="NOSTRA-NON-E"),
            row(3, ship_city="", ship_postal_code=""),
            row(4, is_buyer_requested_cancellation="true"),
            row(5, ship_address_1="Locker Prova c/o Supermercato", ship_address_2="Via Napoli 1"),
        ),
        dropshipper,
        owner,
    )
    assert states(batch) == ["valid", "error", "error", "held", "error"]
    assert [sorted(said(one)) for one in rows(batch)][1:] == [
        ["unknown_sku"],
        ["address_incomplete"],
        ["cancel_asked"],
        ["locker"],
    ]
    imported(batch, owner)
    assert Order.objects.count() == 1


def test_a_sku_is_tied_to_an_article_once_for_all(dropshipper: Any, owner: Any, other_dropshipper: Any) -> None:
    shelves()
    batch = uploaded(amazon(row(1, sku="mio-1"), row(2, sku="MIO-1"), row(3)), dropshipper, owner)
    assert states(batch) == ["error", "error", "valid"]
    with pytest.raises(ArticleUnknown):
        acts.link_article(batch.key, sku="MIO-1", ours="boh", dropshipper_id=dropshipper.pk)
    assert not ImportArticle.objects.exists()
    assert acts.link_article(batch.key, sku="MIO-1", ours="MCI-0004", dropshipper_id=dropshipper.pk) == 2
    assert states(batch) == ["valid", "valid", "valid"]

    later = uploaded(amazon(row(9, sku="MIO-1")), dropshipper, owner)
    assert states(later) == ["valid"]
    stranger = cast.member(other_dropshipper)
    assert states(uploaded(amazon(row(9, sku="MIO-1")), other_dropshipper, stranger)) == ["error"]
    imported(later, owner)
    assert Order.objects.get().lines.get().variant.sku == "MCI-0004"


def test_a_row_is_mended_in_its_place_and_imported_later(dropshipper: Any, owner: Any) -> None:
    shelves()
    batch = uploaded(amazon(row(1), row(2, sku="5,1E+13", buyer_phone_number="3,9E+11")), dropshipper, owner)
    batch = imported(batch, owner)
    bad = rows(batch)[1]
    assert bad.state == "error"
    mended = acts.mend(
        batch.key,
        bad.pk,
        fields={"phone": "3331110009", "nonsense": "x"},
        pieces=[("MCI-0002", 2)],
        dropshipper_id=dropshipper.pk,
    )
    assert mended.state == "valid"
    assert "nonsense" not in mended.data["fields"]
    imported(batch, owner)
    made = Order.objects.order_by("pk").last()
    assert made is not None
    assert (made.phone, made.lines.get().quantity) == ("+393331110009", 2)
    with pytest.raises(ImportOver):
        acts.mend(batch.key, bad.pk, fields={}, pieces=[("MCI-0001", 1)], dropshipper_id=dropshipper.pk)


def test_what_is_held_goes_by_a_persons_word_alone(dropshipper: Any, owner: Any) -> None:
    shelves()
    batch = uploaded(amazon(row(1, is_buyer_requested_cancellation="true")), dropshipper, owner)
    held = rows(batch)[0]
    with pytest.raises(NothingToImport):
        acts.start(batch.key, by=owner.pk, dropshipper_id=dropshipper.pk)
    mended = acts.mend(batch.key, held.pk, fields={}, pieces=[("MCI-0001", 1)], dropshipper_id=dropshipper.pk)
    assert mended.state == "held"  # a mended address is no word about a cancellation
    assert acts.accept(batch.key, held.pk, dropshipper_id=dropshipper.pk).state == "warning"


def test_a_postcode_without_its_zeros_is_proposed_and_never_put_in(dropshipper: Any, owner: Any) -> None:
    shelves()
    Place.objects.create(postcode="00184", city="Roma", city_key="roma", province="RM")
    batch = uploaded(amazon(row(1, ship_postal_code="184", ship_city="Roma", ship_state="Roma")), dropshipper, owner)
    lost = rows(batch)[0]
    assert (lost.state, said(lost)) == ("error", {"zeros_lost"})
    assert lost.data["fields"]["postcode"] == "184"
    acts.use_postcode(batch.key, lost.pk, dropshipper_id=dropshipper.pk)
    assert states(batch) == ["valid"]


def test_an_import_is_taken_back_whole_and_can_come_again(dropshipper: Any, owner: Any) -> None:
    shelves()
    batch = imported(uploaded(amazon(row(1), row(2)), dropshipper, owner), owner)
    acts.take_back(batch.key, by=owner.pk, dropshipper_id=dropshipper.pk)
    work.advance(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == ("undone", ["removed", "removed"])
    assert set(Order.objects.values_list("state", flat=True)) == {"cancelled"}

    again = uploaded(amazon(row(1), row(2)), dropshipper, owner)
    assert again.pk != batch.pk
    imported(again, owner)
    assert Order.objects.exclude(state="cancelled").count() == 2


def test_nothing_is_taken_back_once_something_was_sent(dropshipper: Any, owner: Any) -> None:
    shelves()
    stage.money(dropshipper, "100.00")
    batch = imported(uploaded(amazon(row(1), row(2)), dropshipper, owner), owner)
    acts.take_back(batch.key, by=owner.pk, dropshipper_id=dropshipper.pk)  # the click, and then Sincronizza is quicker
    first = Order.objects.order_by("pk").first()
    assert first is not None
    runs.dispatch_now(first.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=owner.pk, seen=stage.seen(first))
    work.advance(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.trouble) == ("done", "import_sent")
    assert list(Order.objects.order_by("pk").values_list("state", flat=True)) == ["dispatched", "ready"]
    with pytest.raises(ImportSent):
        acts.take_back(batch.key, by=owner.pk, dropshipper_id=dropshipper.pk)


def test_what_was_sent_and_cancelled_after_the_click_was_sent_all_the_same(dropshipper: Any, owner: Any) -> None:
    shelves()
    stage.money(dropshipper, "100.00")
    batch = imported(uploaded(amazon(row(1), row(2), row(3)), dropshipper, owner), owner)
    first, second, _third = Order.objects.order_by("pk")
    parcels.cancel(second.pk, by=owner.pk)  # never sent: it stands in the way of nothing
    acts.take_back(batch.key, by=owner.pk, dropshipper_id=dropshipper.pk)
    runs.dispatch_now(first.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=owner.pk, seen=stage.seen(first))
    parcels.cancel(first.pk, by=owner.pk)
    work.advance(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.trouble, batch.trouble_params) == ("done", "import_sent", {"number": first.number})
    assert list(Order.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "cancelled", "ready"]
    assert set(states(batch)) == {"created"}


def test_of_a_file_that_was_taken_back_nobodys_data_stays(dropshipper: Any, owner: Any) -> None:
    """Neither of the orders that were cancelled nor of the rows that never became one."""
    shelves()
    wrong, held = row(2, sku="5,1E+13"), row(3, is_buyer_requested_cancellation="true")
    batch = imported(uploaded(amazon(row(1), wrong, held, row(4, cpf="X1")), dropshipper, owner), owner)
    assert states(batch) == ["created", "error", "held", "created"]
    assert [bool(one.data) for one in rows(batch)] == [False, True, True, False]
    acts.take_back(batch.key, by=owner.pk, dropshipper_id=dropshipper.pk)
    work.advance(batch.pk)
    assert Import.objects.get(pk=batch.pk).state == "undone"
    assert [(one.data, one.read) for one in rows(batch)] == [({}, [])] * 4


def test_a_date_of_the_future_or_of_years_ago_was_misread_and_says_nothing(dropshipper: Any, owner: Any) -> None:
    """An order of next month would stand before all others, and be kept for a month longer than the law lets us."""
    shelves()
    now, hour = timezone.now().replace(microsecond=0), dt.timedelta(hours=1)
    said = [now - hour, now - dt.timedelta(days=365) + hour, now + hour, now - dt.timedelta(days=365) - hour]
    lines = [row(number, purchase_date=moment.isoformat()) for number, moment in enumerate(said, start=1)]
    imported(uploaded(amazon(*lines), dropshipper, owner), owner)
    placed = list(Order.objects.order_by("pk").values_list("placed_at", flat=True))
    assert placed[:2] == said[:2]
    assert all(abs(moment - now) < dt.timedelta(minutes=5) for moment in placed[2:])


def test_a_wrong_report_leaves_no_trace(dropshipper: Any, owner: Any) -> None:
    data = b"amazon-order-id\torder-status\tfulfillment-channel\tsku\n1\t2\t3\t4\n"
    with pytest.raises(WrongReport):
        taking.take(data, name="x", marketplace="", dropshipper_id=dropshipper.pk, by=owner.pk)
    assert not Import.objects.exists()


def test_columns_are_confirmed_once_and_known_the_next_time(dropshipper: Any, owner: Any) -> None:
    shelves()
    head = "Rif. ordine;Nominativo;Via;C.A.P.;Località;Prov;Cellulare;Cod. articolo;Q.tà;Da incassare\n"
    data = f"{head}9;Anna Campione;Via Appia 7;10121;Torino;TO;3331110004;MCI-0001;1;40,00\n".encode()
    batch = uploaded(data, dropshipper, owner)
    assert batch.state == "mapping"
    taking.confirm_columns(
        batch.key, batch.table["guess"], marketplace="subito", dropshipper_id=dropshipper.pk, by=owner.pk
    )
    work.advance(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.marketplace, batch.table, states(batch)) == ("ready", "Subito", {}, ["valid"])
    imported(batch, owner)
    order = Order.objects.get()
    assert (order.payment, order.to_collect) == ("cod", Decimal("40.00"))

    later = uploaded(data.replace(b"\n9;", b"\n10;"), dropshipper, owner)
    assert (later.state, later.marketplace, states(later)) == ("ready", "Subito", ["valid"])


def test_rows_without_a_number_are_orders_of_their_own(dropshipper: Any, owner: Any) -> None:
    shelves()
    line = ";Anna Campione;Via Appia 7;10121;Torino;TO;3331110004;MCI-0001;1;"
    batch = imported(uploaded(template(line, line.replace("Anna", "Ugo")), dropshipper, owner), owner)
    assert states(batch) == ["created", "created"]


def test_nobody_reaches_anothers_import(dropshipper: Any, owner: Any, other_dropshipper: Any) -> None:
    shelves()
    batch = uploaded(amazon(row(1, is_buyer_requested_cancellation="true")), dropshipper, owner)
    mine = rows(batch)[0].pk
    theirs = other_dropshipper.pk
    for act in (
        lambda: taking.access_import(theirs, batch.key),
        lambda: acts.start(batch.key, by=owner.pk, dropshipper_id=theirs),
        lambda: acts.take_back(batch.key, by=owner.pk, dropshipper_id=theirs),
        lambda: acts.accept(batch.key, mine, dropshipper_id=theirs),
        lambda: acts.use_postcode(batch.key, mine, dropshipper_id=theirs),
        lambda: acts.mend(batch.key, mine, fields={}, pieces=[], dropshipper_id=theirs),
        lambda: acts.link_article(batch.key, sku="a", ours="MCI-0001", dropshipper_id=theirs),
        lambda: taking.confirm_columns(batch.key, {}, marketplace="", dropshipper_id=theirs, by=owner.pk),
        lambda: acts.start(uuid.uuid4(), by=owner.pk, dropshipper_id=dropshipper.pk),
    ):
        with pytest.raises(Http404):
            act()
    assert states(batch) == ["held"]
    # The same file of another company is another import.
    stranger = cast.member(other_dropshipper)
    assert uploaded(amazon(row(1)), other_dropshipper, stranger).dropshipper_id == theirs
    assert ImportRow.objects.filter(batch__dropshipper=dropshipper).count() == 1
