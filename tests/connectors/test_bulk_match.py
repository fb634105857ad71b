"""Matching many of a shop's articles at once: ticked, all that are sure, or by a file; and taking it back."""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from django.utils.translation import override

from catalog.models import Variant
from connectors.errors import NotMatched
from connectors.listings import compare
from connectors.matching import bulk, csv_file, remote_items, single
from connectors.matching.suggestions import Article, guess
from connectors.models import Listing, Match, MatchBatch, RemoteItem
from connectors.platforms.goods import RemoteProduct
from orders.intake.matching import Tie
from orders.models import Order
from tests.connectors.arrivals import PREPAID, arrive, ready_shop
from tests.connectors.conftest import make_goods, make_shop, order_body
from tests.orders import stage

pytestmark = pytest.mark.django_db


def named(sku: str, name: str, *, title: str = "", ean: str = "") -> Variant:
    variant = stage.variant(sku)
    variant.product.name = name
    variant.product.save()
    Variant.objects.filter(pk=variant.pk).update(title=title, ean=ean)
    return variant


def item(
    shop: Any, number: int, *, sku: str = "", title: str = "", ean: str = "", quantity: int | None = 5
) -> RemoteItem:
    """An article of the shop that is not ours, as a comparison brings it."""
    remote_items.keep(shop, [RemoteProduct(str(number), sku, ean, title, quantity)], [], shop.connected_at)
    return RemoteItem.objects.get(shop=shop, external_id=str(number))


def url(name: str, *args: Any) -> str:
    return reverse(f"connectors:{name}", args=args)


# ---- what it probably is


def test_guesses_are_by_sku_ean_and_name_with_their_confidence(db: None) -> None:
    by_sku = named("LAMP-ORO-XL", "Lampada da tavolo dorata grande")
    by_ean = named("X-1", "Cuscino", ean="8001234567890")
    by_name = named("Y-1", "Trapano avvitatore a batteria 18V")
    found = guess(
        [
            Article("lamp.oro.xl", "", ""),
            Article("theirs", "8001234567890", "qualcosa"),
            Article("", "", "Trapano avvitatore a batteria 18 V"),
            Article("", "", "Nulla di simile"),
        ]
    )
    assert {i: (one.variant_id, one.why) for i, one in found.items()} == {
        0: (by_sku.pk, "sku"),
        1: (by_ean.pk, "ean"),
        2: (by_name.pk, "title"),
    }
    assert found[0].score == pytest.approx(0.95)
    assert 0.6 < found[2].score <= 0.93


def test_of_two_that_are_as_likely_neither_is_sure(db: None) -> None:
    named("TSH-M", "Maglietta rossa")
    named("TSH-L", "Maglietta rossa")
    assert guess([Article("", "", "Maglietta rossa")])[0].score < 0.7


def test_the_comparison_keeps_what_is_not_ours_with_its_guess(connected: Any, fake: Any) -> None:
    named("LAMP-1", "Lampada Aurora")
    fake.products.add(sku="lamp.1", name="Lampada Aurora", price="19.90")
    fake.products.add(sku="SCN-00009", name="Altro", price="9.90")
    compare.compare(connected)
    row = RemoteItem.objects.get(sku="lamp.1")
    assert (row.guess.sku if row.guess else "", row.score, row.why) == ("LAMP-1", 95, "sku")
    assert not RemoteItem.objects.filter(sku__in=connected.listings.values("sku")).exists()
    ids = set(RemoteItem.objects.values_list("external_id", flat=True))
    doc = fake.products.by_sku("SCN-00009")
    fake.products.remove(doc["id"])
    compare.compare(connected)
    assert ids - set(RemoteItem.objects.values_list("external_id", flat=True)) == {str(doc["id"])}


def test_a_shop_whose_stock_we_do_not_keep_is_read_when_asked_and_once(connected: Any, fake: Any) -> None:
    assert compare.compare_due(budget_s=5) == 0
    remote_items.ask(connected)
    assert compare.compare_due(budget_s=5) == 1
    assert compare.compare_due(budget_s=5) == 0
    assert RemoteItem.objects.exists()


# ---- accepting and taking back


