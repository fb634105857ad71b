"""What an address asks before an order may go, from a shop's order to the click."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import Place
from core.places import city_key
from orders import problems
from orders.dispatch import runs
from orders.intake import bulk, editing
from orders.models import Order
from orders.questions import questions
from shipping.models import Courier
from tests.connectors.arrivals import PREPAID, arrive, ready_shop
from tests.connectors.conftest import make_shop, order_body
from tests.orders import stage
from tests.shipping import prices

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(dropshipper: Any) -> Any:
    shop = make_shop(dropshipper, address="http://127.0.0.1:9")
    ready_shop(shop)
    return shop


def send(shop: Any, number: int = 1, *, phone: str = "+39 333 1110001", **place: str) -> Order:
    whole = {**order_body()["shipping"], "address_1": "Via Prova 1", "phone": phone, **place}
    return arrive(shop, number, quantity=number, shipping=whole, billing={**whole, "email": "x@example.it"}, **PREPAID)


def found(order: Order) -> dict[str, bool]:
    return {problem.code: problem.blocking for problem in order.problems.all()}


@pytest.mark.parametrize(
    ("city", "postcode", "state"),
    [
        *(("La Maddalena", "07024", "OT"), ("Iglesias", "09016", "CI"), ("Guspini", "09036", "VS")),
        *(("Lanusei", "08045", "OG"), ("Sant'Antioco", "09017", "SU"), ("Seregno", "20831", "MI")),
        *(("Forlì", "47121", "FO"), ("Fano", "61032", "PS"), ("Milano", "20121", "Milano")),
        *(
            ("Forlì", "47121", "Forlì-Cesena"),
            ("Milano", "20121", "IT-25"),
            ("Desio", "20832", "Monza Brianza"),
        ),
    ],
)
def test_provinces_that_shops_still_send_are_no_obstacle(shop: Any, city: str, postcode: str, state: str) -> None:
    order = send(shop, city=city, postcode=postcode, state=state)
    assert (order.state, found(order)) == (Order.State.READY, {})


@pytest.mark.parametrize(
    ("postcode", "state"), [("07029", "OT"), ("09013", "CI"), ("09039", "VS"), ("08048", "OG"), ("08048", "Ogliastra")]
)
def test_the_islands_are_never_charged_as_the_mainland(shop: Any, postcode: str, state: str) -> None:
    islands = prices.zone("islands", *(("IT", letters, "") for letters in ("SS", "SU", "NU", "CA", "OR")))
    shop.method.rates.create(zone=islands, max_weight_g=30_000, net="9.00")
    order = send(shop, city="Paese", postcode=postcode, state=state)
    runs.dispatch_now(order.pk, dropshipper_id=order.dropshipper_id, key=uuid.uuid4(), by=None)
    order.refresh_from_db()
    assert (order.state, str(order.shipping_net)) == ("dispatched", "9.00")


def test_a_province_on_the_mainland_with_an_islands_postcode_is_asked(shop: Any) -> None:
    order = send(shop, city="Olbia", postcode="07026", state="MI")
    assert (order.state, found(order)) == ("received", {"province_elsewhere": True})
    assert questions.answer(order.pk, "province_elsewhere", "", by=1) is False  # there is nothing to be right about


@pytest.mark.parametrize(
    ("city", "postcode", "state", "code"),
    [
        *(("San Marino", "47890", "RN", "postcode_abroad"), ("Serravalle", "47891", "RSM", "postcode_abroad")),
        *(("Domagnano", "47895", "", "postcode_abroad"), ("Città del Vaticano", "00120", "RM", "postcode_abroad")),
        *(("Livigno", "23041", "SO", "outside_customs"), ("Campione d'Italia", "22061", "CO", "outside_customs")),
    ],
)
def test_what_lies_inside_italy_but_is_not_priced_so_is_asked(
    shop: Any, city: str, postcode: str, state: str, code: str
) -> None:
    order = send(shop, city=city, postcode=postcode, state=state)
    assert order.state == Order.State.RECEIVED
    assert found(order).pop(code) is True
    assert "province_unknown" not in found(order)
    words = problems.sentence(order.problems.get(code=code))
    assert {"postcode_abroad": postcode, "outside_customs": city}[code] in words


def test_an_answer_lets_livigno_go_and_the_country_mends_san_marino(shop: Any, owner: Any) -> None:
    livigno = send(shop, 1, city="Livigno", postcode="23041", state="SO")
    assert questions.answer(livigno.pk, "outside_customs", "", by=owner.pk) is True
    livigno.refresh_from_db()
    assert (livigno.state, found(livigno)) == ("ready", {})
    marino = send(shop, 2, city="San Marino", postcode="47890", state="RN")
    Order.objects.filter(pk=marino.pk).update(country="SM", province="")
    problems.recompute(Order.objects.get(pk=marino.pk))
    marino.refresh_from_db()
    assert (marino.state, found(marino)) == ("ready", {})


@pytest.mark.parametrize(
    ("phone", "missing"),
    [
        *(("333 1110001", False), ("+39+39 333 1110001", False), ("011 111001", False), ("+41 91 123 45 67", False)),
        *(("-", True), ("0000000000", True), ("333", True), ("", True)),
    ],
)
def test_what_is_no_telephone_is_missing_and_is_shown(shop: Any, phone: str, missing: bool) -> None:
    order = send(shop, phone=phone, city="Torino", postcode="10121", state="TO")
    assert order.state == Order.State.READY
    assert found(order) == ({"phone_missing": False} if missing else {})
    if missing:
        words = problems.sentence(order.problems.get())
        assert (f"“{phone}”" in words) is bool(phone)


def test_an_order_keeps_the_normal_form_and_shows_what_the_shop_gave(shop: Any, owner: Any, client_for: Any) -> None:
    order = send(shop, phone="+39 011 111 0011 int. 04455", city="Olbia", postcode="07026", state="OT")
    assert (order.province, order.phone, order.note) == ("SS", "+390111110011", "int. 04455")
    assert {"OT", "+39 011 111 0011 int. 04455"} <= set(order.shop_data["address"])
    page = client_for(owner).get(f"/orders/{order.pk}/").content.decode()
    assert re.search(r'data-given="province">[^<]*OT', page)
    assert re.search(r'data-given="phone">[^<]*int\. 04455', page)
    assert send(shop, 2, phone="-", city="Olbia", postcode="07026", state="OT").phone == "-"


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        *(("333 111.0001", False), ("+39 333 1110001", False), ("0039 333-1110001", False), ("(011) 111001", False)),
        *(("+39+39 333 1110001", True), ("333 1110001 Anna", True)),
    ],
)
def test_spaces_and_the_prefix_are_no_other_number(
    shop: Any, owner: Any, client_for: Any, phone: str, shown: bool
) -> None:
    order = send(shop, phone=phone, city="Torino", postcode="10121", state="TO")
    assert ('data-given="phone"' in client_for(owner).get(f"/orders/{order.pk}/").content.decode()) is shown


LONG = {
    "first_name": "Associazione Culturale Amici dell’Università",
    "last_name": "della Terza Età",
    "address_1": "Via Santa Maria del Suffragio e San Vincenzo 157 H",
    "address_2": "terza casa a sinistra",
    "city": "Modena",
    "postcode": "41122",
    "state": "MO",
}


def cut(order: Order) -> set[str]:
    return set(order.problems.filter(code="courier_text").values_list("subject", flat=True))


def test_what_a_courier_cannot_take_is_told_when_the_order_comes(shop: Any) -> None:
    assert cut(send(shop, 1, **LONG)) == set()  # nothing is known of this courier's fields
    Courier.objects.update(name="GLS", name_limit=35, street_limit=35, city_limit=30, note_limit=40, text_form="ascii")
    order = send(shop, 2, **LONG)
    assert cut(order) == {"name", "street"}
    assert order.state == Order.State.READY
    assert "GLS" in problems.sentence(order.problems.filter(code="courier_text").first())
    other = stage.method("altro")
    editing.choose_method([order.pk], other.pk, dropshipper_id=order.dropshipper_id, by=None)
    assert cut(order) == set()
    editing.choose_method([order.pk], shop.method_id, dropshipper_id=order.dropshipper_id, by=None)
    assert cut(order) == {"name", "street"}


def test_many_orders_ask_for_the_courier_once(shop: Any, dropshipper: Any) -> None:
    Courier.objects.update(name="GLS", street_limit=35)

    def queries(how_many: int) -> int:
        many = {pk: stage.data(("MCI-0001", 1), source="woocommerce") for pk in bulk.numbers(how_many)}
        with CaptureQueriesContext(connection) as seen:
            bulk.create_many(many, dropshipper_id=dropshipper.pk, method_id=shop.method_id)
        return len(seen)

    queries(1)
    assert queries(2) == queries(20)


def test_only_what_is_known_is_said_to_agree(shop: Any, owner: Any, client_for: Any) -> None:
    Place.objects.create(postcode="20121", city="Milano", province="MI", city_key=city_key("Milano"))
    Place.objects.create(
        postcode="20063", city="Cernusco sul Naviglio", province="MI", city_key=city_key("Cernusco sul Naviglio")
    )

    def says(number: int, city: str) -> bool:
        order = send(shop, number, city=city, postcode="20121", state="MI")
        return 'class="mci-fine"' in client_for(owner).get(f"/orders/{order.pk}/").content.decode()

    assert [
        says(n, city) for n, city in enumerate(("Milano", "Cernusco", "Pippolandia", "Cernusco sul Naviglio"), 1)
    ] == [*(True, False, False, False)]


@pytest.mark.parametrize("postcode", ["184", "0184", "1O121", "101211", "CAP"])
def test_what_is_no_postcode_is_asked(shop: Any, postcode: str) -> None:
    """No courier takes it, no tariff knows it."""
    order = send(shop, city="Roma", postcode=postcode, state="RM")
    assert (order.state, found(order)) == (Order.State.RECEIVED, {"postcode_malformed": True})
    assert order.problems.get().params == {"value": postcode}


@pytest.mark.parametrize("postcode", ["I-20121", " 20 121 "])
def test_a_postcode_with_something_around_it_is_one(shop: Any, postcode: str) -> None:
    order = send(shop, city="Milano", postcode=postcode, state="MI")
    assert (order.state, order.postcode, found(order)) == (Order.State.READY, "20121", {})


@pytest.mark.parametrize("state", ["Napoli (NA)", "Napoli - NA", "napoli/na", "Prov. di Napoli (NA)"])
def test_a_province_in_words_with_its_letters_is_one(shop: Any, state: str) -> None:
    order = send(shop, city="Napoli", postcode="80121", state=state)
    assert (order.state, order.province) == (Order.State.READY, "NA")


@pytest.mark.parametrize(
    ("city", "postcode", "state", "abroad"),
    [
        ("Repubblica di San Marino", "47921", "RN", True),
        ("San Marino", "47900", "RN", True),
        ("Rep. San Marino", "", "", True),
        ("San Marino", "40010", "BO", False),  # a hamlet of Bentivoglio
        ("San Marino in Rio", "42010", "RE", False),
    ],
)
def test_san_marino_by_its_name(shop: Any, city: str, postcode: str, state: str, abroad: bool) -> None:
    assert ("postcode_abroad" in found(send(shop, city=city, postcode=postcode, state=state))) is abroad


def test_a_street_in_the_second_line_alone_is_the_street(shop: Any) -> None:
    order = send(shop, city="Milano", postcode="20121", state="MI", address_1="", address_2="Via Prova 12")
    assert (order.state, order.street, order.street2) == (Order.State.READY, "Via Prova 12", "")
