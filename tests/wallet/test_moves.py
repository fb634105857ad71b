"""What each event does to the books, to the cent. The example: 39.90 at the door, cost 23.18."""

from __future__ import annotations

import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from tests.wallet.books import books, sale, top_up
from wallet import moves
from wallet.errors import InsufficientFunds, KeyConflict, NotReversible
from wallet.models import Entry, OpenItem, Posting
from wallet.queries import Balances, balances, entries_of

pytestmark = pytest.mark.django_db


def lines(reference: str, kind: str) -> dict[str, D]:
    return dict(next(entry.lines for entry in entries_of(reference) if entry.kind == kind))


def totals() -> dict[str, D]:
    rows = Posting.objects.values_list("account__kind").annotate(total=Sum("amount"))
    return {kind: total for kind, total in rows if total}


def test_a_top_up_becomes_available(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    assert balances(dropshipper.pk) == Balances(D("100.00"), D("0.00"), D("0.00"), D("100.00"))
    assert totals() == {"bank": D("-100.00"), "wallet": D("100.00")}


def test_who_never_moved_money_has_zero(dropshipper: Any) -> None:
    assert balances(dropshipper.pk) == Balances()
    assert moves.lock_spendable([dropshipper.pk]) == {}


def test_a_prepaid_order_is_charged(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    moves.sell([sale(dropshipper)], by=None)
    assert lines("order:1", "sale") == {
        "wallet": D("-20.74"),
        "sales": D("12.00"),
        "shipping_income": D("5.00"),
        "vat": D("3.74"),
    }
    assert balances(dropshipper.pk).available == D("79.26")


def test_a_cod_order_is_booked_and_its_guarantee_held(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    order = sale(dropshipper, cod=True)
    assert (order.cost, order.wallet_need) == (D("23.18"), D("12.20"))
    moves.sell([order], by=None)
    assert lines("order:1", "cod_sale") == {
        "cod_in_transit": D("-39.90"),
        "sales": D("12.00"),
        "shipping_income": D("5.00"),
        "cod_fees": D("2.00"),
        "vat": D("4.18"),
        "cod_due": D("16.72"),
    }
    assert lines("order:1", "guarantee") == {"wallet": D("-12.20"), "held": D("12.20")}
    assert balances(dropshipper.pk) == Balances(D("87.80"), D("12.20"), D("16.72"), D("87.80"))


def test_a_negative_cod_margin_is_taken_from_the_wallet_at_once(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    order = sale(dropshipper, cod=True, collect=D("20.00"))
    assert order.wallet_need == D("15.38")
    moves.sell([order], by=None)
    assert lines("order:1", "cod_sale")["wallet"] == D("-3.18")
    assert balances(dropshipper.pk) == Balances(D("84.62"), D("12.20"), D("0.00"), D("84.62"))
    moves.remit("order:1", by=None)
    assert balances(dropshipper.pk) == Balances(D("96.82"), D("0.00"), D("0.00"), D("96.82"))


def test_a_remittance_pays_the_margin_and_releases_the_guarantee(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    moves.sell([sale(dropshipper, cod=True)], by=None)
    for _again in range(2):
        moves.remit("order:1", by=None)
    assert lines("order:1", "remittance") == {
        "bank": D("-39.90"),
        "cod_in_transit": D("39.90"),
        "cod_due": D("-16.72"),
        "wallet": D("16.72"),
    }
    assert balances(dropshipper.pk) == Balances(D("116.72"), D("0.00"), D("0.00"), D("116.72"))
    assert "cod_in_transit" not in totals()


def test_a_refused_parcel_costs_the_way_out_and_back(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    moves.sell([sale(dropshipper, cod=True)], by=None)
    for _again in range(2):
        moves.refuse("order:1", return_net=D("5.00"), return_vat=D("1.10"), by=None)
    assert lines("order:1", "guarantee_capture") == {
        "held": D("-12.20"),
        "shipping_income": D("10.00"),
        "vat": D("2.20"),
    }
    assert balances(dropshipper.pk) == Balances(D("87.80"), D("0.00"), D("0.00"), D("87.80"))
    assert totals() == {
        "bank": D("-100.00"),
        "wallet": D("87.80"),
        "shipping_income": D("10.00"),
        "vat": D("2.20"),
    }


def test_what_a_dearer_return_lacks_comes_from_the_wallet_and_what_is_left_goes_back(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    moves.sell([sale(dropshipper, "order:1", cod=True), sale(dropshipper, "order:2", cod=True)], by=None)
    moves.refuse("order:1", return_net=D("7.00"), return_vat=D("1.54"), by=None)
    assert lines("order:1", "guarantee_capture")["wallet"] == D("-2.44")
    moves.refuse("order:2", return_net=D("4.00"), return_vat=D("0.88"), by=None)
    assert lines("order:2", "guarantee_capture")["wallet"] == D("1.22")
    assert balances(dropshipper.pk).held == D("0.00")


def test_a_cancelled_order_leaves_only_history(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    moves.sell([sale(dropshipper, "order:1", cod=True), sale(dropshipper, "order:2")], by=None)
    for _again in range(2):
        moves.undo("order:1", by=None, memo="MCI-000001")
        moves.undo("order:2", by=None)
    assert balances(dropshipper.pk) == Balances(D("100.00"), D("0.00"), D("0.00"), D("100.00"))
    assert totals() == {"bank": D("-100.00"), "wallet": D("100.00")}
    assert Entry.objects.filter(kind="reversal").count() == 3


@pytest.mark.parametrize("cod", [False, True])
def test_a_lost_parcel_costs_the_reseller_nothing_and_the_supplier_the_goods(dropshipper: Any, cod: bool) -> None:
    top_up(dropshipper, "100.00")
    moves.sell([sale(dropshipper, cod=cod)], by=None)
    for _again in range(2):
        moves.lose("order:1", by=None)
    assert balances(dropshipper.pk) == Balances(D("100.00"), D("0.00"), D("0.00"), D("100.00"))
    assert totals() == {"bank": D("-100.00"), "wallet": D("100.00"), "losses": D("-12.00"), "sales": D("12.00")}


def test_money_settled_in_one_way_cannot_be_settled_in_another(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    ends = {
        "undone": lambda reference: moves.undo(reference, by=None),
        "remitted": lambda reference: moves.remit(reference, by=None),
        "refused": lambda reference: moves.refuse(reference, return_net=D("5.00"), return_vat=D("1.10"), by=None),
        "lost": lambda reference: moves.lose(reference, by=None),
    }
    for n, first in enumerate(ends):
        reference = f"order:{n}"
        moves.sell([sale(dropshipper, reference, cod=True)], by=None)
        ends[first](reference)
        before = books()
        for then in ends:
            if then != first:
                with pytest.raises(NotReversible) as refusal:
                    ends[then](reference)
                assert refusal.value.params["state"] == first
        assert books() == before


def test_prepaid_money_is_not_remitted_nor_refused_at_the_door(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    moves.sell([sale(dropshipper)], by=None)
    before = books()
    with pytest.raises(NotReversible):
        moves.remit("order:1", by=None)
    with pytest.raises(NotReversible):
        moves.refuse("order:1", return_net=D("5.00"), return_vat=D("1.10"), by=None)
    with pytest.raises(NotReversible):
        moves.lose("order:404", by=None)
    assert books() == before


def test_a_sale_that_the_wallet_cannot_pay_leaves_no_trace(dropshipper: Any) -> None:
    top_up(dropshipper, "20.73")
    before = books()
    with pytest.raises(InsufficientFunds) as refusal:
        moves.sell([sale(dropshipper)], by=None)
    assert refusal.value.params == {"missing": "0.01", "needed": "20.74", "available": "20.73"}
    assert books() == before
    top_up(dropshipper, "0.01")
    moves.sell([sale(dropshipper)], by=None)
    assert balances(dropshipper.pk).available == D("0.00")


def test_of_a_batch_all_or_none_is_charged(dropshipper: Any, other_dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    top_up(other_dropshipper, "20.00")
    before = books()
    with pytest.raises(InsufficientFunds) as refusal:
        moves.sell([sale(dropshipper), sale(other_dropshipper, "order:2")], by=None)
    assert refusal.value.params == {"missing": "0.74", "needed": "20.74", "available": "20.00"}
    assert books() == before


def test_a_wallet_that_was_never_opened_is_refused_with_zero_available(dropshipper: Any) -> None:
    with pytest.raises(InsufficientFunds) as refusal:
        moves.sell([sale(dropshipper)], by=None)
    assert refusal.value.params == {"missing": "20.74", "needed": "20.74", "available": "0.00"}
    assert not Entry.objects.exists()


def test_the_same_sale_again_moves_nothing_and_another_content_is_refused_whole(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    moves.sell([sale(dropshipper)], by=None)
    before = books()
    moves.sell([sale(dropshipper), sale(dropshipper)], by=None)
    assert books() == before
    for other in (sale(dropshipper, goods_net=D("12.01")), sale(dropshipper, cod=True)):
        with pytest.raises(KeyConflict) as refusal:
            moves.sell([sale(dropshipper, "order:2"), other], by=None)
        assert refusal.value.params == {"key": "order:1:sale"}
        assert books() == before


def test_an_adjustment_is_signed_and_the_same_click_is_one(dropshipper: Any) -> None:
    click = uuid.uuid4()
    for _again in range(2):
        moves.adjust(dropshipper.pk, D("10.00"), "Peso reale", None, key=click)
    moves.adjust(dropshipper.pk, D("-3.40"), "Peso reale 4,2 kg", None)
    assert balances(dropshipper.pk).available == D("6.60")
    with pytest.raises(InsufficientFunds):
        moves.adjust(dropshipper.pk, D("-6.61"), "Troppo", None)
    assert balances(dropshipper.pk).available == D("6.60")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-0.01", "1.005"])
def test_an_amount_that_is_none_is_no_sale(dropshipper: Any, amount: str) -> None:
    with pytest.raises(ValueError):
        sale(dropshipper, goods_net=D(amount))


def test_a_cod_sale_of_nothing_is_refused(dropshipper: Any) -> None:
    with pytest.raises(ValueError):
        sale(dropshipper, cod=True, collect=D("0.00"))


def test_the_statements_are_as_many_for_one_sale_as_for_250(dropshipper: Any) -> None:
    top_up(dropshipper, "20000.00")
    counts = []
    for size, first in ((1, 0), (250, 1000)):
        batch = [sale(dropshipper, f"order:{first + n}", cod=n % 2 == 0) for n in range(size)]
        with CaptureQueriesContext(connection) as queries:
            moves.lock_spendable([dropshipper.pk])
            moves.sell(batch, by=None)
        counts.append(len(queries))
    assert counts == [2, 2]  # lock the wallet; post
    assert Entry.objects.filter(kind="cod_sale").count() == 126


def test_what_is_open_is_kept_by_reference_until_it_is_settled(dropshipper: Any) -> None:
    def items() -> dict[str, D]:
        return dict(OpenItem.objects.values_list("reference", "amount"))

    top_up(dropshipper, "500.00")
    below_cost = sale(dropshipper, "order:9", cod=True, collect=D("20.00"))  # nothing is to come of it
    moves.sell([sale(dropshipper, f"order:{n}", cod=n % 2 == 0) for n in range(1, 9)] + [below_cost], by=None)
    assert items() == {f"order:{n}": D("16.72") for n in (2, 4, 6, 8)}

    for _twice in range(2):
        moves.undo("order:2", by=None)
        moves.remit("order:4", by=None)
        moves.lose("order:6", by=None)
    assert items() == {"order:8": D("16.72")}
    moves.refuse("order:8", return_net=D("5.00"), return_vat=D("1.10"), by=None)
    assert items() == {}