def test_accepting_many_frees_the_orders_and_makes_listings(shop: Any) -> None:
    ready_shop(shop)
    goods = make_goods()
    orders = [arrive(shop, 1, sku="their-1"), arrive(shop, 2, sku="KIT-3", quantity=2), arrive(shop, 3, sku="X")]
    item(shop, 11, sku="THEIR-1")
    item(shop, 12, sku="KIT-3", quantity=8)
    made = bulk.accept_many(
        shop, {"sku:THEIR-1": Tie(goods["MCI-0001"].pk), "sku:KIT-3": Tie(goods["MCI-0002"].pk, 3)}, by=None
    )
    assert (made.articles, made.orders) == (2, 2)
    for order in orders:
        order.refresh_from_db()
    assert [order.state for order in orders] == ["ready", "ready", "received"]
    assert orders[1].lines.get().quantity == 6
    rows = Listing.objects.order_by("external_id").values_list("external_id", "variant__sku", "quantity", "told")
    assert list(rows) == [("11", "MCI-0001", 1, 5), ("12", "MCI-0002", 3, 8)]
    assert not RemoteItem.objects.exists()
    assert arrive(shop, 4, sku="kit-3").lines.get().quantity == 3


def test_the_statements_do_not_grow_with_the_articles(shop: Any, goods: Any) -> None:
    def accept(first: int, last: int) -> int:
        wanted = {f"sku:T-{n}": Tie(goods["MCI-0001"].pk) for n in range(first, last)}
        with CaptureQueriesContext(connection) as statements:
            bulk.accept_many(shop, wanted, by=None)
        return len(statements)

    assert accept(0, 1) == accept(1, 200)


def test_taking_back_puts_everything_where_it_was(shop: Any) -> None:
    ready_shop(shop)
    goods = make_goods()
    single.accept(shop, "sku:OLD", goods["MCI-0003"].pk, 2, by=None)
    waiting, mixed = arrive(shop, 1, sku="KIT-3", quantity=2), arrive(shop, 2, sku="OWN", **PREPAID)
    item(shop, 12, sku="KIT-3", quantity=8)
    before = list(Match.objects.values("subject", "variant", "quantity"))
    made = bulk.accept_many(
        shop,
        {"sku:KIT-3": Tie(goods["MCI-0002"].pk, 3), "sku:OWN": Tie(None), "sku:OLD": Tie(goods["MCI-0001"].pk)},
        by=None,
    )
    sent = arrive(shop, 3, sku="KIT-3")
    Order.objects.filter(pk=sent.pk).update(state="cancelled")

    assert bulk.undo(made.batch, by=None).articles == 3
    assert bulk.undo(made.batch, by=None).articles == 0

    assert list(Match.objects.values("subject", "variant", "quantity")) == before
    assert not Listing.objects.exists()
    assert RemoteItem.objects.get().external_id == "12"
    waiting.refresh_from_db()
    line = waiting.lines.get()
    assert (waiting.state, line.variant, line.quantity) == ("received", None, 2)
    assert not mixed.lines.get().ignored
    assert sent.lines.get().quantity == 3  # what is not open any more stays


def test_what_was_changed_by_hand_since_is_not_taken_back(shop: Any, goods: Any) -> None:
    made = bulk.accept_many(shop, {"sku:A": Tie(goods["MCI-0001"].pk)}, by=None)
    single.accept(shop, "sku:A", goods["MCI-0002"].pk, by=None)
    assert bulk.undo(made.batch, by=None).articles == 0
    assert Match.objects.get().variant == goods["MCI-0002"]


def test_not_ours_is_left_out_of_a_mixed_basket_and_the_rest_goes(shop: Any) -> None:
    ready_shop(shop)
    make_goods()
    lines = [order_body()["line_items"][0], {**order_body()["line_items"][0], "sku": "OWN-77"}]
    order = arrive(shop, 1, line_items=lines, **PREPAID)
    bulk.accept_many(shop, {"sku:OWN-77": Tie(None)}, by=None)
    order.refresh_from_db()
    assert order.state == "ready"
    assert list(order.lines.values_list("sku", "ignored")) == [("MCI-0001", False), ("OWN-77", True)]


@pytest.mark.parametrize("wanted", [{}, {"x:1": Tie(None)}, {"sku:": Tie(None)}, {"sku:A": Tie(1, 0)}])
def test_nonsense_leaves_no_trace(shop: Any, goods: Any, wanted: Any) -> None:
    with pytest.raises(NotMatched):
        bulk.accept_many(shop, {"sku:GOOD": Tie(goods["MCI-0001"].pk), **wanted} if wanted else {}, by=None)
    assert not Match.objects.exists()
    assert not MatchBatch.objects.exists()


# ---- the file


def cells(shop: Any) -> list[list[str]]:
    with override("it"):
        text = "".join(csv_file.lines(shop))
    return [line.split(";") for line in text.lstrip("\ufeff").splitlines()]


