"""The entry form: new, edit, live figures; nothing typed is ever lost."""

from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from core.models import Place
from orders.dispatch import plan
from orders.entry import typed
from orders.entry.forms import read_pasted, split_pieces
from orders.intake import creation, editing
from orders.intake.idempotency import create_once
from orders.models import DispatchRun, Order
from tests.orders import stage
from wallet.queries import balances

pytestmark = pytest.mark.django_db


def filled(*lines: tuple[str, Any], do: str = "send", **fields: Any) -> dict[str, Any]:
    form = {
        "key": str(uuid.uuid4()),
        "name": "Giulia Rossi",
        "phone": "+393331234567",
        "street": "Via Garibaldi 12",
        "postcode": "10122",
        "city": "Torino",
        "province": "to",
        "country": "IT",
        "payment": "prepaid",
        "sale_total": "39,90",
        "lines-TOTAL_FORMS": str(len(lines)),
        "lines-INITIAL_FORMS": "0",
        "do": do,
    }
    for index, (sku, quantity) in enumerate(lines):
        form |= {f"lines-{index}-sku": sku, f"lines-{index}-quantity": str(quantity)}
    return {**form, **fields}


def figure(text: str, name: str) -> str:
    return (re.findall(rf'data-{name}="([^"]*)"', text) or [""])[0]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("A-1*3", ("A-1", 3)),
        ("A-1 x 3", ("A-1", 3)),
        ("A-1\t12", ("A-1", 12)),
        ("A-1;2", ("A-1", 2)),
        ("A-1", ("A-1", None)),
        ("A 1 X 2", ("A 1", 2)),
        ("A-1*0", ("A-1*0", None)),
        ("  ", ("", None)),
    ],
)
def test_pieces_are_read_from_the_way_people_write_them(text: str, read: tuple[str, int | None]) -> None:
    assert split_pieces(text) == read


def test_a_pasted_list_becomes_lines_and_equal_skus_are_summed() -> None:
    assert read_pasted('A-1\t2\r\nB-2*3\n\n a-1 1\n"C-3"\n') == [("A-1", 3), ("B-2", 3), ("C-3", 1)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("SKU\tQuantità\nA-10\t2\nB-20\t1,00", [("A-10", 2), ("B-20", 1)]),
        ("Titolo;Codice;Qta\nTrapano;A-10;3", [("A-10", 3)]),
        ("A-10\tTrapano 18V\t3\t12,50", [("A-10", 3)]),
        ("A-10;12,00;3", [("A-10", 3)]),
        ("3\tA-10\n2;B-20", [("A-10", 3), ("B-20", 2)]),
        ("2x A-10\n3 x B-20\n4 pz C-30\n5 D-40", [("A-10", 2), ("B-20", 3), ("C-30", 4), ("D-40", 5)]),
        ("A-10 2pz\nB-20 (3)\nC-30, 4\nD-40: 5", [("A-10", 2), ("B-20", 3), ("C-30", 4), ("D-40", 5)]),
        ("A-10,2\nB-20 - 3\nC-30 qta 4", [("A-10", 2), ("B-20", 3), ("C-30", 4)]),
        ("\ufeffA-10;2\n\u200bB-20\u200b\u00a03", [("A-10", 2), ("B-20", 3)]),
        ("8001234500016\t2\n8001234500023", [("8001234500016", 2), ("8001234500023", 1)]),
        ("SCN-0001\nABCx3", [("SCN-0001", 1), ("ABCx3", 1)]),  # articles of these names
        # What cannot be read stays to be seen: never fewer pieces than were meant, never none.
        ("A-10;0\nB-20\t-3\nC-30;99999\nD-40;3;4", [("A-10 0", 1), ("B-20 -3", 1), ("C-30 99999", 1), ("D-40 3 4", 1)]),
        ("A-10;9000\na-10;9000", [("A-10", 18000)]),  # the form says that this is too many
        ("12,50", [("12,50", 1)]),
    ],
)
def test_lines_are_read_as_sheets_and_messages_give_them(text: str, read: list[tuple[str, int]]) -> None:
    assert read_pasted(text) == read


