"""The search over everything: each finds his own, each of the staff what he may open, and what is exact opens."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Dropshipper
from catalog.models import Variant
from mci.search.found import FEW, MANY
from orders.dispatch import runs
from orders.models import Order
from shipping.models import Method, ShipmentEvent
from tests import cast
from tests.orders import stage
from wallet.models import TopUp

pytestmark = pytest.mark.django_db


def groups(page: Any) -> dict[str, str]:
    """Group → its HTML."""
    parts = re.split(r'data-group="(\w+)"', page.content.decode().split("<main")[-1].split("</main>")[0])
    return dict(zip(parts[1::2], parts[2::2], strict=True))


class Company:
    """A reseller with an order on its way, a top-up and a customer of an unusual name."""

    def __init__(self, name: str, customer: str, tracking: str, causale: str) -> None:
        self.dropshipper: Dropshipper = cast.dropshipper(name=name)
        self.owner = cast.member(self.dropshipper)
        stage.money(self.dropshipper, "100.00")
        method = Method.objects.filter(code="espresso").first() or stage.method()
        if not Variant.objects.filter(sku="MCI-0001").exists():
            stage.variant("MCI-0001")
        self.order: Order = stage.order(self.dropshipper, ("MCI-0001", 1), method=method)
        run = runs.start([self.order.pk], dropshipper_id=self.dropshipper.pk, key=uuid.uuid4(), by=self.owner.pk)
        runs.advance(run.pk)
        Order.objects.filter(pk=self.order.pk).update(
            name=customer, source_number=f"N{tracking}", street="Via Segreta 9"
        )
        self.order.refresh_from_db()
        shipment = self.order.shipment
        assert shipment is not None
        type(shipment).objects.filter(pk=shipment.pk).update(tracking=tracking, name=customer)
        ShipmentEvent.objects.create(
            shipment=shipment, axis="tracking", from_value=f"OLD{tracking}"[:20], to_value=tracking[:20]
        )
        self.order = Order.objects.select_related("shipment").get(pk=self.order.pk)
        self.top_up = TopUp.objects.create(
            dropshipper=self.dropshipper, amount="50.00", causale=causale, requested_by=self.owner
        )

    def words(self) -> dict[str, str]:
        """What leads to it, by the group that finds it."""
        shipment = self.order.shipment
        assert shipment is not None
        return {
            "orders": self.order.number,
            "customers": self.order.name[:8],
            "parcels": shipment.tracking[:6],
            "parcels by a former number": f"OLD{shipment.tracking}",
            "money": self.top_up.causale,
        }


@pytest.fixture
def mine() -> Company:
    return Company("Bottega Aurora S.r.l.", "Zoraide Mastropietro", "AAA111222IT", "MCI AAAA2222")


@pytest.fixture
def theirs() -> Company:
    return Company("Empori Vesuvio S.r.l.", "Quintiliano Passalacqua", "BBB333444IT", "MCI BBBB3333")


def test_a_reseller_finds_his_own_by_everything(client: Client, mine: Company) -> None:
    cast.sign_in(client, mine.owner)
    for group, words in mine.words().items():
        found = groups(client.get("/search/", {"q": words}))
        assert group.split()[0] in found, (group, words, list(found))
    assert "Zoraide" in groups(client.get("/search/", {"q": "zoraide"}))["orders"]
    assert "MCI-0001" in client.get("/search/", {"q": "MCI-0001"}).content.decode()


@pytest.mark.long
def test_nobody_finds_anothers(client: Client, mine: Company, theirs: Company) -> None:
    for who, other in ((mine, theirs), (theirs, mine)):
        for role in ("owner", "orders", "accounting"):
            cast.sign_in(client, cast.member(who.dropshipper, role))
            for words in other.words().values():
                for headers in ({}, {"HX-Request": "true"}):
                    page = client.get("/search/", {"q": words}, headers=headers)
                    for secret in (other.order.name, other.order.source_number, f"/orders/{other.order.pk}/"):
                        assert secret not in page.content.decode(), (role, words)
                    assert f"/top-ups/{other.top_up.pk}/" not in page.content.decode()
                assert client.get("/search/", {"q": words, "go": "1"}).status_code == 200


def test_a_role_finds_only_what_it_may_open(client: Client, mine: Company) -> None:
    words = mine.words()["money"]
    for role, sees in (("owner", True), ("accounting", True), ("orders", False)):
        cast.sign_in(client, cast.member(mine.dropshipper, role))
        assert ("money" in groups(client.get("/search/", {"q": words}))) is sees, role
    cast.sign_in(client, cast.member(mine.dropshipper, "accounting"))
    page = client.get("/search/", {"q": "Zoraide"}).content.decode()
    assert "Zoraide" in page
    assert "Segreta" not in page
    assert groups(client.get("/search/", {"q": "Segreta"})) == {}, "nor is it found by what is veiled"
    assert "/orders/new/" not in client.get("/search/", {"q": "ordine"}).content.decode().split("<main")[1]


# What each group of the staff may find.
SEES = {
    "Magazzino": {"orders", "customers", "parcels", "articles"},
    "Contabilità": {"orders", "customers", "parcels", "resellers", "top_ups"},
    "Assistenza": {"orders", "customers", "parcels", "articles", "resellers", "top_ups"},
    "Responsabile": {"orders", "customers", "parcels", "articles", "resellers", "top_ups"},
    "-": set(),
    "": {"orders", "customers", "parcels", "articles", "resellers", "top_ups"},
}


@pytest.mark.parametrize("group", SEES)
def test_the_staff_find_what_their_group_may_open_and_no_more(client: Client, mine: Company, group: str) -> None:
    cast.sign_in(client, cast.staff(group))
    found: set[str] = set()
    for words in ("MCI-0001", "zoraide", "AAA111", "Aurora", "MCI AAAA2222"):
        page = client.get("/search/", {"q": words})
        assert page.status_code == 200
        found |= set(groups(page)) - {"pages"}
        for link in set(re.findall(r'href="(/[^"]*)"', page.content.decode().split("<main")[1])):
            assert client.get(link.replace("&amp;", "&")).status_code in (200, 302), link
    assert found == SEES[group]


def test_what_is_exact_opens_by_itself(client: Client, mine: Company, theirs: Company) -> None:
    order, parcel = mine.order, mine.order.shipment
    assert parcel is not None
    desk = f"/orders/desk/{order.pk}/"
    cast.sign_in(client, cast.staff())
    for words, to in (
        (order.number, desk),
        (order.number.lower(), desk),
        (f"#{order.source_number}", desk),
        (parcel.tracking, desk),
        (f" {parcel.tracking.lower()} ", desk),
        (f"OLD{parcel.tracking}", desk),
        (mine.dropshipper.vat_number, f"/staff/dropshippers/{mine.dropshipper.pk}/"),
        (mine.top_up.causale, "/wallet/desk/top-ups/"),
    ):
        answer = client.get("/search/", {"q": words, "go": "1"})
        assert (answer.status_code, answer.headers.get("Location")) == (302, to), words
        assert client.get("/search/", {"q": words}).status_code == 200, "a link to results stays one"
    cast.sign_in(client, mine.owner)
    for words, to in (
        (order.number, f"/orders/{order.pk}/"),
        (parcel.tracking, f"/shipments/{parcel.pk}/"),
        (mine.top_up.causale.lower(), f"/wallet/top-ups/{mine.top_up.pk}/"),
        ("mci-0001", "/catalog/mci-0001/?sku=MCI-0001"),
    ):
        answer = client.get("/search/", {"q": words, "go": "1"})
        assert (answer.status_code, answer.headers.get("Location")) == (302, to), words
    # Two things of one name: the reader chooses.
    Order.objects.filter(pk=theirs.order.pk).update(dropshipper=mine.dropshipper, source_number=order.source_number)
    assert client.get("/search/", {"q": order.source_number, "go": "1"}).status_code == 200


def test_a_slip_of_the_pen_still_finds(client: Client, mine: Company) -> None:
    for person in (mine.owner, cast.staff()):
        cast.sign_in(client, person)
        assert "Zoraide" in groups(client.get("/search/", {"q": "mastropiero"}))["customers"]


def test_pages_are_found_by_what_people_call_them(client: Client, mine: Company) -> None:
    cast.sign_in(client, cast.member(mine.dropshipper, language="en"))
    for words, to in (("bank transfer", "/wallet/top-up/"), ("shops conn", "/shops/"), ("sicherheit", "")):
        page = groups(client.get("/search/", {"q": words}))
        assert (f'href="{to}"' in page.get("pages", "")) is bool(to), words


def test_nothing_found_and_nothing_asked_are_pages_too(client: Client, mine: Company) -> None:
    for person in (mine.owner, cast.staff(), cast.staff("-")):
        cast.sign_in(client, person)
        for words in ("", "x", "xyzzyq", "%", "a" * 500, "<script>", "'\"\\", "MCI-999999999", "９"):
            page = client.get("/search/", {"q": words, "go": "1"})
            assert page.status_code == 200, words
            assert "<script>" not in page.content.decode().split("<main")[1]
    client.logout()
    assert client.get("/search/?q=a")["Location"] == "/account/login/?next=/search/%3Fq%3Da"
    cast.sign_in(client, cast.member(cast.dropshipper(status="pending")))
    assert client.get("/search/").status_code == 302
    cast.sign_in(client, cast.user())
    assert client.get("/search/").status_code == 403


def test_it_costs_the_same_with_many(
    client: Client, mine: Company, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _n in range(30):
        Order.objects.create(dropshipper=mine.dropshipper, name="Zoraide Conti", city="Bologna", state="ready")
    for person in (mine.owner, cast.staff()):
        cast.sign_in(client, person)
        with django_assert_max_num_queries(26):
            page = client.get("/search/", {"q": "zoraide"}, headers={"HX-Request": "true"})
        assert page.content.decode().count('id="found-orders-') == FEW
        assert client.get("/search/", {"q": "zoraide"}).content.decode().count("MCI-") <= 3 * MANY