def test_the_file_goes_out_with_suggestions_and_comes_back_filled(shop: Any, goods: Any) -> None:
    named("LAMP-1", "Lampada Aurora")
    item(shop, 1, sku="lamp.1", title="=cmd|' /C calc'!A0")
    item(shop, 2, sku="OWN", title="Altro")
    head, first, second = cells(shop)
    assert first[0] == "sku:LAMP.1"
    assert first[3].startswith("'=")
    assert first[6:] == ["LAMP-1", "95 %"]
    first[4], second[4], second[5] = "MCI-0001", "-", "7"
    data = "\n".join(";".join(row) for row in (head, first, second)).encode()
    found = csv_file.read(shop, data)
    assert found.wrong == []
    assert found.wanted == {"sku:LAMP.1": Tie(goods["MCI-0001"].pk, 1), "sku:OWN": Tie(None, 1)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("sign", [";", ","])
def test_the_usual_writings_of_a_csv_are_read(shop: Any, goods: Any, encoding: str, sign: str) -> None:
    item(shop, 1, sku="PERCHÉ-1")
    data = f"shop SKU{sign}our SKU{sign}pieces\r\nperché-1{sign}mci-0001{sign}3\r\n".encode(encoding)
    assert csv_file.read(shop, data).wanted == {"sku:PERCHÉ-1": Tie(goods["MCI-0001"].pk, 3)}


EXCEL = {
    "sep line": b"sep=;\r\n" + "shop SKU;our SKU;pieces\r\nPERCHÉ-1;MCI-0001;1,00\r\n".encode("cp1252"),
    "quoted sep line": b'\xef\xbb\xbf"sep=,"\r\nshop SKU,our SKU,pieces\r\nPERCH\xc3\x89-1,MCI-0001,1.00\r\n',
    "sep line alone decides": "sep=|\r\nshop SKU|our SKU|pieces\r\nPERCHÉ-1|MCI-0001|1,0\r\n".encode(),
    "unicode text": "shop SKU\tour SKU\tpieces\r\nPERCHÉ-1\tMCI-0001\t1,00\r\n".encode("utf-16"),
    "unicode text, other end": b"\xfe\xff" + "shop SKU\tour SKU\nPERCHÉ-1\tMCI-0001".encode("utf-16-be"),
    "unicode text without mark": "shop SKU\tour SKU\nPERCHÉ-1\tMCI-0001\n".encode("utf-16-le"),
    "sep line in unicode": "sep=;\r\nshop SKU;our SKU\r\nPERCHÉ-1;MCI-0001\r\n".encode("utf-16"),
    "blank lines": "\r\n\r\nshop SKU;our SKU;pieces\r\n;;\r\nPERCHÉ-1;MCI-0001;1\r\n".encode(),
    "old Mac": "shop SKU;our SKU\rPERCHÉ-1;MCI-0001\r".encode(),
}


@pytest.mark.parametrize("data", list(EXCEL.values()), ids=list(EXCEL))
def test_what_a_spreadsheet_makes_of_a_csv_is_read(shop: Any, goods: Any, data: bytes) -> None:
    item(shop, 1, sku="PERCHÉ-1")
    found = csv_file.read(shop, data)
    assert found.wrong == []
    assert found.wanted == {"sku:PERCHÉ-1": Tie(goods["MCI-0001"].pk, 1)}


def test_a_code_that_a_spreadsheet_rounded_is_never_matched_and_is_told_by_its_line(shop: Any, goods: Any) -> None:
    Variant.objects.filter(sku="MCI-0001").update(ean="8057680000017")
    item(shop, 1, sku="A")
    item(shop, 2, sku="8057680000017")
    rows = ["sep=;", "shop SKU;our SKU;pieces", "A;8,05768E+12;1", "8.05768e+12;MCI-0001;1", "A;MCI-0001;1,5"]
    with translation.override("en"):
        found = csv_file.read(shop, "\n".join(rows).encode())
    assert [one.line for one in found.wrong] == [3, 4, 5]
    assert [one.value for one in found.wrong] == ["8,05768E+12", "sku:8.05768E+12", "1,5"]
    assert all("rounded" in one.words for one in found.wrong[:2])
    assert found.wanted == {}
    fine = csv_file.read(shop, b"shop SKU;EAN;our SKU\nA;8,05768E+12;8057680000017\n")  # their EAN decides nothing
    assert fine.wanted == {"sku:A": Tie(goods["MCI-0001"].pk, 1)}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        *((b"", "empty"), (b"\n\n", "empty"), (b"PK\x03\x04rest", "workbook"), (b"\xd0\xcf\x11\xe0", "workbook")),
        *((b"Codice;Prezzo\n1;2", "“Codice”, “Prezzo”"), (b"sep=,\nkey;our SKU\nsku:A;B", "“key;our SKU”")),
    ],
)
def test_a_head_that_is_not_found_names_the_cause(shop: Any, data: bytes, words: str) -> None:
    with translation.override("en"):
        (one,) = csv_file.read(shop, data).wrong
    assert words in one.words


