"""An order is found by what people write and say of it: the customer who calls, the mail that he wrote, a number with
its words around it. Who does not see telephones and e-mails does not find by them either."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Member
from orders.models import Order
from tests import cast
from tests.orders import stage

pytestmark = pytest.mark.django_db
HIS = ["333 111 2223", "+39 3331112223", "0039-333.111.2223", "niccolo.d@example.com", " Niccolo.D@Example.COM "]


@pytest.fixture
def order(dropshipper: Any) -> Order:
    stage.variant("LUME-900")
    found, other = (stage.order(dropshipper, ("LUME-900", 1)) for _ in range(2))
    Order.objects.filter(pk=found.pk).update(
        name="Niccolò D’Angelo", phone="+393331112223", email="niccolo.d@example.com", source_number="IT1042"
    )
    Order.objects.filter(pk=other.pk).update(name="Ugo Bianchi", phone="+393331112224", email="", source_number="ALTRO")
    return Order.objects.get(pk=found.pk)


def listed(client: Any, text: str) -> set[str]:
    page = client.get(reverse("orders:list"), {"q": text, "source": "all"}).content.decode()
    return {one.number for one in Order.objects.all() if f"/orders/{one.pk}/" in page}


@pytest.mark.parametrize(
    "text",
    [
        *("niccolò", "NICCOLO", "niccolo'", "D'Angelo Niccolò", "d’angelo", "Niccolò  D’Angelo", "\u200bniccolò"),
        *("it1042", "#IT1042", "ordine #IT1042"),
        *HIS,
    ],
)
def test_as_people_write_it(order: Order, owner: Any, client_for: Any, text: str) -> None:
    assert listed(client_for(owner), text) == {order.number}
    everything = client_for(owner).get(reverse("mci:search"), {"q": text}).content.decode()
    assert order.number in everything


@pytest.mark.parametrize("form", ["{}", "#{}", "ordine {}", "n. {}", "MCI {}", "mci-{}", "Ordine n° MCI {}"])
def test_our_number_with_what_stands_around_it(order: Order, owner: Any, client_for: Any, form: str) -> None:
    assert listed(client_for(owner), form.format(order.pk)) == {order.number}


@pytest.mark.parametrize("text", ["bianchi niccolò", "333 111 2225", "nobody@example.com", "'", "ordine n."])
def test_what_is_nobodys_finds_nobody(order: Order, owner: Any, client_for: Any, text: str) -> None:
    assert listed(client_for(owner), text) == set()


@pytest.mark.parametrize("text", HIS)
def test_who_does_not_see_them_does_not_find_by_them(
    order: Order, dropshipper: Any, client_for: Any, text: str
) -> None:
    accounting = cast.member(dropshipper, role=Member.Role.ACCOUNTING)
    assert listed(client_for(accounting), text) == set()
    found = client_for(accounting).get(reverse("mci:search"), {"q": text}).content.decode()
    assert order.number not in found


@pytest.mark.parametrize("text", ["niccolo", "333 111 2223", "niccolo.d@example.com", "#MCI-{}"])
def test_the_desk_too(order: Order, staff: Any, client_for: Any, text: str) -> None:
    page = client_for(staff).get(reverse("mci:search"), {"q": text.format(order.pk), "go": ""}, follow=True)
    assert order.number in page.content.decode()


@pytest.mark.parametrize("text", ["niccolo", "333 111 2223", "niccolo.d@example.com", "MCI {}", "ordine {}"])
def test_the_desks_own_list_too(order: Order, staff: Any, client_for: Any, text: str) -> None:
    page = client_for(staff).get(reverse("orders:desk"), {"q": text.format(order.pk)}, follow=True)
    assert page.status_code == 200
