"""shipping/admin.py: the tariff is typed, holes are refused with a sentence and nothing changes; parcels are read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shipping.models import Courier, Method, Rate, Shipment, Zone, ZoneArea
from shipping.pages.tariff_forms import warnings_of
from tests.shipping import prices
from tests.shipping.parcels import parcel

pytestmark = pytest.mark.django_db
Row = dict[str, Any]


@pytest.fixture
def desk(staff: Any, client_for: Any) -> Any:
    return client_for(staff)


def rows(prefix: str, new: list[Row], old: list[Row] | None = None) -> dict[str, str]:
    """The fields of an inline formset."""
    old = old or []
    posted: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(old) + len(new), f"{prefix}-INITIAL_FORMS": len(old)}
    for index, row in enumerate([*old, *new]):
        posted |= {f"{prefix}-{index}-{name}": value for name, value in row.items()}
    return {name: str(value) for name, value in posted.items()}


def rate(zone: Zone, grams: int, net: str, **more: Any) -> Row:
    return {"zone": zone.pk, "max_weight_g": grams, "net": net, "cod_allowed": "on", **more}


def method_fields(courier: Courier, **changed: Any) -> dict[str, str]:
    fields = {
        "courier": courier.pk, "name": "Nuovo", "code": "nuovo", "days_min": 1, "days_max": 2, "max_weight_g": 30_000,
        "vat_rate": "22.00", "cod_allowed": "on", "cod_fee_fixed": "2.00", "cod_fee_percent": "1.50",
        "cod_fee_min": "2.50", "return_net": "", "position": 0, "active": "on", **changed,
    }  # fmt: skip
    return {name: str(value) for name, value in fields.items()}


def sentences(answer: Any) -> list[str]:
    """All that the page complains of, form and rows together."""
    found = [str(error) for errors in answer.context["adminform"].form.errors.values() for error in errors]
    for inline in answer.context["inline_admin_formsets"]:
        found += [str(error) for error in inline.formset.non_form_errors()]
        found += [str(error) for form in inline.formset.errors for errors in form.values() for error in errors]
    return found


def test_a_method_is_added_with_its_rates_and_quotes_at_once(desk: Any) -> None:
    from shipping.tariffs.quotes import Tariff

    courier = Courier.objects.create(name="Freccia", code="freccia")
    italy = prices.zone("italia", ("IT", "", ""))
    answer = desk.post(
        reverse("admin:shipping_method_add"),
        method_fields(courier) | rows("rates", [rate(italy, 2000, "5.20"), rate(italy, 30_000, "9.90")]),
    )
    assert answer.status_code == 302
    made = Method.objects.get(code="nuovo")
    quote = Tariff.load().quote(
        made.pk, country="IT", province="RM", postcode="00144", weight_g=2500, collect=Decimal("100.00")
    )
    assert (quote.net, quote.cod_fee_net) == (Decimal("9.90"), Decimal("3.50"))


@pytest.mark.parametrize(
    ("bands", "word"),
    [
        ([(30_000, "-0.01")], "negative"),
        ([(0, "5.00"), (30_000, "9.00")], "zero"),
        ([(2000, "5.00"), (2000, "6.00"), (30_000, "9.00")], "overlap"),
        ([(30_000, "5.00"), (50_000, "9.00")], "Never used"),
        ([(2000, "5.00"), (10_000, "9.00")], "band is missing"),
        ([(30_000, "5.001")], ""),
        ([(30_000, "NaN")], ""),
    ],
)
def test_a_tariff_with_a_hole_is_refused_with_a_sentence(desk: Any, bands: list[tuple[int, str]], word: str) -> None:
    courier = Courier.objects.create(name="Freccia", code="freccia")
    italy = prices.zone("italia", ("IT", "", ""))
    posted = method_fields(courier) | rows("rates", [rate(italy, grams, net) for grams, net in bands])

    answer = desk.post(reverse("admin:shipping_method_add"), posted, headers={"Accept-Language": "en"})

    assert answer.status_code == 200
    found = sentences(answer)
    assert found
    assert not any("shipping_" in sentence for sentence in found)
    if answer.context["LANGUAGE_CODE"] == "en":
        assert any(word in sentence for sentence in found), found
    assert (Method.objects.count(), Rate.objects.count()) == (0, 0)


def test_a_zone_that_stops_early_is_allowed_and_pointed_out(desk: Any) -> None:
    courier = Courier.objects.create(name="Freccia", code="freccia")
    italy, islands = prices.zone("italia", ("IT", "", "")), prices.zone("isole", ("IT", "PA", ""))
    posted = method_fields(courier) | rows("rates", [rate(italy, 30_000, "5.00"), rate(islands, 10_000, "9.00")])

    answer = desk.post(reverse("admin:shipping_method_add"), posted, follow=True)

    method = Method.objects.get()
    assert [message.level_tag for message in answer.context["messages"]].count("warning") == 1
    assert len(warnings_of(method)) == 1
    Rate.objects.create(method=method, zone=islands, max_weight_g=30_000, net="8.00")
    assert len(warnings_of(method)) == 1  # heavier is cheaper now
    Rate.objects.all().delete()
    assert len(warnings_of(method)) == 1  # it goes nowhere


def test_a_rate_is_changed_and_another_removed(desk: Any) -> None:
    prices.italy()
    method = prices.method(rates={"mainland": {2000: "5.00", 30_000: "9.00"}, "islands": {30_000: "12.00"}})
    rates = list(method.rates.order_by("zone__name", "max_weight_g"))
    old = [rate(row.zone, row.max_weight_g, str(row.net), id=row.pk, method=method.pk) for row in rates]
    islands, light, heavy = old
    islands["DELETE"] = "on"
    heavy["net"] = "9.50"

    answer = desk.post(
        reverse("admin:shipping_method_change", args=[method.pk]),
        method_fields(method.courier, name=method.name, code=method.code) | rows("rates", [], old),
    )

    assert answer.status_code == 302
    assert sorted(method.rates.values_list("max_weight_g", "net")) == [
        (light["max_weight_g"], Decimal("5.00")),
        (30_000, Decimal("9.50")),
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"cod_fee_fixed": "-1"},
        {"cod_fee_percent": "101"},
        {"vat_rate": "31"},
        {"return_net": "-0.01"},
        {"days_min": 3, "days_max": 2},
        {"max_weight_g": 0},
    ],
)
def test_a_method_out_of_range_is_refused(desk: Any, changed: Row) -> None:
    courier = Courier.objects.create(name="Freccia", code="freccia")
    italy = prices.zone("italia", ("IT", "", ""))
    posted = method_fields(courier, **changed) | rows("rates", [rate(italy, 30_000, "5.00")])
    answer = desk.post(reverse("admin:shipping_method_add"), posted)
    assert answer.status_code == 200
    assert sentences(answer)
    assert not any("shipping_" in sentence for sentence in sentences(answer))
    assert Method.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "taken"),
    [
        ({}, True),
        ({"cod_cap": "4999.99"}, True),
        ({"tracking_url": ""}, True),
        ({"cod_cap": "5000.00"}, False),
        ({"cod_cap": "-1"}, False),
        ({"tracking_url": "javascript:alert(1)//{tracking}"}, False),
        ({"tracking_url": "https://track.example/"}, False),
    ],
)
def test_a_courier_has_a_lawful_cap_and_a_usable_tracking_address(desk: Any, changed: Row, taken: bool) -> None:
    posted = {"name": "Freccia", "code": "freccia", "cod_cap": "999.00", "active": "on"}
    posted |= {"tracking_url": "https://track.example/?n={tracking}", **changed}
    answer = desk.post(reverse("admin:shipping_courier_add"), posted)
    assert (answer.status_code == 302) is taken
    assert Courier.objects.count() == taken
    if not taken:
        assert not any("shipping_" in error for errors in answer.context["errors"] for error in errors)


def test_areas_are_written_in_one_way_and_lie_in_one_zone(desk: Any) -> None:
    prices.zone("isole", ("IT", "PA", ""))
    add = reverse("admin:shipping_zone_add")

    def post(*areas: Row) -> Any:
        return desk.post(add, {"name": "Nuova", "code": "nuova"} | rows("areas", list(areas)))

    for wrong in (
        [{"country": "it", "province": "pa", "postcode_prefix": ""}],
        [{"country": "ITA", "province": "", "postcode_prefix": "1"}],
        [{"country": "IT", "province": "Palermo", "postcode_prefix": ""}],
        [{"country": "IT", "province": "", "postcode_prefix": "90-1"}],
        [{"country": "IT", "province": "", "postcode_prefix": "901"}] * 2,
    ):
        answer = post(*wrong)
        assert answer.status_code == 200
        assert sentences(answer)
        assert Zone.objects.count() == ZoneArea.objects.count() == 1
    assert post({"country": "it", "province": "ag", "postcode_prefix": " 92010"}).status_code == 302
    assert ZoneArea.objects.filter(zone__code="nuova").values_list("country", "province", "postcode_prefix").get() == (
        "IT", "AG", "92010",
    )  # fmt: skip


def test_what_carries_prices_or_parcels_is_not_deleted(desk: Any) -> None:
    prices.italy()
    method = prices.method()
    free, priced = Zone.objects.get(code="minor"), Zone.objects.get(code="mainland")
    for name, pk in (("courier", method.courier_id), ("method", method.pk), ("zone", priced.pk)):
        address = reverse(f"admin:shipping_{name}_delete", args=[pk])
        assert desk.post(address, {"post": "yes"}).status_code == 403
    assert desk.post(reverse("admin:shipping_zone_delete", args=[free.pk]), {"post": "yes"}).status_code == 302
    assert Zone.objects.filter(pk=free.pk).count() == 0
    assert Rate.objects.count() == 1


def test_parcels_are_read_and_never_edited(desk: Any, dropshipper: Any) -> None:
    shipment = parcel(dropshipper, cod="39.90", tracking="BRT1")
    change = reverse("admin:shipping_shipment_change", args=[shipment.pk])

    assert desk.get(change).status_code == 200
    assert shipment.number in desk.get(reverse("admin:shipping_shipment_changelist"), {"q": "BRT1"}).content.decode()
    assert desk.post(change, {"state": "delivered"}).status_code == 403
    assert desk.get(reverse("admin:shipping_shipment_add")).status_code == 403
    assert desk.post(reverse("admin:shipping_shipment_delete", args=[shipment.pk]), {"post": "yes"}).status_code == 403
    assert Shipment.objects.get().state == "to_pick"


def test_the_pages_of_the_admin_open_and_ask_the_same_for_many_rows(desk: Any, owner: Any, client_for: Any) -> None:
    prices.italy()
    method = prices.method(rates={"mainland": {30_000: "5.00"}})
    change = reverse("admin:shipping_method_change", args=[method.pk])

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(change).status_code == 200
        return len(queries)

    asked()  # what a process remembers once, as the kinds of its models
    few = asked()
    for grams in range(1000, 30_000, 1000):
        Rate.objects.create(method=method, zone=prices.zone("islands"), max_weight_g=grams, net="9.00")
    assert asked() == few
    for name in ("courier", "method", "zone", "shipment"):
        address = reverse(f"admin:shipping_{name}_changelist")
        assert desk.get(address, {"q": "a"}).status_code == 200
        assert client_for(owner).get(address).status_code == 302