def test_each_wrong_row_is_named_and_nothing_is_done(shop: Any, goods: Any) -> None:
    item(shop, 1, sku="A")
    item(shop, 2, sku="B")
    rows = ["key;our SKU;pieces", "sku:A;MCI-0001;1", "sku:Z;MCI-0001;1", "sku:B;NONE;1", "sku:B;MCI-0001;0", ";;"]
    rows += ["sku:A;MCI-0002;1"]
    found = csv_file.read(shop, "\n".join(rows).encode())
    assert [one.line for one in found.wrong] == [3, 4, 5, 7]
    assert found.wanted == {}


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\x01", b"a;b\n1;2", b"key;our SKU\n", b"key;our SKU\n" + b"sku:A;\n" * 3, b"x" * (2 * 1024 * 1024 + 1)],
)
def test_a_file_that_says_nothing_is_refused_as_a_whole(shop: Any, data: bytes) -> None:
    found = csv_file.read(shop, data)
    assert [one.line for one in found.wrong] == [0]


def test_more_rows_than_the_limit_are_refused(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "MOST", 2)
    assert csv_file.read(shop, b"key;our SKU\n" + b"sku:A;B\n" * 3).wrong[0].line == 0


@pytest.mark.parametrize("pieces", [9_999, 10_000])
@pytest.mark.parametrize("way", ["one", "many", "form", "ticked", "file"])
def test_one_of_theirs_is_at_most_9999_of_ours_whichever_way_it_is_said(
    shop: Any, goods: Any, owner: Any, client_for: Any, way: str, pieces: int
) -> None:
    """More than a line of an order holds."""
    theirs, ours, client = item(shop, 1, sku="CONF"), goods["MCI-0001"], client_for(owner)
    file = SimpleUploadedFile("a.csv", f"key;our SKU;pieces\nsku:CONF;MCI-0001;{pieces}\n".encode())
    sent: dict[str, tuple[str, dict[str, Any]]] = {
        "form": ("accept", {"subject": "sku:CONF", "sku": "MCI-0001", "quantity": pieces}),
        "ticked": (
            "bulk_match_accept",
            {"do": "link", "item": theirs.pk, f"sku-{theirs.pk}": "MCI-0001", f"pieces-{theirs.pk}": pieces},
        ),
        "file": ("bulk_match_import", {"file": file}),
    }
    fine = pieces == 9_999
    with nullcontext() if fine or way in sent else pytest.raises(NotMatched):
        if way == "one":
            single.accept(shop, "sku:CONF", ours.pk, pieces, by=None)
        elif way == "many":
            bulk.accept_many(shop, {"sku:CONF": Tie(ours.pk, pieces)}, by=None)
        else:
            name, fields = sent[way]
            assert client.post(url(name, shop.pk), fields).status_code == (302 if fine else 422)
    assert list(Match.objects.values_list("subject", "quantity")) == ([("sku:CONF", 9_999)] if fine else [])


# ---- the page


def test_the_page_accepts_the_ticked_all_that_are_sure_and_takes_back(
    shop: Any, goods: Any, owner: Any, client_for: Any
) -> None:
    named("LAMP-1", "Lampada Aurora")
    sure, other, foreign = item(shop, 1, sku="lamp.1"), item(shop, 2, sku="B"), item(shop, 3, sku="C")
    client, page = client_for(owner), url("bulk_match", shop.pk)
    text = client.get(page).content.decode()
    assert text.count("data-item=") == 3
    assert 'data-sure="1"' in text
    act = url("bulk_match_accept", shop.pk)
    client.post(act, {"do": "sure"})
    client.post(act, {"do": "link", "item": other.pk, f"sku-{other.pk}": "mci-0001", f"pieces-{other.pk}": "4"})
    client.post(act, {"do": "foreign", "item": foreign.pk})
    assert sorted(Match.objects.values_list("subject", "variant__sku", "quantity")) == [
        ("sku:B", "MCI-0001", 4),
        ("sku:C", None, 1),
        (sure.subject, "LAMP-1", 1),
    ]
    text = client.get(page).content.decode()
    assert text.count("data-item=") == 0
    assert client.get(page, {"show": "foreign"}).content.decode().count("data-item=") == 1
    for key in re.findall(r"/bulk-match/([0-9a-f-]{36})/undo/", text):
        client.post(url("bulk_match_undo", shop.pk, key))
    assert not Match.objects.exists()
    assert client.get(page).content.decode().count("data-item=") == 3


