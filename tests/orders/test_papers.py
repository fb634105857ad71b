"""Papers at the desk: one parcel and many, the number of the transport document, and what is noted."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from orders import privacy
from orders.fulfilment import parcels
from orders.models import Order, PrintRun, TransportDocument
from orders.warehouse import facts, papers, print_runs
from orders.warehouse.errors import BuyerUnknown, NoParcel, NoSuchPaper
from shipping.models import PaperStyle, Piece, ShipmentEvent
from shipping.papers.errors import BadLogo
from shipping.parcels import paper_style
from tests import cast
from tests.meeting import meet
from tests.orders import stage
from tests.orders.test_dispatch import sync

pytestmark = pytest.mark.django_db


def sent(dropshipper: Any, how_many: int = 1, **fields: Any) -> list[Order]:
    """Orders at the warehouse, oldest first."""
    if not stage.Variant.objects.exists():
        stage.method()
        stage.variant("MCI-1")
    stage.money(dropshipper, "900.00")
    method = stage.Method.objects.get()
    orders = [stage.order(dropshipper, ("MCI-1", 2), method=method, **fields) for _n in range(how_many)]
    for order in orders:
        sync(order)
        order.refresh_from_db()
    return orders


def text_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def printed(order: Order) -> list[tuple[str, str]]:
    events = ShipmentEvent.objects.filter(shipment=order.shipment_id, axis="paper").order_by("id")
    return list(events.values_list("to_value", "from_value"))


def picture(size: tuple[int, int] = (60, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    return out.getvalue()


# ---- one parcel


@pytest.mark.parametrize("code", sorted(papers.PAPERS))
def test_each_paper_is_printed_and_a_reprint_is_the_same_file_and_noted(
    dropshipper: Any, staff: Any, code: str
) -> None:
    (order,) = sent(dropshipper)

    first = papers.print_one(order.pk, code, by=staff.pk)
    second = papers.print_one(order.pk, code, by=staff.pk)

    assert (first.data, first.again, second.again) == (second.data, False, True)
    kind = papers.PAPERS[code].kind
    assert printed(order) == [(kind, ""), (kind, "again")]
    assert ShipmentEvent.objects.filter(axis="paper").latest("id").by == staff


def test_a_label_says_who_gets_it_and_what_the_driver_collects(dropshipper: Any, staff: Any) -> None:
    (order,) = sent(dropshipper, payment="cod")

    said = text_of(papers.print_one(order.pk, "label-a6", by=staff.pk).data)

    assert "Giulia Rossi" in said
    assert "Via Garibaldi 12" in said
    assert "39,90" in said
    assert order.number in said


def test_of_several_pieces_each_has_its_reference_and_the_first_bears_the_amount(dropshipper: Any, staff: Any) -> None:
    (order,) = sent(dropshipper, payment="cod")
    for number, weight in ((1, 700), (2, 900)):
        Piece.objects.create(shipment=order.shipment, number=number, weight_g=weight)

    labels = facts.labels_of(facts.load([order.pk])[order.pk])
    pages = pypdfium2.PdfDocument(papers.print_one(order.pk, "label-roll", by=staff.pk).data)

    assert len(pages) == 2
    assert [label.reference for label in labels] == [f"{order.number}/1", f"{order.number}/2"]
    assert [label.cod for label in labels] == [Decimal("39.90"), None]
    assert [label.weight_g for label in labels] == [700, 900]


def test_a_slip_is_in_the_resellers_name_and_says_no_price(
    dropshipper: Any, owner: Any, staff: Any, settings: Any
) -> None:
    (order,) = sent(dropshipper)
    paper_style.save(dropshipper.pk, line="Grazie da Aurora", picture=picture(), by=owner.pk)

    for code in ("slip", "return"):
        said = text_of(papers.print_one(order.pk, code, by=staff.pk).data)
        assert dropshipper.name in said
        assert "Grazie da Aurora" in said
        assert settings.SUPPLIER_NAME not in said
        assert not any(amount in said for amount in ("39,90", "12,00", "€"))


def test_a_paper_of_what_changed_since_is_said_to_be_old(dropshipper: Any, staff: Any) -> None:
    (order,) = sent(dropshipper)
    papers.print_one(order.pk, "label-a6", by=staff.pk)
    assert [one.old for one in papers.printed_before(order)] == [False]

    order.shipment.street = "Via Nuova 5"
    order.shipment.save(update_fields=["street"])

    assert [(one.kind, one.times, one.old) for one in papers.printed_before(order)] == [("label", 1, True)]


def test_what_has_no_parcel_is_not_printed_and_uses_no_number(dropshipper: Any, staff: Any) -> None:
    (order,) = sent(dropshipper)
    parcels.cancel(order.pk, by=staff.pk, staff=True)
    draft = stage.order(dropshipper, ("MCI-1", 1))

    for pk in (order.pk, draft.pk):
        with pytest.raises(NoParcel):
            papers.print_one(pk, "ddt", by=staff.pk)
    with pytest.raises(NoSuchPaper):
        papers.print_one(order.pk, "nonsense", by=staff.pk)

    assert not TransportDocument.objects.exists()
    assert printed(order) == []


# ---- the transport document


def test_transport_documents_are_numbered_without_gaps_and_keep_their_number(dropshipper: Any, staff: Any) -> None:
    orders = sent(dropshipper, 3)
    for order in (orders[1], orders[0], orders[1]):
        papers.print_one(order.pk, "ddt", by=staff.pk)
    type(dropshipper).objects.filter(pk=dropshipper.pk).update(street="")
    with pytest.raises(BuyerUnknown):
        papers.print_one(orders[2].pk, "ddt", by=staff.pk)
    type(dropshipper).objects.filter(pk=dropshipper.pk).update(street="Via Appia Nuova 10")
    papers.print_one(orders[2].pk, "ddt", by=staff.pk)

    numbers = {document.order_id: document.number for document in TransportDocument.objects.all()}

    assert numbers == {orders[1].pk: 1, orders[0].pk: 2, orders[2].pk: 3}


def test_each_year_begins_with_the_number_one_and_leaves_none_out(dropshipper: Any, staff: Any) -> None:
    """The tax office reads a register a year: one that begins with 3 has two papers that nobody can show."""
    orders = sent(dropshipper, 4)
    for order in orders[:2]:
        papers.print_one(order.pk, "ddt", by=staff.pk)
    before = timezone.localdate() - dt.timedelta(days=366)
    TransportDocument.objects.update(year=before.year, day=before)

    for order in orders:  # those of the year before keep what they have
        papers.print_one(order.pk, "ddt", by=staff.pk)

    found = list(TransportDocument.objects.order_by("order_id").values_list("year", "number"))
    this = timezone.localdate().year
    assert found == [(before.year, 1), (before.year, 2), (this, 1), (this, 2)]
    call_command("verify")


def test_a_transport_document_names_three_parties_and_no_price(dropshipper: Any, staff: Any, settings: Any) -> None:
    (order,) = sent(dropshipper)

    said = text_of(papers.print_one(order.pk, "ddt", by=staff.pk).data)

    year = timezone.localdate().year
    for words in (f"1/{year}", settings.SUPPLIER_NAME, settings.SUPPLIER_VAT, dropshipper.vat_number, "Giulia Rossi"):
        assert words in said
    assert "€" not in said


def test_once_the_parcel_has_left_its_document_says_the_same_for_ever(dropshipper: Any, staff: Any) -> None:
    (order,) = sent(dropshipper)
    papers.print_one(order.pk, "ddt", by=staff.pk)
    Piece.objects.create(shipment=order.shipment, number=1, weight_g=1234)
    heavier = papers.print_one(order.pk, "ddt", by=staff.pk).data
    assert "1,234 kg" in text_of(heavier).replace("\N{NO-BREAK SPACE}", " ")

    parcels.mark_shipped(order.pk, tracking_number="IT1", by=staff.pk)
    type(dropshipper).objects.filter(pk=dropshipper.pk).update(name="Altro Nome S.r.l.")

    assert papers.print_one(order.pk, "ddt", by=staff.pk).data == heavier


@pytest.mark.django_db(transaction=True)
def test_two_documents_at_once_get_two_numbers(dropshipper: Any, staff: Any) -> None:
    one, two = sent(dropshipper, 2)

    met = meet(
        lambda: papers.print_one(one.pk, "ddt", by=staff.pk), lambda: papers.print_one(two.pk, "ddt", by=staff.pk)
    )

    assert met.waited
    assert sorted(TransportDocument.objects.values_list("number", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_print_one_document_of_an_order(dropshipper: Any, staff: Any) -> None:
    (order,) = sent(dropshipper)

    met = meet(
        lambda: papers.print_one(order.pk, "ddt", by=staff.pk), lambda: papers.print_one(order.pk, "ddt", by=staff.pk)
    )

    assert met.waited
    assert (met.first.again, met.second.again) == (False, True)
    assert met.first.data == met.second.data
    assert printed(order) == [("ddt", ""), ("ddt", "again")]


# ---- many


def test_many_are_one_file_in_their_order_and_what_cannot_be_printed_is_said(dropshipper: Any, staff: Any) -> None:
    orders = sent(dropshipper, 4)
    parcels.cancel(orders[1].pk, by=staff.pk, staff=True)
    key = uuid.uuid4()
    ids = [order.pk for order in reversed(orders)]

    run = print_runs.start(ids, "label-a6", key=key, by=staff.pk)
    again = print_runs.start(ids, "label-a6", key=key, by=staff.pk)
    print_runs.advance_due()
    print_runs.advance_due()

    run = PrintRun.objects.get()
    progress = print_runs.progress(run)
    assert again.pk == run.pk
    assert (run.state, progress.printed, progress.done) == ("done", 3, 4)
    assert [order.pk for order, _why in progress.refused] == [orders[1].pk]
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(bytes(run.file))]
    assert [number in said for number, said in zip([orders[n].number for n in (3, 2, 0)], pages, strict=True)] == [
        True
    ] * 3
    assert printed(orders[0]) == [("label", "")]


def test_a_run_whose_worker_died_is_taken_up_and_notes_each_parcel_once(
    dropshipper: Any, staff: Any, monkeypatch: Any
) -> None:
    orders = sent(dropshipper, 3)
    run = print_runs.start([order.pk for order in orders], "ddt", key=uuid.uuid4(), by=staff.pk)
    monkeypatch.setattr(print_runs, "BATCH", 2)
    finish = print_runs._finish

    def dies(*_given: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(print_runs, "_finish", dies)
    with pytest.raises(RuntimeError):
        print_runs.advance(run.pk)
    monkeypatch.setattr(print_runs, "_finish", finish)
    PrintRun.objects.update(lease_until=None)
    print_runs.advance(run.pk)

    run = PrintRun.objects.get()
    assert run.state == "done"
    assert len(pypdfium2.PdfDocument(bytes(run.file))) == 3
    assert [printed(order) for order in orders] == [[("ddt", "")]] * 3
    assert sorted(TransportDocument.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_queries_of_a_batch_do_not_grow_with_it(dropshipper: Any, django_assert_num_queries: Any) -> None:
    orders = sent(dropshipper, 3)

    for some in (orders[:1], orders):
        # orders, lines, pieces, resellers, their style
        with django_assert_num_queries(5):
            loaded = facts.load([order.pk for order in some])
            assert [facts.slip_of(order) for order in loaded.values()]


# ---- pages


def test_the_desk_prints_one_and_the_marked_ones(dropshipper: Any, staff: Any, client_for: Any) -> None:
    orders, client = sent(dropshipper, 3), client_for(staff)

    one = client.post(reverse("orders:print_paper", args=[orders[0].pk]), {"paper": "label-roll"})
    asked = {"paper": "zpl-203", "order": [orders[0].pk, orders[2].pk], "key": str(uuid.uuid4())}
    many = client.post(reverse("orders:print_many"), asked)
    run = PrintRun.objects.get()
    waiting = client.get(many.url, headers={"HX-Request": "true"})
    early = client.get(reverse("orders:print_file", args=[run.key]))
    print_runs.advance_due()
    over = client.get(many.url, headers={"HX-Request": "true"})
    file = client.get(reverse("orders:print_file", args=[run.key]))

    assert one["Content-Type"] == "application/pdf"
    assert one.content.startswith(b"%PDF-")
    assert (waiting.status_code, early.status_code, over.status_code) == (200, 404, 286)
    assert file.content.decode().count("^XA") == 2
    assert 'data-times="2"' in client.get(reverse("orders:desk_order", args=[orders[0].pk])).content.decode()


def test_all_of_a_list_are_printed_under_its_filters(dropshipper: Any, staff: Any, client_for: Any) -> None:
    orders, client = sent(dropshipper, 3), client_for(staff)
    parcels.mark_packed(orders[1].pk, by=staff.pk)

    client.post(reverse("orders:print_many"), {"paper": "slip", "all": "1", "state": "to_pick", "key": "x"})
    client.post(reverse("orders:print_many"), {"paper": "slip", "all": "1", "courier": "nobody", "key": "x"})

    items = PrintRun.objects.get().items.order_by("position")
    assert list(items.values_list("order_id", flat=True)) == [orders[0].pk, orders[2].pk]


def test_a_refused_paper_comes_back_to_the_parcel_with_its_reason(
    dropshipper: Any, staff: Any, client_for: Any
) -> None:
    (order,), client = sent(dropshipper), client_for(staff)
    type(dropshipper).objects.filter(pk=dropshipper.pk).update(street="")

    answer = client.post(reverse("orders:print_paper", args=[order.pk]), {"paper": "ddt"}, follow=True)

    assert answer.redirect_chain[-1][0] == reverse("orders:desk_order", args=[order.pk])
    assert dropshipper.name in answer.content.decode()
    assert printed(order) == []


def test_prints_are_no_steps_of_the_parcel_to_its_reseller(
    dropshipper: Any, owner: Any, staff: Any, client_for: Any
) -> None:
    (order,) = sent(dropshipper)
    url = reverse("shipping:detail", args=[order.shipment_id])
    before = client_for(owner).get(url).content.decode().count("<time")
    papers.print_one(order.pk, "label-a6", by=staff.pk)

    assert client_for(owner).get(url).content.decode().count("<time") == before


def test_the_reseller_reads_the_document_of_which_they_are_the_buyer(
    dropshipper: Any, owner: Any, stranger: Any, staff: Any, client_for: Any
) -> None:
    one, two = sent(dropshipper, 2)
    made = papers.print_one(one.pk, "ddt", by=staff.pk).data
    url = reverse("orders:transport_document", args=[one.pk])

    own = client_for(owner).get(url)
    none = client_for(owner).get(reverse("orders:transport_document", args=[two.pk]), follow=True)

    assert own.content == made
    assert url in client_for(owner).get(reverse("orders:detail", args=[one.pk])).content.decode()
    assert two.number in none.content.decode()
    assert client_for(stranger).get(url).status_code == 404
    accounting = client_for(cast.member(dropshipper, role="accounting"))
    assert accounting.get(url).status_code == 403
    assert url not in accounting.get(reverse("orders:detail", args=[one.pk])).content.decode()
    assert TransportDocument.objects.count() == 1
    assert printed(one) == [("ddt", "")]


def test_of_a_customer_who_was_forgotten_no_file_is_kept_and_no_mark(dropshipper: Any, staff: Any) -> None:
    one, two = sent(dropshipper, 2)
    print_runs.start([one.pk, two.pk], "label-a6", key=uuid.uuid4(), by=staff.pk)
    print_runs.advance_due()
    papers.print_one(one.pk, "ddt", by=staff.pk)
    parcels.mark_shipped(one.pk, tracking_number="IT1", by=staff.pk)
    parcels.mark_delivered(one.pk, by=staff.pk)

    privacy.forget([one.pk])

    assert PrintRun.objects.get().file is None
    assert set(ShipmentEvent.objects.filter(shipment=one.shipment_id).values_list("note", flat=True)) == {""}
    assert "Giulia" not in text_of(papers.copy_of_transport_document(one.pk))
    assert dropshipper.vat_number in text_of(papers.copy_of_transport_document(one.pk))


# ---- the reseller's style


def test_an_owner_sets_logo_and_line_and_looks_at_a_slip(dropshipper: Any, owner: Any, client_for: Any) -> None:
    client, url = client_for(owner), reverse("shipping:paper_style")
    upload = io.BytesIO(picture())
    upload.name = "logo.png"

    answer = client.post(url, {"line": "Grazie!", "picture": upload})
    page = client.get(url).content.decode()
    sample = client.get(reverse("shipping:paper_sample"))

    style = PaperStyle.objects.get(dropshipper=dropshipper)
    assert (answer.status_code, style.line, bytes(style.logo)) == (302, "Grazie!", picture())
    assert "data:image/png;base64," in page
    assert "Grazie!" in text_of(sample.content)
    client.post(url, {"line": "Altro"})
    style.refresh_from_db()
    assert (style.line, bool(style.logo)) == ("Altro", True)
    client.post(url, {"line": "", "without": "on"})
    style.refresh_from_db()
    assert (style.line, bytes(style.logo)) == ("", b"")


def test_what_is_no_picture_is_refused_at_the_upload(dropshipper: Any, owner: Any, client_for: Any) -> None:
    client, url = client_for(owner), reverse("shipping:paper_style")
    for data in (b"", b"GIF89a nonsense", b"\x89PNG\r\n\x1a\n", b"x" * (2 * 1024 * 1024 + 1)):
        upload = io.BytesIO(data)
        upload.name = "logo.png"
        answer = client.post(url, {"line": "Grazie!", "picture": upload})
        assert answer.status_code == 422
    with pytest.raises(BadLogo):
        paper_style.save(dropshipper.pk, line="", picture=b"nonsense", by=owner.pk)

    assert not any(bytes(style.logo) for style in PaperStyle.objects.all())


def test_who_is_no_owner_only_looks_and_a_stranger_has_their_own(
    dropshipper: Any, stranger: Any, owner: Any, client_for: Any
) -> None:
    paper_style.save(dropshipper.pk, line="Di Aurora", by=owner.pk)
    clerk = cast.member(dropshipper, role="orders")

    client_for(clerk).post(reverse("shipping:paper_style"), {"line": "Di un altro"})

    assert PaperStyle.objects.get().line == "Di Aurora"
    assert "Di Aurora" in client_for(clerk).get(reverse("shipping:paper_style")).content.decode()
    assert "Di Aurora" not in client_for(stranger).get(reverse("shipping:paper_style")).content.decode()
