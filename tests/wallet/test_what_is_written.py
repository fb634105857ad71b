"""What each event writes, whole: every new entry with its key, its people, its day, its lines; and every refusal with
what it says. No two amounts are alike."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest

from tests import cast
from tests.wallet.books import books, top_up
from tests.wallet.whole import KEY, SOLD, sale
from wallet import moves
from wallet.errors import NotReversible
from wallet.models import Entry

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 2, 3, 9, 7, 11, tzinfo=dt.UTC)


class Written:
    """The entries that came since the last look, oldest first, each told in one line and its lines of money."""

    def __init__(self) -> None:
        self.last = 0

    def __call__(self) -> list[tuple[Any, ...]]:
        found = Entry.objects.filter(pk__gt=self.last).order_by("pk").prefetch_related("postings__account")
        rows = []
        for entry in found:
            self.last = entry.pk
            lines = {posting.account.kind: str(posting.amount) for posting in entry.postings.all()}
            undone = entry.reverses.key if entry.reverses else ""
            rows.append((entry.kind, entry.key, entry.reference, entry.dropshipper_id, undone, entry.by_id,
                         entry.memo, entry.at, lines))  # fmt: skip
        return rows


@pytest.fixture
def written() -> Written:
    return Written()


COD = {"cod_in_transit": "-31.17", "cod_due": "9.25", **SOLD, "cod_fees": "1.13"}


def negated(lines: dict[str, str]) -> dict[str, str]:
    return {kind: str(-D(amount)) for kind, amount in lines.items()}


def test_each_event_writes_these_entries_and_no_other(dropshipper: Any, written: Written) -> None:
    clerk, mine = cast.staff().pk, dropshipper.pk
    day = iter(range(1, 28))
    now = AT

    def told(kind: str, key: str, lines: dict[str, str], undone: str = "", memo: str = "") -> tuple[Any, ...]:
        reference = ":".join(key.split(":")[:2])
        return (kind, key, reference, mine, undone, clerk, memo, now, lines)

    def on_a_day(act: Callable[..., Any], *words: Any, **how: Any) -> Any:
        nonlocal now
        now = AT.replace(day=next(day))
        return act(*words, by=clerk, at=now, **how)

    made = on_a_day(moves.credit_top_up, reference="topup:71", dropshipper_id=mine, amount=D("500.31"), memo="MCI A")
    assert Entry.objects.get().pk == made
    assert written() == [told("top_up", "topup:71:credit", {"bank": "-500.31", "wallet": "500.31"}, memo="MCI A")]

    made = on_a_day(moves.adjust, mine, D("-3.07"), "Peso", key=KEY)
    assert made == Entry.objects.latest("pk").pk
    assert written() == [
        told("adjustment", f"adjustment:{KEY}", {"adjustments": "3.07", "wallet": "-3.07"}, memo="Peso")
    ]

    below = {"goods_net": "17.59", "collect": "23.03", "guarantee": "0.00"}  # cost 28.48, 5.45 below it
    on_a_day(
        moves.sell,
        [sale(dropshipper, "order:1", cod=False), sale(dropshipper, "order:2"), sale(dropshipper, "order:3", **below)],
    )
    prepaid = {"wallet": "-20.79", **SOLD}
    held = {"wallet": "-13.37", "held": "13.37"}
    dear = {"cod_in_transit": "-23.03", "wallet": "-5.45", **SOLD, "sales": "17.59", "cod_fees": "1.13"}
    assert written() == [
        told("sale", "order:1:sale", prepaid),
        told("guarantee", "order:2:guarantee", held),
        told("cod_sale", "order:2:sale", COD),
        told("cod_sale", "order:3:sale", dear),
    ]

    on_a_day(moves.undo, "order:1", memo="Annullato")
    assert written() == [told("reversal", "order:1:sale:reversal", negated(prepaid), "order:1:sale", "Annullato")]

    on_a_day(moves.lower, "order:2", collect=D("29.11"))
    lowered = {"cod_in_transit": "2.06", "cod_due": "-2.06"}
    assert written() == [told("cod_amendment", "order:2:collect:29.11", lowered)]
    on_a_day(moves.lower, "order:2", collect=D("20.43"))  # 1.49 below the cost
    lowered = {"cod_in_transit": "8.68", "cod_due": "-7.19", "wallet": "-1.49"}
    assert written() == [told("cod_amendment", "order:2:collect:20.43", lowered)]
    more = {"shipping_net": D("6.02"), "cod_fee_net": D("1.31"), "vat": D("4.57")}
    on_a_day(moves.reship, "order:2", **more, guarantee=D("14.71"), key=KEY)
    elsewhere = {"shipping_income": "0.61", "cod_fees": "0.18", "vat": "0.22", "wallet": "-2.35", "held": "1.34"}
    assert written() == [told("shipping_change", f"order:2:reship:{KEY}", elsewhere)]
    on_a_day(moves.lower, "order:2", collect=D("0.00"), fee_net=D("1.31"), fee_vat=D("0.29"))
    nothing = {"cod_in_transit": "20.43", "wallet": "-18.83", "cod_fees": "-1.31", "vat": "-0.29"}
    released = {"held": "-14.71", "wallet": "14.71"}
    assert written() == [
        told("cod_amendment", "order:2:collect:0.00", nothing),
        told("guarantee_release", "order:2:release", released),
    ]

    on_a_day(moves.lose, "order:2")
    sold = "order:2"
    assert written() == [
        told("reversal", f"{sold}:collect:0.00:reversal", negated(nothing), f"{sold}:collect:0.00"),
        told("reversal", f"{sold}:collect:20.43:reversal", negated(lowered), f"{sold}:collect:20.43"),
        told("reversal", f"{sold}:collect:29.11:reversal", {"cod_in_transit": "-2.06", "cod_due": "2.06"},
             f"{sold}:collect:29.11"),
        told("reversal", f"{sold}:guarantee:reversal", negated(held), f"{sold}:guarantee"),
        told("loss", f"{sold}:loss", {"losses": "-11.03", "sales": "11.03"}),
        told("reversal", f"{sold}:release:reversal", negated(released), f"{sold}:release"),
        told("reversal", f"{sold}:reship:{KEY}:reversal", negated(elsewhere), f"{sold}:reship:{KEY}"),
        told("reversal", f"{sold}:sale:reversal", negated(COD), f"{sold}:sale"),
    ]  # fmt: skip

    on_a_day(moves.remit, "order:3")  # nothing is to come of it, and nothing was held
    assert written() == [told("remittance", "order:3:remittance", {"bank": "-23.03", "cod_in_transit": "23.03"})]

    on_a_day(moves.sell, [sale(dropshipper, "order:4"), sale(dropshipper, "order:5")])
    written()
    on_a_day(moves.remit, "order:4")
    paid = {"bank": "-31.17", "cod_in_transit": "31.17", "cod_due": "-9.25", "wallet": "9.25"}
    assert written() == [
        told("guarantee_release", "order:4:release", {"held": "-13.37", "wallet": "13.37"}),
        told("remittance", "order:4:remittance", paid),
    ]
    # The way out at the rate of the way back: 5.41 × 0.91 / 4.15 = 1.186…
    on_a_day(moves.refuse, "order:5", return_net=D("4.15"), return_vat=D("0.91"))
    kept = {"held": "-13.37", "wallet": "1.71", "shipping_income": "9.56", "vat": "2.10"}
    assert written() == [
        told("guarantee_capture", "order:5:capture", kept),
        told("reversal", "order:5:sale:reversal", negated(COD), "order:5:sale"),
    ]


@pytest.mark.parametrize(
    ("back", "back_vat", "out_vat", "vat"),
    [("0.00", "0.00", None, "0.00"), ("0.00", "0.00", "1.21", "1.21"), ("0.73", "0.16", "1.21", "1.37")],
)
def test_a_way_back_for_nothing_takes_its_vat_from_nowhere(
    dropshipper: Any, written: Written, back: str, back_vat: str, out_vat: str | None, vat: str
) -> None:
    top_up(dropshipper, "50.00")
    moves.sell([sale(dropshipper, "order:5")], by=None)
    written()
    shipping_vat = None if out_vat is None else D(out_vat)
    moves.refuse("order:5", return_net=D(back), return_vat=D(back_vat), shipping_vat=shipping_vat, by=None)
    net = D("5.41") + D(back)
    kept = {"held": "-13.37", "wallet": f"{D('13.37') - net - D(vat)}", "shipping_income": f"{net}", "vat": vat}
    assert written()[0][-1] == {kind: amount for kind, amount in kept.items() if D(amount)}


# ---- what is refused, with all that it says

ACTS: dict[str, Callable[[str], Any]] = {
    "undo": lambda reference: moves.undo(reference, by=None),
    "lower": lambda reference: moves.lower(reference, collect=D("3.01"), by=None),
    "reship": lambda reference: moves.reship(
        reference, shipping_net=D("6.02"), cod_fee_net=D("1.31"), vat=D("4.57"), guarantee=D("14.71"), by=None, key=KEY
    ),
    "remit": lambda reference: moves.remit(reference, by=None),
    "refuse": lambda reference: moves.refuse(reference, return_net=D("4.15"), return_vat=D("0.91"), by=None),
    "lose": lambda reference: moves.lose(reference, by=None),
}
# Of what never was a COD order: what is said, or that nothing is, and nothing moves.
NO_COD = [
    ("order:404", "undo", None),
    ("order:404", "lower", "none"),
    ("order:404", "reship", "none"),
    ("order:404", "remit", "none"),
    ("order:404", "refuse", "none"),
    ("order:404", "lose", "none"),
    ("order:7", "lower", "prepaid"),
    ("order:7", "remit", "prepaid"),
    ("order:7", "refuse", "prepaid"),
    ("topup:71", "lower", "prepaid"),
    ("topup:71", "reship", None),
    ("topup:71", "remit", "prepaid"),
    ("topup:71", "refuse", "prepaid"),
    ("topup:71", "lose", "none"),
]


@pytest.mark.parametrize(("reference", "act", "state"), NO_COD)
def test_what_was_never_cash_on_delivery_is_not_settled_so(
    dropshipper: Any, reference: str, act: str, state: str | None
) -> None:
    moves.credit_top_up(reference="topup:71", dropshipper_id=dropshipper.pk, amount=D("50.00"), memo="x", by=None)
    moves.sell([sale(dropshipper, "order:7", cod=False)], by=None)
    before = books()
    if state is None:
        ACTS[act](reference)
    else:
        with pytest.raises(NotReversible) as refused:
            ACTS[act](reference)
        assert refused.value.params == {"reference": reference, "state": state}
    assert books() == before


ENDS = {"undo": "undone", "remit": "remitted", "refuse": "refused", "lose": "lost"}


@pytest.mark.parametrize("first", ENDS)
@pytest.mark.parametrize("then", ACTS)
def test_what_has_ended_in_one_way_is_not_changed_in_another(dropshipper: Any, first: str, then: str) -> None:
    top_up(dropshipper, "90.00")
    moves.sell([sale(dropshipper, "order:7")], by=None)
    ACTS[first]("order:7")
    before = books()
    if then == first:
        ACTS[then]("order:7")
    else:
        with pytest.raises(NotReversible) as refused:
            ACTS[then]("order:7")
        assert refused.value.params == {"reference": "order:7", "state": ENDS[first]}
    assert books() == before


@pytest.mark.parametrize("name", ["goods_net", "shipping_net", "cod_fee_net", "vat", "collect", "guarantee"])
@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-0.01", "1.005"])
def test_no_amount_of_a_sale_is_anything_else_than_cents(dropshipper: Any, name: str, amount: str) -> None:
    with pytest.raises(ValueError, match=f"^order:7: {re.escape(amount)} is not an amount of a sale$"):
        sale(dropshipper, "order:7", **{name: amount})


def test_nothing_is_collected_by_no_cod_sale(dropshipper: Any) -> None:
    with pytest.raises(ValueError, match=r"^order:7: nothing to collect at the door$"):
        sale(dropshipper, "order:7", collect="0.00")
    assert sale(dropshipper, "order:7", collect="0.01").wallet_need == D("13.37") + D("21.91")
    assert sale(dropshipper, "order:7", collect="21.93").wallet_need == D("13.37")
    assert sale(dropshipper, "order:7", cod=False, guarantee="1.07").wallet_need == D("20.79")


@pytest.mark.parametrize(
    ("collect", "fee"),
    [
        ("31.18", {}),
        ("-0.01", {}),
        ("30.005", {}),
        ("30.00", {"fee_net": "1.13"}),
        ("30.00", {"fee_vat": "0.25"}),
    ],
)
def test_only_a_lower_amount_is_collected_and_a_fee_comes_back_with_the_last(
    dropshipper: Any, collect: str, fee: dict[str, str]
) -> None:
    top_up(dropshipper, "50.00")
    moves.sell([sale(dropshipper, "order:7")], by=None)
    before = books()
    with pytest.raises(ValueError, match=f"^order:7: {collect} is not less than 31.17$"):
        moves.lower("order:7", collect=D(collect), by=None, **{name: D(amount) for name, amount in fee.items()})
    moves.lower("order:7", collect=D("31.17"), by=None)  # as it is
    assert books() == before


@pytest.mark.parametrize("amount", ["0.00", "-5.00"])
def test_no_top_up_is_nothing_or_less(dropshipper: Any, amount: str) -> None:
    with pytest.raises(ValueError, match=f"^{amount} is not a top-up$"):
        top_up(dropshipper, amount)


def test_an_adjustment_without_a_key_has_one_of_its_own(dropshipper: Any) -> None:
    for _time in range(2):
        moves.adjust(dropshipper.pk, D("2.19"), "x", None)
    first, second = Entry.objects.values_list("key", "reference")
    assert first[0] == first[1] != second[0] == second[1]
    assert all(re.fullmatch(r"adjustment:[0-9a-f]{8}-[0-9a-f-]{27}", key) for key in (*first, *second))