def test_a_wrong_field_is_said_in_place_and_nothing_is_done(shop: Any, goods: Any, owner: Any, client_for: Any) -> None:
    one, two = item(shop, 1, sku="A"), item(shop, 2, sku="B")
    answer = client_for(owner).post(
        url("bulk_match_accept", shop.pk),
        {
            "do": "link",
            "item": [one.pk, two.pk],
            f"sku-{one.pk}": "MCI-0001",
            f"pieces-{one.pk}": "1",
            f"sku-{two.pk}": "NONE",
            f"pieces-{two.pk}": "1",
        },
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'aria-invalid="true"' in text
    assert 'value="NONE"' in text
    assert text.count('aria-invalid="true"') == 1
    pieces = client_for(owner).post(
        url("bulk_match_accept", shop.pk),
        {"do": "link", "item": one.pk, f"sku-{one.pk}": "MCI-0001", f"pieces-{one.pk}": "0"},
    )
    (field,) = re.findall(r'<input[^>]*aria-invalid="true"[^>]*>', pieces.content.decode())
    assert f'name="pieces-{one.pk}"' in field  # at the field that it is about
    assert not Match.objects.exists()


def test_a_file_with_a_wrong_row_is_shown_row_by_row(shop: Any, goods: Any, owner: Any, client_for: Any) -> None:
    item(shop, 1, sku="A")
    client, act = client_for(owner), url("bulk_match_import", shop.pk)
    bad = SimpleUploadedFile("a.csv", b"key;our SKU\nsku:A;NONE\n")
    answer = client.post(act, {"file": bad})
    assert answer.status_code == 422
    assert 'data-wrong="2"' in answer.content.decode()
    assert not Match.objects.exists()
    client.post(act, {"file": SimpleUploadedFile("a.csv", b"key;our SKU\nsku:A;MCI-0001\n")})
    assert Match.objects.get().subject == "sku:A"
    assert client.get(url("bulk_match_export", shop.pk)).getvalue().startswith(b"\xef\xbb\xbf")


def test_no_file_is_said_at_its_field(shop: Any, owner: Any, client_for: Any) -> None:
    answer = client_for(owner).post(url("bulk_match_import", shop.pk))
    assert answer.status_code == 422
    assert 'name="file"' in re.findall(r'<input[^>]*aria-describedby="file_error"[^>]*>', answer.content.decode())[0]


def test_the_shop_is_read_by_a_worker_and_the_page_waits_for_it(
    connected: Any, fake: Any, owner: Any, client_for: Any
) -> None:
    client, page = client_for(owner), url("bulk_match", connected.pk)
    client.post(url("bulk_match_read", connected.pk))
    connected.refresh_from_db()
    assert connected.compare_asked
    assert 'id="reading"' in client.get(page).content.decode()
    part = {"part": "reading"}
    assert client.get(page, part, headers={"HX-Request": "true"}).status_code == 200
    compare.compare_due(budget_s=5)
    assert client.get(page, part, headers={"HX-Request": "true"}).status_code == 286


def test_a_stranger_sees_and_does_nothing(shop: Any, goods: Any, stranger: Any, client_for: Any) -> None:
    one = item(shop, 1, sku="A")
    made = bulk.accept_many(shop, {"sku:X": Tie(goods["MCI-0001"].pk)}, by=None)
    client = client_for(stranger)
    assert client.get(url("bulk_match", shop.pk)).status_code == 404
    assert client.get(url("bulk_match_export", shop.pk)).status_code == 404
    for name in ("bulk_match_read", "bulk_match_accept", "bulk_match_import"):
        assert client.post(url(name, shop.pk), {"do": "foreign", "item": one.pk}).status_code == 404
    assert client.post(url("bulk_match_undo", shop.pk, made.batch.key)).status_code == 404
    mine = make_shop(stranger.member.dropshipper, address="https://altro.example.it")
    client.post(url("bulk_match_accept", mine.pk), {"do": "foreign", "item": one.pk})
    assert client.post(url("bulk_match_undo", mine.pk, made.batch.key)).status_code == 404
    assert Match.objects.count() == 1


def test_the_statements_of_the_page_do_not_grow(shop: Any, goods: Any, owner: Any, client_for: Any) -> None:
    item(shop, 1, sku="A1", title="Articolo MCI-0001")
    client, page = client_for(owner), url("bulk_match", shop.pk)
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for number in range(2, 40):
        item(shop, number, sku=f"A{number}", title=f"Articolo MCI-000{number}")
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    assert len(many) == len(few)
