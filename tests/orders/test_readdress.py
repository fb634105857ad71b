"""Another address after Sincronizza, while the parcel is not packed: order, parcel and books agree, to the cent."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction

from core.address import Address
from mci.verify.invariants import CHECKS
from orders import privacy, veil
from orders.dispatch import figures, runs
from orders.errors import (
    CollectChanged,
    FiguresUnseen,
    LabelChanged,
    OrderCancelled,
    PackedMeanwhile,
    PriceChanged,
    SameAddress,
    StaleEdit,
    TooLate,
    Undeliverable,
)
from orders.fulfilment import collect, parcels, readdress
from orders.intake import follow
from orders.models import Order
from shipping.errors import CodNotAllowed, CountryNotServed
from shipping.models import Rate, Shipment, Zone, ZoneArea
from tests.orders import stage
from tests.orders.test_follow import sent as of_a_shop
from tests.orders.test_races import together
from wallet import moves
from wallet.errors import InsufficientFunds, NotReversible
from wallet.queries import Balances, balances, entries_of

pytestmark = pytest.mark.django_db

TURIN = stage.ADDRESS
MILAN = replace(TURIN, street="Via Manzoni 3", postcode="20121", city="Milano", province="MI")
CAGLIARI = replace(TURIN, street="Via Roma 5", postcode="09124", city="Cagliari", province="CA")
NEAR = replace(TURIN, street="Via Po 1", postcode="10123")
LYON = replace(TURIN, street="Rue Mercière 2", postcode="69002", city="Lyon", province="", country="FR")


def verified() -> None:
    assert [finding for check in CHECKS for finding in check.find()] == []


def of(order: Order) -> Balances:
    return balances(order.dropshipper_id)


def zone(code: str, *, net: str, country: str = "IT", method: Any, provinces: tuple[str, ...] = ("",)) -> Rate:
    made, _new = Zone.objects.get_or_create(code=code, defaults={"name": code})
    for province in provinces:
        ZoneArea.objects.get_or_create(zone=made, country=country, province=province, postcode_prefix="")
    return Rate.objects.create(method=method, zone=made, max_weight_g=30_000, net=D(net))


def sent(
    dropshipper: Any, *, money: str = "100.00", payment: str = "prepaid", total: str = "39.90", to: Address = TURIN
) -> Order:
    """The design's example, by a courier who takes 5.00 to the mainland, 9.00 to Sardinia, 3.50 to Milan, 14.00 to
    France: prepaid cost 20.74; COD cost 23.18, guarantee 12.20, margin 16.72."""
    if money:
        stage.money(dropshipper, money)
    method, article = stage.method(cod_cap="4000.00"), stage.variant("SKU-A")
    zone("sardegna", net="9.00", method=method, provinces=("CA", "SS", "NU", "OR", "SU"))
    zone("milano", net="3.50", method=method, provinces=("MI",))
    zone("francia", net="14.00", method=method, country="FR")
    order = stage.order(dropshipper, (article.sku, 1), method=method, payment=payment, total=total, address=to)
    runs.dispatch_now(order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
    order.refresh_from_db()
    assert order.state == "dispatched"
    return order


def change(order: Order, to: Address, *, note: str = "", key: uuid.UUID | None = None, **said: Any) -> bool:
    """As the two pages do: what it costs, then the click with what was seen."""
    order.refresh_from_db()
    method_id = said.get("method_id")
    proposal = readdress.propose(order, to, note, method_id=method_id)
    price = proposal.quote.chosen.price
    given = {"version": order.version, "seen": price.figures if price else figures.UNSEEN, **said}
    done = readdress.readdress(order.pk, proposal.wanted, key=key or uuid.uuid4(), by=None, **given)
    order.refresh_from_db()
    return done


def parcel(order: Order) -> Shipment:
    assert order.shipment_id is not None
    return Shipment.objects.get(pk=order.shipment_id)


def kinds(order: Order) -> list[str]:
    return [entry.kind for entry in entries_of(order.reference)]


# ---- prepaid


def test_dearer_is_charged_with_its_vat_and_stands_everywhere(dropshipper: Any) -> None:
    order = sent(dropshipper)
    assert change(order, CAGLIARI, note="citofono Rossi")
    assert (order.city, order.street, order.note) == ("Cagliari", "Via Roma 5", "citofono Rossi")
    assert (order.shipping_net, order.vat, order.cost, order.margin) == (D("9.00"), D("4.62"), D("25.62"), D("14.28"))
    row = parcel(order)
    assert (row.address, row.note) == (order.address, "citofono Rossi")
    assert list(row.events.order_by("id").values_list("axis", "to_value"))[-1] == ("address", "changed")
    assert of(order) == Balances(D("74.38"), D("0.00"), D("0.00"), D("74.38"))
    assert kinds(order) == ["sale", "shipping_change"]
    assert list(order.events.order_by("id").values_list("code", flat=True))[-2:] == ["readdressed", "shipping_repriced"]
    verified()


def test_cheaper_is_given_back(dropshipper: Any) -> None:
    order = sent(dropshipper)
    change(order, MILAN)
    assert (order.shipping_net, order.cost) == (D("3.50"), D("18.91"))
    assert of(order).available == D("81.09")
    verified()


def test_the_same_price_moves_nothing_and_is_told(dropshipper: Any) -> None:
    order = sent(dropshipper)
    change(order, NEAR)
    assert (order.street, order.cost, kinds(order)) == ("Via Po 1", D("20.74"), ["sale"])
    assert not order.events.filter(code="shipping_repriced").exists()
    assert order.events.filter(code="readdressed").count() == 1
    verified()


def test_a_telephone_costs_nothing_though_the_tariff_rose_meanwhile(dropshipper: Any) -> None:
    order = sent(dropshipper)
    Rate.objects.update(net=D("50.00"))
    change(order, replace(TURIN, phone="+393337654321"))
    assert (order.phone, order.cost, of(order).available) == ("+393337654321", D("20.74"), D("79.26"))
    verified()


def test_abroad_and_home_again_is_where_it_began(dropshipper: Any) -> None:
    order = sent(dropshipper)
    change(order, LYON)
    assert (order.country, order.cost) == ("FR", D("31.72"))
    change(order, CAGLIARI)
    change(order, TURIN)
    assert (order.cost, of(order).available) == (D("20.74"), D("79.26"))
    assert kinds(order) == ["sale", "shipping_change", "shipping_change", "shipping_change"]
    assert order.problems.get(code="readdressed").params == {"changes": []}
    verified()


def test_goods_at_two_rates_stay_exact(dropshipper: Any) -> None:
    stage.money(dropshipper, "100.00")
    method = stage.method()
    zone("sardegna", net="9.33", method=method, provinces=("CA",))
    one, other = stage.variant("SKU-4", net="7.03", vat="4.00"), stage.variant("SKU-22", net="3.33")
    order = stage.order(dropshipper, (one.sku, 3), (other.sku, 1), method=method)
    runs.dispatch_now(order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
    change(order, CAGLIARI)
    # 21.09 at 4 % is 0.84; 3.33 + 9.33 at 22 % is 2.79
    assert (order.vat, order.cost, of(order).available) == (D("3.63"), D("37.38"), D("62.62"))
    verified()


@pytest.mark.parametrize("payment", ["prepaid", "cod"])
@pytest.mark.parametrize("to", [CAGLIARI, MILAN, NEAR])
def test_cancelled_after_it_everything_comes_back(dropshipper: Any, payment: str, to: Address) -> None:
    order = sent(dropshipper, payment=payment)
    change(order, to)
    change(order, LYON)
    parcels.cancel(order.pk, by=None)
    assert of(order) == Balances(D("100.00"), D("0.00"), D("0.00"), D("100.00"))
    assert not order.problems.exists()
    verified()


# ---- COD


def test_cod_dearer_takes_the_margin_and_holds_more(dropshipper: Any) -> None:
    order = sent(dropshipper, payment="cod")
    change(order, CAGLIARI)
    # way out and back: 2 × 9.00 + VAT
    assert (order.cost, order.margin, order.guarantee) == (D("28.06"), D("11.84"), D("21.96"))
    assert (order.to_collect, parcel(order).cod_amount) == (D("39.90"), D("39.90"))
    assert of(order) == Balances(D("78.04"), D("21.96"), D("11.84"), D("78.04"))
    verified()
    parcels.mark_shipped(order.pk, tracking_number="TR1", by=None)
    parcels.mark_delivered(order.pk, by=None)
    parcels.mark_remitted(order.pk, by=None)
    parcels.mark_remitted(order.pk, by=None)
    assert of(order) == Balances(D("111.84"), D("0.00"), D("0.00"), D("111.84"))
    assert order.events.get(code="cod_remitted").params == {"amount": "11.84"}
    verified()


def test_cod_cheaper_gives_margin_and_guarantee_back(dropshipper: Any) -> None:
    order = sent(dropshipper, payment="cod")
    change(order, MILAN)
    assert (order.margin, order.guarantee) == (D("18.55"), D("8.54"))
    assert of(order) == Balances(D("91.46"), D("8.54"), D("18.55"), D("91.46"))
    verified()


def test_cod_below_its_cost_is_paid_by_the_wallet(dropshipper: Any) -> None:
    order = sent(dropshipper, payment="cod", total="25.00")
    assert of(order) == Balances(D("87.80"), D("12.20"), D("1.82"), D("87.80"))
    change(order, CAGLIARI)
    assert (order.cost, order.margin) == (D("28.06"), D("-3.06"))
    assert of(order) == Balances(D("74.98"), D("21.96"), D("0.00"), D("74.98"))
    verified()
    change(order, TURIN)
    assert of(order) == Balances(D("87.80"), D("12.20"), D("1.82"), D("87.80"))
    verified()


def test_lowered_after_it_and_changed_after_that_the_books_still_agree(dropshipper: Any) -> None:
    order = sent(dropshipper, payment="cod")
    change(order, CAGLIARI)
    collect.lower(order.pk, D("20.00"), by=None)
    verified()
    change(order, LYON)
    verified()
    assert (order.cost, order.margin, of(order).cod_due) == (D("34.16"), D("-14.16"), D("0.00"))
    collect.lower(order.pk, D("0.00"), by=None)
    verified()
    change(order, TURIN)
    assert (order.payment, order.cost) == ("prepaid", D("20.74"))
    assert of(order) == Balances(D("79.26"), D("0.00"), D("0.00"), D("79.26"))
    verified()
    parcels.cancel(order.pk, by=None)
    assert of(order).available == D("100.00")
    verified()


@pytest.mark.parametrize("end", ["refuse", "lose"])
def test_refused_or_lost_after_it_nothing_stays_in_the_air(dropshipper: Any, end: str) -> None:
    order = sent(dropshipper, payment="cod")
    change(order, CAGLIARI)
    if end == "refuse":
        for _twice in range(2):
            moves.refuse(order.reference, return_net=D("9.00"), return_vat=D("1.98"), by=None)
        assert of(order) == Balances(D("78.04"), D("0.00"), D("0.00"), D("78.04"))
    else:
        for _twice in range(2):
            moves.lose(order.reference, by=None)
        assert of(order) == Balances(D("100.00"), D("0.00"), D("0.00"), D("100.00"))


def test_no_guarantee_by_the_suppliers_policy_holds_none(dropshipper: Any, settings: Any) -> None:
    settings.COD_GUARANTEE = False
    order = sent(dropshipper, payment="cod")
    change(order, CAGLIARI)
    assert of(order) == Balances(D("100.00"), D("0.00"), D("11.84"), D("100.00"))
    verified()


# ---- what it refuses, and leaves no trace of


def untouched(order: Order, version: int) -> None:
    order.refresh_from_db()
    assert (order.city, order.cost, order.version, kinds(order)) == ("Torino", D("20.74"), version, ["sale"])
    assert parcel(order).city == "Torino"
    assert not order.problems.exists()
    assert not order.events.filter(code="readdressed").exists()
    verified()


def test_what_the_wallet_cannot_pay_is_refused_with_the_gap(dropshipper: Any) -> None:
    order = sent(dropshipper, money="22.00")
    with pytest.raises(InsufficientFunds) as refused:
        change(order, CAGLIARI)
    assert refused.value.params == {"missing": "3.62", "needed": "4.88", "available": "1.26"}
    untouched(order, 2)


def test_a_price_that_changed_since_it_was_shown_is_refused_old_and_new(dropshipper: Any) -> None:
    order = sent(dropshipper)
    shown = readdress.propose(order, CAGLIARI, "").quote.chosen.price
    assert shown is not None
    Rate.objects.filter(zone__code="sardegna").update(net=D("10.00"))
    with pytest.raises(PriceChanged) as refused:
        change(order, CAGLIARI, seen=shown.figures)
    assert (refused.value.params["before"], refused.value.params["now"]) == ("25.62", "26.84")
    with pytest.raises(FiguresUnseen):
        change(order, CAGLIARI, seen=figures.UNSEEN)
    untouched(order, 2)


def test_a_place_that_the_method_does_not_reach_offers_those_that_go(dropshipper: Any) -> None:
    order = sent(dropshipper)
    far = replace(LYON, country="DE", postcode="10115", city="Berlin")
    other = stage.method("europa", net="6.00")
    zone("germania", net="15.00", method=other, country="DE")
    quote = readdress.propose(order, far, "").quote
    assert isinstance(quote.chosen.refusal, CountryNotServed)
    assert [(one.method_id, one.leaves) for one in quote.others] == [(other.pk, D("12.20"))]
    with pytest.raises(CountryNotServed):
        change(order, far)
    untouched(order, 2)
    change(order, far, method_id=other.pk)
    assert (order.method_id, parcel(order).method_id, order.cost) == (other.pk, other.pk, D("32.94"))
    verified()


def test_where_no_cash_is_collected_a_cod_parcel_does_not_go(dropshipper: Any) -> None:
    order = sent(dropshipper, payment="cod")
    Rate.objects.filter(zone__code="francia").update(cod_allowed=False)
    with pytest.raises(CodNotAllowed):
        change(order, LYON)


@pytest.mark.parametrize(
    ("to", "error"),
    [
        (TURIN, SameAddress),
        (replace(TURIN, street=""), Undeliverable),
        (replace(TURIN, postcode="1012"), Undeliverable),
        (replace(TURIN, province="XX", postcode="99999"), Undeliverable),
        (replace(TURIN, province="CA"), Undeliverable),
    ],
)
def test_an_address_that_is_none_or_the_same_is_refused(dropshipper: Any, to: Address, error: Any) -> None:
    order = sent(dropshipper)
    with pytest.raises(error):
        change(order, to)
    untouched(order, 2)


def test_another_tab_that_changed_it_is_told(dropshipper: Any) -> None:
    order = sent(dropshipper)
    change(order, CAGLIARI)
    with pytest.raises(StaleEdit):
        change(order, MILAN, version=2)
    assert order.city == "Cagliari"


def test_the_same_click_twice_is_once(dropshipper: Any) -> None:
    order, key = sent(dropshipper), uuid.uuid4()
    seen = readdress.propose(order, CAGLIARI, "")
    assert seen.quote.chosen.price is not None
    said: dict[str, Any] = {"version": order.version, "seen": seen.quote.chosen.price.figures, "key": key, "by": None}
    assert [readdress.readdress(order.pk, seen.wanted, **said) for _twice in range(2)] == [True, False]
    assert kinds(order) == ["sale", "shipping_change"]
    parcels.mark_packed(order.pk, by=None)
    assert not readdress.readdress(order.pk, seen.wanted, **said), "also long after"
    verified()


@pytest.mark.parametrize(
    ("state", "error"),
    [("packed", PackedMeanwhile), ("shipped", TooLate), ("delivered", TooLate), ("cancelled", OrderCancelled)],
)
def test_what_is_packed_gone_or_cancelled_stays_as_it_is(dropshipper: Any, state: str, error: Any) -> None:
    order = sent(dropshipper)
    wanted = readdress.propose(order, CAGLIARI, "").wanted
    if state == "cancelled":
        parcels.cancel(order.pk, by=None)
    if state == "packed":
        parcels.mark_packed(order.pk, by=None)
    if state in ("shipped", "delivered"):
        parcels.mark_shipped(order.pk, tracking_number="TR1", by=None)
    if state == "delivered":
        parcels.mark_delivered(order.pk, by=None)
    with pytest.raises(error):
        readdress.readdress(order.pk, wanted, version=2, seen="25.62/0.00/0.00", key=uuid.uuid4(), by=None)
    order.refresh_from_db()
    assert order.city == "Torino"
    verified()


def test_the_books_of_an_order_that_is_settled_are_not_reshipped(dropshipper: Any) -> None:
    order = sent(dropshipper)
    parcels.cancel(order.pk, by=None)
    with pytest.raises(NotReversible):
        moves.reship(
            order.reference,
            shipping_net=D("1"),
            cod_fee_net=D("0"),
            vat=D("1"),
            guarantee=None,
            key=uuid.uuid4(),
            by=None,
        )


# ---- the shop, the packer


def test_a_later_word_of_the_shop_does_not_undo_it(dropshipper: Any) -> None:
    order, data = of_a_shop(dropshipper)
    follow.refresh(order.pk, data)
    change(order, replace(order.address, street="Via Po 1"))
    follow.refresh(order.pk, replace(data, address=replace(data.address, street="Corso Francia 9")))
    order.refresh_from_db()
    assert (order.street, parcel(order).street) == ("Via Po 1", "Via Po 1")
    assert order.problems.filter(code="changed_in_shop").exists()


def test_a_shop_that_says_where_it_goes_already_is_no_alarm(dropshipper: Any) -> None:
    """Who mends an address here mends it in his shop too."""
    order, data = of_a_shop(dropshipper)
    follow.refresh(order.pk, data)
    change(order, replace(order.address, street="Via Po 1", phone="+393331110009"))
    there = replace(data.address, street="Via Po 1", phone="333 111 0009")
    follow.refresh(order.pk, replace(data, address=there))
    assert not order.problems.filter(code="changed_in_shop").exists()
    follow.refresh(order.pk, replace(data, address=replace(there, city="Torino", postcode="10121", province="TO")))
    alert = order.problems.get(code="changed_in_shop")
    assert {row[0] for row in alert.params["changes"]} <= {"city", "postcode", "province"}
    follow.refresh(order.pk, replace(data, address=there))
    assert not order.problems.filter(code="changed_in_shop").exists()


def test_the_packer_who_saw_the_old_address_looks_again(dropshipper: Any) -> None:
    order = sent(dropshipper, payment="cod")
    before = parcels.collect_mark(order)
    change(order, CAGLIARI)
    for act in (
        lambda shown: parcels.mark_packed(order.pk, by=None, shown=shown),
        lambda shown: parcels.mark_shipped(order.pk, tracking_number="T1", by=None, shown=shown, at_the_desk=True),
    ):
        with pytest.raises(LabelChanged):
            act(before)
        with pytest.raises(CollectChanged):
            act("12.00@" + parcels.collect_mark(order).partition("@")[2])
    with pytest.raises(LabelChanged):  # a pasted list shows nothing
        parcels.mark_shipped(order.pk, tracking_number="T1", by=None, at_the_desk=True)
    parcels.mark_packed(order.pk, by=None, shown=parcels.collect_mark(order))
    assert not order.problems.exists()
    parcels.mark_shipped(order.pk, tracking_number="T1", by=None, at_the_desk=True)
    with pytest.raises(LabelChanged):  # the page of before, which somebody still has open
        parcels.mark_packed(order.pk, by=None, shown=before)


def test_the_reseller_does_not_take_the_packers_alert_away(dropshipper: Any, owner: Any) -> None:
    from orders.questions import alerts

    order = sent(dropshipper)
    change(order, CAGLIARI)
    assert not alerts.seen(order.pk, "readdressed", by=owner.pk)
    assert order.problems.filter(code="readdressed").exists()


# ---- races


def _raced(order: Order, guard: bool) -> list[Any]:
    """The packer and the reseller at the same moment."""
    wanted = readdress.propose(order, CAGLIARI, "")
    assert wanted.quote.chosen.price is not None
    seen, shown = wanted.quote.chosen.price.figures, parcels.collect_mark(order)

    def write() -> str:
        readdress.readdress(order.pk, wanted.wanted, version=order.version, seen=seen, key=uuid.uuid4(), by=None)
        return "changed"

    def pack() -> str:
        parcels.mark_packed(order.pk, by=None, shown=shown if guard else None)
        return "packed"

    return together(write, pack)


@pytest.mark.django_db(transaction=True)
def test_packed_and_changed_at_once_never_pairs_the_new_address_with_the_old_label(dropshipper: Any) -> None:
    order = sent(dropshipper, money="1000.00")
    results = _raced(order, guard=True)
    order.refresh_from_db()
    if "packed" in results:
        assert (isinstance(results[0], PackedMeanwhile), order.city) == (True, "Torino")
    else:
        assert (results[0], isinstance(results[1], LabelChanged)) == ("changed", True)
        assert (order.city, parcel(order).state) == ("Cagliari", "to_pick")
    verified()


@pytest.mark.django_db(transaction=True)
def test_without_the_mark_of_the_page_an_old_label_would_be_packed(dropshipper: Any) -> None:
    """The negative control: who packs without saying what he saw packs the old label on the new address."""
    order = sent(dropshipper)
    change(order, CAGLIARI)
    parcels.mark_packed(order.pk, by=None, shown=None)
    assert parcel(order).state == "packed"


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_a_packed_parcel_would_get_another_address(dropshipper: Any) -> None:
    """The negative control: looking and then writing, with no row held between."""
    order = sent(dropshipper)
    looked, packed = threading.Event(), threading.Event()

    def unlocked() -> str:
        with transaction.atomic():
            if parcel(order).state != "to_pick":
                return "late"
            looked.set()
            packed.wait(20)
            Shipment.objects.filter(pk=order.shipment_id).update(city="Cagliari")
        return "changed"

    def pack() -> str:
        looked.wait(20)
        parcels.mark_packed(order.pk, by=None)
        packed.set()
        return "packed"

    assert together(unlocked, pack) == ["changed", "packed"]
    assert (parcel(order).state, parcel(order).city) == ("packed", "Cagliari")


@pytest.mark.django_db(transaction=True)
def test_five_clicks_of_one_form_and_five_tabs_are_one_change(dropshipper: Any) -> None:
    order, key = sent(dropshipper), uuid.uuid4()
    wanted = readdress.propose(order, CAGLIARI, "")
    assert wanted.quote.chosen.price is not None
    seen = wanted.quote.chosen.price.figures
    gate = threading.Event()

    def click(one: uuid.UUID) -> Any:
        gate.wait(0.05)
        return readdress.readdress(order.pk, wanted.wanted, version=order.version, seen=seen, key=one, by=None)

    results = together(*[lambda: click(key)] * 5, *[lambda: click(uuid.uuid4())] * 5)
    assert sum(result is True for result in results) == 1
    assert all(result in (True, False) or isinstance(result, StaleEdit) for result in results)
    assert kinds(order) == ["sale", "shipping_change"]
    assert of(order).available == D("74.38")
    verified()


@pytest.mark.django_db(transaction=True)
def test_changed_and_cancelled_at_once_leaves_all_or_nothing(dropshipper: Any) -> None:
    order = sent(dropshipper, payment="cod")
    wanted = readdress.propose(order, CAGLIARI, "")
    assert wanted.quote.chosen.price is not None
    said: dict[str, Any] = {"version": order.version, "seen": wanted.quote.chosen.price.figures, "by": None}
    results = together(
        lambda: readdress.readdress(order.pk, wanted.wanted, key=uuid.uuid4(), **said),
        lambda: parcels.cancel(order.pk, by=None).state,
    )
    assert results[1] == "cancelled"
    assert results[0] is True or isinstance(results[0], OrderCancelled)
    assert of(order) == Balances(D("100.00"), D("0.00"), D("0.00"), D("100.00"))
    verified()


def test_what_was_there_before_is_veiled_and_forgotten(dropshipper: Any) -> None:
    order = sent(dropshipper)
    change(order, CAGLIARI, note="citofono Rossi")
    assert "Via Garibaldi 12" not in str(veil.params_of(order.events.get(code="readdressed").params))
    parcels.cancel(order.pk, by=None)
    assert privacy.forget([order.pk]) == [order.pk]
    told = [str(event.params) for event in order.events.all()]
    told += [f"{event.note}{event.from_value}{event.to_value}" for event in parcel(order).events.all()]
    for word in ("Garibaldi", "Via Roma", "Cagliari", "citofono", "10122", "09124"):
        assert word not in "".join(told)
    verified()