def test_a_line_of_any_length_is_read_at_once() -> None:
    for text in ("A" * 50_000, "1 " * 25_000, "A," * 25_000, "A" + " " * 50_000 + "x", "A\t" * 25_000):
        assert len(read_pasted(text)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("do", ["paste", "recalculate", "send", "draft"])
def test_more_lines_than_an_order_holds_stay_where_they_were_pasted(owner: Any, client_for: Any, do: str) -> None:
    pasted = "\n".join(f"SCN-{number:05d};1                                             " for number in range(1, 600))
    page = client_for(owner).post(reverse("orders:new"), filled(("A", 1)) | {"do": do, "pasted": pasted})
    text = page.content.decode()
    assert pasted.strip() in text.replace("\r\n", "\n"), "all of them, to be divided"
    assert "599" in text, "how many they are"
    assert 'name="lines-1-sku"' not in text
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_a_code_copied_with_what_nobody_sees_is_that_code(owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    client_for(owner).post(reverse("orders:new"), filled(("\u200bMCI-1\ufeff", 2)) | {"do": "send"})
    assert [(line.sku, line.quantity) for line in Order.objects.get().lines.all()] == [("MCI-1", 2)]


def test_sending_makes_an_order_as_it_was_typed(dropshipper: Any, owner: Any, client_for: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")

    answer = client_for(owner).post(
        reverse("orders:new"), filled(("mci-1*2", 1), ("", ""), method=method.pk, note="Suonare due volte")
    )

    order = Order.objects.get()
    assert answer.url == reverse("orders:detail", args=[order.pk])
    assert (order.state, order.dropshipper, order.method) == ("ready", dropshipper, method)
    assert (order.name, order.province, order.note) == ("Giulia Rossi", "TO", "Suonare due volte")
    assert str(order.sale_total) == "39.90"
    assert [(line.variant.sku, line.quantity) for line in order.lines.all()] == [("MCI-1", 2)]
    assert [event.code for event in order.events.order_by("id")] == ["created", "ready"]
    assert order.events.first().by == owner


def test_the_same_form_sent_twice_is_one_order_and_one_charge(dropshipper: Any, owner: Any, client_for: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    form = filled(("MCI-1", 1), do="sync", method=method.pk, seen="20.74/0.00/0.00")
    client = client_for(owner)

    first, second = (client.post(reverse("orders:new"), form) for _ in range(2))

    assert first.url == second.url
    assert Order.objects.get().state == "dispatched"
    assert DispatchRun.objects.count() == 1
    assert str(balances(dropshipper.pk).available) == "79.26"


def test_what_the_preview_shows_is_what_is_charged(dropshipper: Any, owner: Any, client_for: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    client = client_for(owner)
    for payment in ("prepaid", "cod"):
        before = balances(dropshipper.pk).available
        form = filled(("MCI-1", 1), do="sync", method=method.pk, payment=payment)

        shown = client.post(reverse("orders:preview"), form).content.decode()
        seen = re.search(r'name="seen" value="([^"]+)"', shown)
        assert seen
        client.post(reverse("orders:new"), form | {"seen": seen[1]})

        order = Order.objects.latest("pk")
        assert order.state == "dispatched"
        assert figure(shown, "cost") == str(order.cost)
        assert figure(shown, "margin") == str(order.margin)
        after = balances(dropshipper.pk).available
        assert figure(shown, "need") == str(before - after)
        assert figure(shown, "after") == str(after)


@pytest.mark.parametrize("amount", ["", "0", "nonsense", "5.000,00"])
def test_without_what_is_collected_a_cod_order_shows_no_figures(
    amount: str, dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "200.00")
    form = filled(("MCI-1", 1), payment="cod", method=method.pk, sale_total=amount)

    shown = client_for(owner).post(reverse("orders:preview"), form).content.decode()

    assert "data-need" not in shown
    assert f'data-refusal="{"cod_over_law" if amount == "5.000,00" else "cod_amount_unknown"}"' in shown


def test_the_preview_writes_nothing_and_bears_half_typed_forms(dropshipper: Any, owner: Any, client_for: Any) -> None:
    stage.method()
    client = client_for(owner)
    for form in (
        {},
        {"lines-TOTAL_FORMS": "x"},
        filled(("NOPE", "abc"), sale_total="1.234", postcode="001", email="no"),
        filled(("A", 1), method="zzz"),
        filled(("X" * 500, 99999), method=str(10**30)),
    ):
        assert client.post(reverse("orders:preview"), form).status_code == 200
    assert client.post(reverse("orders:preview"), filled(("A\x00B", 1))).status_code == 400  # refused at the edge
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "id_name"),
        ({"street": " "}, "id_street"),
        ({"postcode": ""}, "id_postcode"),
        ({"province": ""}, "id_province"),
        ({"email": "nobody"}, "id_email"),
        ({"sale_total": "1.234"}, "id_sale_total"),
        ({"sale_total": "-3"}, "id_sale_total"),
        ({"payment": "cod", "sale_total": ""}, "id_to_collect"),
        ({"payment": "cod", "sale_total": "5000"}, "id_to_collect"),
        ({"lines-0-sku": "UNKNOWN"}, "id_lines-0-sku"),
        ({"lines-0-quantity": "0"}, "id_lines-0-quantity"),
        ({"lines-0-quantity": "10000"}, "id_lines-0-quantity"),
    ],
)
def test_a_refused_form_names_the_field_keeps_what_was_typed_and_makes_nothing(
    owner: Any, client_for: Any, change: dict[str, str], field: str
) -> None:
    stage.variant("MCI-1")
    form = filled(("MCI-1", 1), note="Campanello rotto") | change

    answer = client_for(owner).post(reverse("orders:new"), form)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#{field}"' in page
    assert "Campanello rotto" in page
    assert not Order.objects.exists()


def test_a_list_of_lines_that_is_too_long_says_so_and_makes_nothing(owner: Any, client_for: Any) -> None:
    answer = client_for(owner).post(reverse("orders:new"), filled(*[("MCI-1", 1)] * 201, do="draft"))

    assert answer.status_code == 422
    assert 'href="#articles"' in answer.content.decode()
    assert not Order.objects.exists()


def test_an_order_without_articles_is_refused_but_may_be_a_draft(owner: Any, client_for: Any) -> None:
    client = client_for(owner)

    assert client.post(reverse("orders:new"), filled(("", 1))).status_code == 422
    assert client.post(reverse("orders:new"), filled(("", 1), do="draft", name="")).status_code == 302

    assert Order.objects.get().state == "draft"


def test_a_draft_keeps_an_unknown_sku_and_marks_it(owner: Any, client_for: Any) -> None:
    client = client_for(owner)

    client.post(reverse("orders:new"), filled(("WHAT-1", 2), do="draft"))

    order = Order.objects.get()
    assert [(line.sku, line.variant, line.quantity) for line in order.lines.all()] == [("WHAT-1", None, 2)]
    assert "data-unknown" in client.get(reverse("orders:edit", args=[order.pk])).content.decode()


def test_without_javascript_lines_are_added_removed_and_pasted_by_buttons(owner: Any, client_for: Any) -> None:
    client = client_for(owner)

    def skus(**form: Any) -> list[str]:
        page = client.post(reverse("orders:new"), filled(("A", 1), ("B", 2)) | form).content.decode()
        page = page.split('<template id="empty-line">')[0]
        return re.findall(r'name="lines-\d+-sku"(?: value="([^"]*)")?', page)

    assert skus(do="add") == ["A", "B", ""]
    assert skus(do="remove:0") == ["B"]
    assert skus(do="remove:99") == ["A", "B"]
    assert skus(do="paste", pasted="C*4\nD") == ["A", "B", "C", "D"]
    assert not Order.objects.exists()


def test_a_doubtful_place_warns_offers_the_right_one_and_does_not_block(owner: Any, client_for: Any) -> None:
    Place.objects.create(postcode="00144", city="Roma", province="RM", city_key="roma")
    Place.objects.create(postcode="20121", city="Milano", province="MI", city_key="milano")
    stage.variant("MCI-1")
    client = client_for(owner)
    form = filled(("MCI-1", 1), postcode="00144", city="Milano", province="MI")

    warned = client.post(reverse("orders:preview"), form).content.decode()
    used = client.post(reverse("orders:new"), form | {"do": "use:00144|Roma|RM"}).content.decode()
    sent = client.post(reverse("orders:new"), form)

    assert 'value="use:00144|Roma|RM"' in warned
    assert 'name="city" value="Roma"' in used
    assert sent.status_code == 302
    assert Order.objects.get().state == "ready"


def test_an_edit_of_an_old_version_is_told_and_nothing_typed_is_lost(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    client = client_for(owner)
    url = reverse("orders:edit", args=[order.pk])
    form = filled(("MCI-1", 5), method=method.pk, version=order.version, name="Nuovo Nome")
    editing.edit(order.pk, stage.data(("MCI-1", 2)), version=order.version, by=owner.pk, method_id=method.pk)

    told = client.post(url, form)

    order.refresh_from_db()
    page = told.content.decode()
    assert told.status_code == 422
    assert order.lines.get().quantity == 2
    assert "Nuovo Nome" in page
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    assert client.post(url, form | {"version": version}).status_code == 302
    order.refresh_from_db()
    assert (order.lines.get().quantity, order.name) == (5, "Nuovo Nome")


def test_an_order_that_was_sent_can_not_be_edited(dropshipper: Any, owner: Any, client_for: Any) -> None:
    from tests.orders.test_dispatch import sync

    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    sync(order)
    client = client_for(owner)

    answer = client.post(
        reverse("orders:edit", args=[order.pk]), filled(("MCI-1", 9), version=order.version, name="Altro")
    )

    assert answer.url == reverse("orders:detail", args=[order.pk])
    order.refresh_from_db()
    assert (order.name, order.lines.get().quantity) == ("Giulia Rossi", 1)


def test_editing_the_address_of_a_shops_order_keeps_what_the_shop_said_of_its_lines(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    variant = stage.variant("MCI-1")
    data = creation.OrderData(
        address=stage.ADDRESS,
        lines=[
            creation.LineData("SHOP-SKU", "Lampada", 2, variant.pk, external_id="77"),
            creation.LineData("OTHER", "Non nostro", 1, external_id="78", ignored=True),
            creation.LineData("STILL-UNKNOWN", "Vaso", 1, external_id="79"),
        ],
        payment="prepaid",
        payment_reason="paid",
        source="woocommerce",
        source_label="casalinda.it",
        source_number="10483",
    )
    order = creation.create(data, dropshipper_id=dropshipper.pk)
    rows = [(line.pk, typed.shown_sku(line), line.quantity) for line in order.lines.all() if not line.ignored]
    form = filled(*[(sku, quantity) for _pk, sku, quantity in rows], version=order.version, street="Via Nuova 1")
    form |= {f"lines-{index}-row": pk for index, (pk, _sku, _quantity) in enumerate(rows)}

    answer = client_for(owner).post(reverse("orders:edit", args=[order.pk]), form)

    assert answer.status_code == 302
    order.refresh_from_db()
    assert (order.street, order.payment_reason, order.source_number) == ("Via Nuova 1", "paid", "10483")
    assert [
        (line.sku, line.external_id, line.variant_id, line.ignored, line.quantity) for line in order.lines.all()
    ] == [
        ("SHOP-SKU", "77", variant.pk, False, 2),
        ("STILL-UNKNOWN", "79", None, False, 1),
        ("OTHER", "78", None, True, 1),
    ]


def test_every_method_is_offered_with_its_price_or_its_reason(owner: Any, client_for: Any) -> None:
    good, no_cod = stage.method("espresso"), stage.method("lento", cod_allowed=False)
    stage.variant("MCI-1")

    page = client_for(owner).post(reverse("orders:preview"), filled(("MCI-1", 1), payment="cod", method=good.pk))

    text = page.content.decode()
    assert f'id="method-{good.pk}" value="{good.pk}" checked' in text
    assert re.search(rf'id="method-{no_cod.pk}" value="{no_cod.pk}" disabled', text)


def test_a_new_order_starts_with_the_article_that_was_looked_at(owner: Any, client_for: Any) -> None:
    stage.method()
    stage.variant("MCI-7")

    page = client_for(owner).get(reverse("orders:new"), {"sku": "MCI-7"}).content.decode()

    assert 'value="MCI-7"' in page
    assert "Articolo MCI-7" in page


def test_the_figures_of_the_form_and_of_the_plan_agree(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "50.00")
    order = stage.order(dropshipper, ("MCI-1", 2), method=method, payment="cod", total="99.90")

    planned = plan.plan([order.pk], dropshipper_id=dropshipper.pk).rows[0].price
    previewed = plan.preview(typed.data_of(order), method_id=method.pk, dropshipper_id=dropshipper.pk).price

    assert planned == previewed


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [False, True])
def test_eight_clicks_at_once_on_one_form_make_one_order(
    dropshipper: Any, owner: Any, client_for: Any, guarded: bool
) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    form = filled(("MCI-1", 1), method=method.pk)
    clients = [client_for(owner) for _ in range(8)]
    start = Barrier(len(clients))

    def click(client: Any) -> str:
        try:
            start.wait()
            return client.post(reverse("orders:new"), form if guarded else form | {"key": str(uuid.uuid4())}).url
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        urls = set(pool.map(click, clients))

    # Without one key for the form, each click is an order of its own: the race is there, and the key is what stops it.
    assert Order.objects.count() == (1 if guarded else 8)
    assert len(urls) == Order.objects.count()


def test_a_form_that_comes_again_with_other_content_is_not_taken_for_the_first(
    dropshipper: Any, other_dropshipper: Any, owner: Any, client_for: Any
) -> None:
    """Back, another customer, send: neither silently the first order nor one that nobody asked for."""
    method, client = stage.method(), client_for(owner)
    stage.variant("MCI-1")
    form = filled(("MCI-1", 1), method=method.pk)
    assert client.post(reverse("orders:new"), form).status_code == 302
    first = Order.objects.get()

    again = {**form, "name": "Piero Bianchi", "street": "Via Roma 9"}
    refused = client.post(reverse("orders:new"), again)
    assert refused.status_code == 422
    text = refused.content.decode()
    assert first.number in text
    assert "Piero Bianchi" in text
    assert Order.objects.get().name == "Giulia Rossi"

    # The page that came back is a form of its own.
    (key,) = set(re.findall(r'name="key" value="([^"]+)"', text))
    assert key != form["key"]
    assert client.post(reverse("orders:new"), {**again, "key": key}).status_code == 302
    assert sorted(Order.objects.values_list("name", flat=True)) == ["Giulia Rossi", "Piero Bianchi"]

    # A draft that is then sent by the same form is told too, and a stranger's key is nobody's business.
    draft = filled(("MCI-1", 1), method=method.pk, do="draft")
    assert client.post(reverse("orders:new"), draft).status_code == 302
    assert client.post(reverse("orders:new"), {**draft, "do": "send"}).status_code == 422
    foreign = uuid.uuid4()
    create_once(stage.data(("MCI-1", 1)), key=foreign, dropshipper_id=other_dropshipper.pk, by=owner.pk)
    answer = client.post(reverse("orders:new"), filled(("MCI-1", 1), method=method.pk, key=str(foreign)))
    assert Order.objects.get(pk=answer.url.strip("/").split("/")[-1]).dropshipper == dropshipper


def test_a_province_is_one_that_exists_by_its_letters_or_its_name(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method, client = stage.method(), client_for(owner)
    stage.variant("MCI-1")
    form = filled(("MCI-1", 1), method=method.pk, province="Torina")
    refused = client.post(reverse("orders:new"), form)
    assert refused.status_code == 422
    assert "Giulia Rossi" in refused.content.decode()
    assert client.post(reverse("orders:new"), form | {"province": "to"}).status_code == 302
    assert client.post(reverse("orders:new"), filled(("MCI-1", 1), do="draft", province="Torina")).status_code == 302
    assert client.post(reverse("orders:new"), filled(("MCI-1", 1), province="Torino")).status_code == 302
    assert list(Order.objects.order_by("pk").values_list("province", flat=True)) == ["TO", "Torina", "TO"]


def test_what_is_typed_is_kept_in_the_form_that_couriers_dial_and_read(owner: Any, client_for: Any) -> None:
    method, client = stage.method(), client_for(owner)
    stage.variant("MCI-1")
    typed = {"province": "OT", "postcode": "07026", "city": "Olbia", "phone": "333 1110001 / 011 1110011 int. 12"}
    client.post(reverse("orders:new"), filled(("MCI-1", 1), method=method.pk, note="Suonare", **typed))
    order = Order.objects.get()
    assert (order.state, order.province, order.phone) == ("ready", "SS", "+393331110001")
    assert order.note == "int. 12, tel. +39 011 111 0011 – Suonare"
    client.post(
        reverse("orders:edit", args=[order.pk]),
        filled(("MCI-1", 1), method=method.pk, version=order.version, note=order.note, **typed),
    )
    order.refresh_from_db()
    assert order.note == "int. 12, tel. +39 011 111 0011 – Suonare"  # once


def test_san_marino_inside_italy_is_asked_and_mended_by_one_click(owner: Any, client_for: Any) -> None:
    method, client = stage.method(), client_for(owner)
    stage.variant("MCI-1")
    place = {"postcode": "47891", "city": "Serravalle", "province": "RSM"}
    form = filled(("MCI-1", 1), method=method.pk, **place)

    warned = client.post(reverse("orders:preview"), form).content.decode()
    sent = client.post(reverse("orders:new"), form)
    used = client.post(reverse("orders:new"), form | {"do": "use:47891|Serravalle||SM"}).content.decode()

    assert sent.status_code == 302
    order = Order.objects.get()
    assert (order.state, list(order.problems.values_list("code", flat=True))) == ("received", ["postcode_abroad"])
    assert 'value="use:47891|Serravalle||SM"' in warned
    assert "data-quote" not in warned or "5,00" not in warned.split('id="quotes"')[-1][:400]
    assert '<option value="SM" selected>' in used
