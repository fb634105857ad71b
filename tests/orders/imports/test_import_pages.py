"""The pages of an import: what was uploaded is shown before it is made, and each click says what came of it."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from orders.dispatch import runs
from orders.imports import acts, confirmations, reading, work
from orders.models import Import, Order
from shipping.models import Shipment
from tests import cast
from tests.orders import stage
from tests.orders.imports.files import amazon, amazon_id, row
from tests.orders.imports.world import imported, rows, shelves, states, uploaded

pytestmark = pytest.mark.django_db


def url(name: str, batch: Import, *more: Any) -> str:
    return reverse(f"orders:{name}", args=[batch.key, *more])


def post_file(client: Any, data: bytes, name: str = "ordini.txt") -> Any:
    return client.post(reverse("orders:imports"), {"file": SimpleUploadedFile(name, data)})


def test_an_upload_is_shown_checked_and_imported_by_one_click(dropshipper: Any, owner: Any, client_for: Any) -> None:
    shelves()
    client = client_for(owner)
    assert client.get(reverse("orders:imports")).status_code == 200
    answer = post_file(client, amazon(row(1), row(2, sku="boh")))
    batch = Import.objects.get()
    assert answer["Location"] == url("import_one", batch)
    assert 'data-import-state="checking"' in client.get(answer["Location"]).content.decode()
    work.advance(batch.pk)
    page = client.get(answer["Location"]).content.decode()
    assert 'data-import-state="ready"' in page
    assert 'data-valid="1"' in page
    assert "20,74" in page
    assert 'data-unknown="boh"' in page

    client.post(url("import_link", batch), {"sku": "boh", "ours": "MCI-0002"})
    assert states(batch) == ["valid", "valid"]
    for _click in range(2):
        client.post(url("import_start", batch))
    work.advance(batch.pk)
    assert Order.objects.count() == 2
    page = client.get(answer["Location"]).content.decode()
    assert f"MCI-{Order.objects.order_by('pk')[0].pk:06d}" in page
    assert "Lucia Provetti" not in client.get(answer["Location"]).content.decode()


def test_a_wrong_report_is_refused_on_the_page_with_the_one_to_take(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    answer = post_file(client_for(owner), b"amazon-order-id\torder-status\tfulfillment-channel\tsku\n1\t2\t3\t4\n")
    assert answer.status_code == 422
    assert "Ordini non spediti" in answer.content.decode()
    assert not Import.objects.exists()


@pytest.mark.parametrize("data", [b"", b"nonsense", b"PK\x03\x04", b"\xff" * 50])
def test_what_is_no_file_of_orders_breaks_nothing(data: bytes, dropshipper: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    assert post_file(client, data).status_code in (302, 422)
    for batch in Import.objects.all():
        assert client.get(url("import_one", batch)).status_code == 200
    assert client.post(reverse("orders:imports"), {}).status_code == 422


def test_a_row_is_mended_on_its_page(dropshipper: Any, owner: Any, client_for: Any) -> None:
    shelves()
    client = client_for(owner)
    batch = uploaded(amazon(row(1, ship_city="ForlÃ¬", sku="")), dropshipper, owner)
    one = rows(batch)[0]
    form = client.get(url("import_row", batch, one.pk)).content.decode()
    assert "ForlÃ¬" in form
    kept = {"name": "Lucia Provetti", "street": "Via Roma 18", "postcode": "10121", "city": "ForlÃ¬", "province": "TO"}
    client.post(url("import_row", batch, one.pk), kept | {"sku_0": "MCI-0001", "quantity_0": "2", "do": "save"})
    assert states(batch) == ["error"]  # saved as it was, its letters are no better
    said = {"name": "Lucia Provetti", "street": "Via Roma 18", "postcode": "10121", "city": "Torino", "province": "TO"}
    said |= {"phone": "3331110001", "sku_0": "MCI-0001", "quantity_0": "2", "do": "save"}
    client.post(url("import_row", batch, one.pk), said)
    assert states(batch) == ["valid"]
    assert client.post(url("import_row", batch, one.pk), said | {"quantity_0": "x"}).status_code == 422


@pytest.mark.parametrize("do", ["", "save", "off"])
def test_a_row_is_saved_whatever_its_button_says(dropshipper: Any, owner: Any, client_for: Any, do: str) -> None:
    shelves()
    client = client_for(owner)
    batch = uploaded(amazon(row(1, sku="nobody")), dropshipper, owner)
    page = url("import_row", batch, rows(batch)[0].pk)
    said = {"name": "Lucia Provetti", "street": "Via Roma 18", "postcode": "10121", "city": "Torino", "province": "TO"}
    said |= {"phone": "3331110001", "sku_0": "MCI-0001", "do": do}
    assert client.post(page, said | {"quantity_0": "x"}).status_code == 422
    assert states(batch) == ["error"]
    client.post(page, said | {"quantity_0": "2"})
    assert states(batch) == ["valid"]


def test_the_rows_to_mend_come_back_as_a_file_that_can_be_uploaded_again(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    shelves()
    client = client_for(owner)
    held = row(3, sku="boh", is_buyer_requested_cancellation="true")  # in the file it would be held no more
    batch = uploaded(amazon(row(1), row(2, sku="=boh", recipient_name='Anna "la Rossa"'), held), dropshipper, owner)
    data = client.get(url("import_errors", batch)).getvalue()
    (order,) = reading.read(data).orders
    assert (order.fields["number"], order.fields["marketplace"]) == (amazon_id(2), "Amazon")
    assert order.fields["name"] == 'Anna "la Rossa"'
    assert order.pieces[0].item_id == "51000000000002"
    later = uploaded(data.replace(b"'=boh", b"MCI-0002"), dropshipper, owner, name="b.csv")
    assert states(later) == ["valid"]


def test_the_template_is_read_as_our_own(dropshipper: Any, owner: Any, client_for: Any) -> None:
    shelves()
    data = client_for(owner).get(reverse("orders:import_template")).getvalue()
    assert reading.read(data).report == "mci"
    assert states(uploaded(data, dropshipper, owner)) == ["valid"]


def test_columns_of_a_file_of_ones_own_are_confirmed_on_its_page(dropshipper: Any, owner: Any, client_for: Any) -> None:
    shelves()
    client = client_for(owner)
    data = b"Rif. ordine;Chi;Via;CAP;Comune;Prov;Tel;Codice;Pezzi\n"
    data += b"9;Anna Rossi;Via Appia 7;10121;Torino;TO;3331110004;MCI-0001;1\n"
    post_file(client, data, "mio.csv")
    batch = Import.objects.get()
    page = client.get(url("import_one", batch)).content.decode()
    assert "Anna Rossi" in page
    names = ["number", "", "line1", "postcode", "city", "province", "phone", "sku", "quantity"]
    said = {f"column_{at}": name for at, name in enumerate(names)}
    assert client.post(url("import_columns", batch), said).status_code == 422
    assert client.post(url("import_columns", batch), said | {"column_1": "number"}).status_code == 422
    client.post(url("import_columns", batch), said | {"column_1": "name", "marketplace": "Subito"})
    work.advance(batch.pk)
    assert states(batch) == ["valid"]


def test_an_import_is_taken_back_on_its_page(dropshipper: Any, owner: Any, client_for: Any) -> None:
    shelves()
    client = client_for(owner)
    batch = imported(uploaded(amazon(row(1)), dropshipper, owner), owner)
    assert url("import_undo", batch) in client.get(url("import_one", batch)).content.decode()
    for _click in range(2):
        client.post(url("import_undo", batch))
    work.advance(batch.pk)
    assert Order.objects.get().state == "cancelled"


def test_what_was_shipped_goes_back_in_the_marketplaces_own_file(dropshipper: Any, owner: Any, client_for: Any) -> None:
    shelves()
    stage.money(dropshipper, "200.00")
    client = client_for(owner)
    twins = [row(1), row(1, order_item_id="5199", sku="MCI-0002", quantity_to_ship="2")]
    batch = imported(uploaded(amazon(*twins, row(2)), dropshipper, owner), owner)
    assert client.get(url("import_back", batch, "amazon")).status_code == 404
    for order in Order.objects.order_by("pk"):
        runs.dispatch_now(
            order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=owner.pk, seen=stage.seen(order)
        )
    first = Order.objects.order_by("pk").select_related("shipment")[0]
    Shipment.objects.filter(pk=first.shipment_id).update(
        state="shipped", tracking="TRK12345678", shipped_at=timezone.now()
    )
    assert url("import_back", batch, "amazon") in client.get(url("import_one", batch)).content.decode()
    answer = client.get(url("import_back", batch, "amazon"))
    assert confirmations.read_back(answer.content) == [
        (amazon_id(1), "51000000000001", "TRK12345678"),
        (amazon_id(1), "5199", "TRK12345678"),
    ]
    for line in answer.content.decode().splitlines():
        assert len(line.split("\t")) == len(confirmations.AMAZON)
        assert all(line.split("\t"))
    assert client.get(url("import_back", batch, "ebay")).status_code == 404


def test_nobody_sees_or_changes_anothers_import(
    dropshipper: Any, owner: Any, stranger: Any, client_for: Any, staff: Any
) -> None:
    shelves()
    batch = uploaded(amazon(row(1, sku="boh")), dropshipper, owner)
    one = rows(batch)[0]
    addresses = [url(name, batch) for name in ("import_one", "import_errors")]
    addresses += [url("import_row", batch, one.pk), url("import_back", batch, "amazon")]
    other, books = client_for(stranger), client_for(cast.member(dropshipper, Member.Role.ACCOUNTING))
    for address in addresses:
        assert other.get(address).status_code == 404
        assert books.get(address).status_code == 403  # the accounting works without the customers
    for name in ("import_start", "import_undo", "import_link", "import_columns"):
        assert other.post(url(name, batch), {"sku": "boh", "ours": "MCI-0001"}).status_code == 404
    assert states(batch) == ["error"]
    assert "boh" not in other.get(reverse("orders:imports")).content.decode()


def test_cells_with_tags_and_formulas_are_text(dropshipper: Any, owner: Any, client_for: Any) -> None:
    shelves()
    poison = '<img src=x onerror=alert(1)>"{{ 7 }}'
    client = client_for(owner)
    batch = uploaded(
        amazon(row(1, recipient_name=poison, sku=poison, product_name=poison, ship_city=poison)), dropshipper, owner
    )
    page = client.get(url("import_one", batch)).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img" in page
    assert "<img src=x" not in client.get(url("import_row", batch, rows(batch)[0].pk)).content.decode()
    acts.link_article(batch.key, sku=poison, ours="MCI-0001", dropshipper_id=dropshipper.pk)


def test_the_page_asks_the_same_number_of_questions_for_few_and_many(
    dropshipper: Any, owner: Any, client_for: Any, django_assert_max_num_queries: Any
) -> None:
    shelves()
    client = client_for(owner)
    batch = uploaded(amazon(*(row(number) for number in range(1, 41))), dropshipper, owner)
    client.get(url("import_one", batch))
    with django_assert_max_num_queries(25):
        page = client.get(url("import_one", batch)).content.decode()
    assert len(re.findall("data-row=", page)) == 40
