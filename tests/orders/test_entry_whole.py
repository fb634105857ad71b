"""What the entry form says, made into an order and shown while it is typed: whole, for a new order, one by hand and one
of a shop."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError
from django.http import QueryDict
from django.urls import reverse

from catalog.models import Variant
from core.models import Place
from orders import queries
from orders.dispatch import plan
from orders.entry import live, typed
from orders.entry.forms import OrderForm
from orders.errors import SentBefore
from orders.intake import creation, editing, idempotency
from orders.models import Order
from shipping.models import Method
from tests import cast, differing
from tests.orders import whole
from tests.orders.test_entry_page import filled
from tests.orders.test_shop_orders_whole import made

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> differing.World:
    return differing.world()


FORM = {
    "name": " Ugo Neri ",
    "street": "Via Po 3",
    "street2": "Scala B",
    "company": "Ca",
    "postcode": "14100",
    "city": "Asti",
    "province": "at",
    "phone": "333 0000003 int. 9",
    "email": "ugo@example.com",
    "note": "Suonare",
    "marketplace": "EBAY",
    "reference": "#88",
    "payment": "cod",
    "sale_total": "91,07",
    "to_collect": "83,03",
}


def read(form: dict[str, Any], order: Order | None = None) -> tuple[OrderForm, typed.Lines]:
    data = QueryDict(mutable=True)
    data.update({name: str(value) for name, value in form.items()})
    post, rows = typed.read(data)
    made_form, lines = OrderForm(post, order=order), typed.formset(rows, post)
    assert made_form.is_valid(), made_form.errors
    lines.is_valid()
    return made_form, lines


ADDRESS = replace(
    differing.ADDRESSES["terraferma"],
    name="Ugo Neri",
    street="Via Po 3",
    street2="Scala B",
    company="Ca",
    postcode="14100",
    city="Asti",
    province="AT",
    phone="+393330000003",
    email="ugo@example.com",
)


def test_a_form_becomes_an_order_as_it_was_typed() -> None:
    form = filled(("A-1", 3), ("B*4", 1), ("", 7), ("C", ""), **FORM)
    assert typed.order_data(*read(form), None) == creation.OrderData(
        address=ADDRESS,
        lines=[creation.LineData("A-1", "", 3), creation.LineData("B", "", 4), creation.LineData("C", "", 1)],
        payment="cod",
        sale_total=D("91.07"),
        to_collect=D("83.03"),
        note="int. 9 – Suonare",
        source_label="eBay",
        source_number="88",
    )
    empty = typed.order_data(*read({}), None)
    nobody = replace(ADDRESS, **dict.fromkeys(typed.ADDRESS, "") | {"country": "IT"})
    assert empty == creation.OrderData(nobody, [], "prepaid")
    assert typed.address_of({"country": "FR", "city": None}) == replace(nobody, country="FR")


def test_what_was_pasted_becomes_rows_where_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed, "MAX_LINES", 3)
    rows = {f"lines-{n}-{name}": f"{name}{n}" for n in range(2) for name in ("row", "sku", "quantity")}

    def said(pasted: str, total: str = "2", **more: str) -> tuple[str, list[dict[str, Any]]]:
        data = QueryDict(mutable=True)
        data.update({**rows, "lines-TOTAL_FORMS": total, "pasted": pasted, **more})
        post, found = typed.read(data)
        return post["pasted"], found

    one, two = ({name: f"{name}{n}" for name in ("row", "sku", "quantity")} for n in range(2))
    assert said("") == ("", [one, two])
    assert said("X*4") == ("", [one, two, {"sku": "X", "quantity": 4}])
    assert said("X\nY") == ("X\nY", [one, two])  # all of it or nothing
    assert said("X\nY", **{"lines-0-sku": " "}) == ("", [two, {"sku": "X", "quantity": 1}, {"sku": "Y", "quantity": 1}])
    blank = dict.fromkeys(("row", "sku", "quantity"), "")
    assert said("", "7") == ("", [one, two, *[blank] * 4])
    assert [said("", total)[1] for total in ("", "x", "²", "12345", "-1", "0")] == [[]] * 6
    assert len(said("", "9999")[1]) == 6


def test_a_shops_order_keeps_what_it_said_of_the_lines_that_nobody_touched(world: differing.World) -> None:
    order, _data = made(world)
    editing.match([order.pk], sku="NON-C-E", variant_id=world.articles["DIV-E"].pk, by=None)
    order = queries.for_detail(Order.objects.get(pk=order.pk))
    a, b, c, _d = order.lines.all()
    assert [typed.shown_sku(line) for line in order.lines.all()] == ["DIV-A", "DIV-E", "", "X-9"]
    assert typed.own(order) == [a, b, c]
    form = filled(("DIV-A", 9), ("DIV-E", 2), ("NEW", 5), **FORM)
    form |= {"lines-0-row": a.pk, "lines-1-row": b.pk, "lines-2-row": c.pk}
    assert typed.order_data(*read(form, order), order) == creation.OrderData(
        address=ADDRESS,
        lines=[
            creation.LineData(
                *("DIV-A", "Targa", 9, a.variant_id, "p/1", D("24.18")),
                shop_line="l1",
                attributes=[["Incisione", "Ada"]],  # type: ignore[list-item]
                bundle="Cesto",
            ),
            creation.LineData("NON-C-E", "Vaso", 2, b.variant_id, "p/2", D("7.35"), shop_line="l2", attributes=[]),
            creation.LineData("NEW", "", 5),
            creation.LineData("X-9", "D’altri", 4, None, "p/4", D("40.16"), True, shop_line="l4", attributes=[]),
        ],
        payment="cod",
        payment_detail="Contrassegno",
        sale_total=D("91.07"),
        to_collect=D("83.03"),
        note="int. 9 – Suonare",
        source="woocommerce",
        source_label="Casa Bella",
        source_number="1001",
    )
    assert typed.data_of(order) == creation.OrderData(
        address=order.address,
        lines=[
            creation.LineData("DIV-A", "Targa", 2, a.variant_id, "p/1", D("24.18")),
            creation.LineData("DIV-E", "Vaso", 3, b.variant_id, "p/2", D("7.35")),
            creation.LineData("", "Senza codice", 5, None, "p/3", D("11.02")),
            creation.LineData("X-9", "D’altri", 4, None, "p/4", D("40.16"), True),
        ],
        payment="cod",
        sale_total=D("82.71"),
        to_collect=D("81.53"),
        note="Citofono 7",
        source="woocommerce",
        source_label="Casa Bella",
        source_number="1001",
    )
    Order.objects.filter(pk=order.pk).update(source="manual")
    order.source = "manual"
    mine = typed.order_data(*read(form, order), order)
    assert (mine.source, mine.source_label, mine.source_number) == ("manual", "eBay", "88")


def test_a_new_sku_must_be_ours_and_what_a_shop_sent_may_stay(world: differing.World) -> None:
    order, _data = made(world)
    order = queries.for_detail(Order.objects.get(pk=order.pk))
    b = order.lines.all()[1]

    def known(*lines: tuple[str, Any], order: Order | None = None, **rows: Any) -> tuple[bool, list[Any], list[Any]]:
        form, formset = read(filled(*lines) | rows, order)
        fine = typed.articles_are_known(form, formset, order)
        return fine, list(form.non_field_errors()), [dict(line.errors) for line in formset]

    assert known(("DIV-A", 1), (" div-b ", 1)) == (True, [], [{}, {}])
    missing = {"sku": ["NON-C-E non è nel catalogo."]}
    assert known(("DIV-A", 1), ("NON-C-E", 1), ("DIV-C", 1)) == (False, [], [{}, missing, {}])
    assert known(("NON-C-E", 1), order=order) == (False, [], [missing])
    assert known(("NON-C-E", 1), order=order, **{"lines-0-row": b.pk}) == (True, [], [{}])
    other = {"sku": ["ALTRO non è nel catalogo."]}
    assert known(("ALTRO", 1), order=order, **{"lines-0-row": b.pk}) == (False, [], [other])
    assert known(("", 1)) == (False, ["Aggiungi almeno un articolo."], [{}])
    assert known(("", 1), order=order) == (True, [], [{}])  # something else ships
    order.lines.filter(ignored=True).delete()
    bare = queries.for_detail(Order.objects.get(pk=order.pk))
    assert known(("", 1), order=bare)[0] is False
    Order.objects.filter(pk=order.pk).update(source="manual")
    manual = queries.for_detail(Order.objects.get(pk=order.pk))
    assert known(("NON-C-E", 1), order=manual, **{"lines-0-row": b.pk}) == (False, [], [missing])


# ---- sent twice


def test_a_form_that_comes_twice_is_one_order_and_with_other_words_none(world: differing.World) -> None:
    by, key = cast.member(world.seller).pk, uuid.uuid4()
    data = world.data(("DIV-A", 2), source_label="eBay", source_number="88")
    said: dict[str, Any] = {
        "key": key,
        "dropshipper_id": world.seller.pk,
        "by": by,
        "method_id": world.methods["due"].pk,
    }
    first = idempotency.create_once(data, **said)
    assert idempotency.create_once(data, **said) == first
    row = whole.read(first.pk)
    assert (row["entry_key"], len(row["entry_digest"])) == (key, 64)
    assert (row["state"], row["method_id"], row["source_number"]) == ("ready", world.methods["due"].pk, "88")
    assert row["events"][0] == ("created", {}, by)
    for other, more in [
        (replace(data, note="Altro"), {}),
        (replace(data, source_label="Amazon"), {}),
        (replace(data, source_number="89"), {}),
        (data, {"draft": True}),
        (data, {"method_id": world.methods["uno"].pk}),
    ]:
        with pytest.raises(SentBefore) as refused:
            idempotency.create_once(other, **said | more)
        assert refused.value.params == {"number": first.number}
    assert Order.objects.count() == 1
    theirs = idempotency.create_once(data, **said | {"dropshipper_id": world.other.pk})
    assert (theirs.dropshipper_id, theirs.pk != first.pk) == (world.other.pk, True)
    draft = idempotency.create_once(data, **said | {"key": uuid.uuid4(), "draft": True})
    assert draft.state == "draft"

    same: dict[str, Any] = {"key": uuid.uuid4(), "dropshipper_id": world.seller.pk}
    one = idempotency.once(lambda: first, content={"a": 1, "b": 2}, **same)
    assert idempotency.once(lambda: draft, content={"b": 2, "a": 1}, **same) == one  # however the words are sorted
    assert typed.key_of(str(key)) == key
    assert typed.key_of("x") != typed.key_of("x")

    def broken() -> Order:
        raise IntegrityError("of something else")

    with pytest.raises(IntegrityError, match="of something else"):
        idempotency.once(broken, content={}, key=uuid.uuid4(), dropshipper_id=world.seller.pk)


# ---- while it is typed


def test_what_is_shown_while_it_is_typed(world: differing.World, client_for: Any) -> None:
    Place.objects.create(postcode="10122", city="Torino", province="TO", city_key="torino")
    client = client_for(cast.member(world.seller))
    uno, due = world.methods["uno"], world.methods["due"]
    before = world.order(("DIV-B", 1), source_label="eBay", source_number="88", method="due")
    world.order(("DIV-C", 1), seller=world.other, method="uno")

    def shown(*lines: tuple[str, Any], **fields: Any) -> Any:
        form = {**filled(*lines), "street2": "", "street": "Via Garibaldi 12", **fields}
        return client.post(reverse("orders:preview"), form).context

    lines = (("DIV-A", 2), ("ALTRO", 3), ("div-a", 39), ("DIV-D", 1))
    said = {"payment": "cod", "to_collect": "61,07", "marketplace": "ebay", "reference": "88", "city": "Torino"}
    context = shown(*lines, **said)
    figures = context["preview"]
    assert isinstance(figures, plan.Preview)
    assert [
        (one.variant and one.variant.sku, one.unknown, one.wanted, one.is_short) for one in context["articles"]
    ] == [*(("DIV-A", False, 41, True), (None, True, 1, False), ("DIV-A", False, 41, True), ("DIV-D", False, 1, False))]
    assert (context["missing"], figures.unknown, context["order"], context["is_cod"]) == (1, ["ALTRO"], None, True)
    assert (context["method_id"], context["preselected"], figures.quote.method_id) == (due.pk, due.pk, due.pk)
    assert context["figures"] == figures.price == figures.prices[due.pk]
    assert context["quotes"] == [(quote, figures.prices.get(quote.method_id)) for quote in figures.quotes]
    assert {quote.method_id for quote, price in context["quotes"] if price} == {uno.pk, due.pk, world.methods["tre"].pk}
    assert (context["sent_before"], context["typed_before"]) == (before, before)
    assert (context["agrees"], context["unsure"], context["doubts"]) == (True, None, [])
    assert [place.city for place in context["places"]] == ["Torino"]
    margin = figures.price.margin
    assert shown(*lines, **said | {"to_collect": "62,07"})["figures"].margin == margin + 1

    # What a person chose stays; what was only preselected goes with what the address needs.
    assert shown(*lines, method=uno.pk, **said)["method_id"] == uno.pk
    assert shown(*lines, method=uno.pk, **said)["preselected"] is None
    assert shown(*lines, method=uno.pk, preselected=uno.pk, **said)["method_id"] == due.pk
    assert shown(*lines, method=uno.pk, preselected=due.pk, **said)["method_id"] == uno.pk
    gone = shown(*lines, method=999_999, **said)
    assert (gone["method_id"], gone["preselected"], gone["figures"]) == (999_999, None, None)
    nowhere = shown(*lines, country="DE", **said)
    assert (nowhere["figures"], list(nowhere["places"])) == (None, [])
    doubt = shown(("DIV-A", 1), city="Milano", province="MI")
    assert (doubt["agrees"], doubt["is_cod"], doubt["missing"], doubt["typed_before"]) == (False, False, 0, None)
    assert [one.field_name for one in doubt["doubts"]] != []
    bare = shown(("DIV-A", 1), city="", postcode="")
    assert (bare["doubts"], list(bare["places"]), bare["sent_before"]) == ([], [], None)

    # The same of an order that is open: it is not its own twin.
    own = client.get(reverse("orders:edit", args=[before.pk])).context
    assert (own["order"], own["sent_before"], own["typed_before"], own["method_id"]) == (before, None, None, due.pk)
    assert own["figures"] == plan.plan([before.pk], dropshipper_id=world.seller.pk).rows[0].price
    new = client.get(reverse("orders:new")).context
    assert (new["is_cod"], new["figures"], new["missing"], new["order"]) == (False, None, 0, None)
    assert (new["method_id"], new["preselected"]) == (due.pk, due.pk)
    shop, _data = made(world)
    page = client.get(reverse("orders:edit", args=[shop.pk])).context
    assert (page["order"], page["preselected"], page["typed_before"], page["missing"]) == (shop, None, None, 1)
    Order.objects.filter(pk=shop.pk).update(method=None)
    assert client.get(reverse("orders:edit", args=[shop.pk])).context["method_id"] is None


def test_the_usual_shipping_is_the_companys_newest_that_is_still_offered(world: differing.World) -> None:
    assert live.usual_method(world.seller.pk) is None
    for method in ("uno", "due"):
        world.order(("DIV-B", 1), method=method)
    world.order(("DIV-B", 1), method=None)
    world.order(("DIV-B", 1), method="tre", seller=world.other)
    assert live.usual_method(world.seller.pk) == world.methods["due"].pk
    Method.objects.filter(pk=world.methods["due"].pk).update(active=False)
    assert live.usual_method(world.seller.pk) == world.methods["uno"].pk
    assert Counter(Variant.objects.values_list("active", flat=True)) == {True: 5}
