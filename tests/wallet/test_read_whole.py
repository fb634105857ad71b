"""What is read of the books, compared whole: figures, movements, sums, days, what is to come."""

from __future__ import annotations

import datetime as dt
from dataclasses import astuple
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from tests import cast, differing
from tests.wallet.books import hatch, top_up
from tests.wallet.pages import at
from tests.wallet.whole import entries, sale, spend
from wallet import moves, queries
from wallet.models import Entry
from wallet.queries import Balances, BookEntry
from wallet.statement import history, periods
from wallet.statement.history import Coming, Day, Totals
from wallet.statement.periods import Period

pytestmark = pytest.mark.django_db


@pytest.fixture
def spent(dropshipper: Any, other_dropshipper: Any) -> Any:
    spend(dropshipper, other_dropshipper)
    return dropshipper


# ---- figures, movements, totals


def test_balances_and_entries(spent: Any, other_dropshipper: Any) -> None:
    differing.set_floor(spent, "-50.00")
    assert queries.balances(spent.pk) == Balances(D("506.49"), D("0.00"), D("0.00"), D("556.49"))
    moves.sell([sale(other_dropshipper, "order:7")], by=None)
    assert queries.balances(other_dropshipper.pk) == Balances(D("1483.12"), D("13.37"), D("9.25"), D("1483.12"))
    assert queries.balances_from([]) == Balances()
    held = history.accounts_of(other_dropshipper.pk)["held"]
    assert queries.balances_from([held]) == Balances(held=D("13.37"))
    assert set(history.accounts_of(spent.pk)) == {"wallet", "held", "cod_due"}


def test_the_money_box_of_an_order(dropshipper: Any) -> None:
    clerk = cast.staff(name="Bruno Leoni")
    top_up(dropshipper, "50.00")
    moment = at("2026-03-02")
    early = moment - dt.timedelta(days=1)
    moves.sell([sale(dropshipper, "order:1", cod=False), sale(dropshipper, "order:2")], by=clerk.pk, at=early)
    moves.undo("order:1", by=None, memo="Annullato", at=moment)
    with hatch() as cursor:  # so that the first row lies behind the second
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("UPDATE wallet_entry SET at = %s WHERE key = 'order:1:sale'", [moment])
    lines = {"wallet": D("-20.79"), "sales": D("11.03"), "shipping_income": D("5.41"), "vat": D("4.35")}
    pks = entries(dropshipper)
    first, back = queries.entries_of("order:1")
    sold = pks["order:1:sale"]
    assert first == BookEntry(sold, "sale", str(Entry.Kind.SALE.label), moment, str(clerk), "", lines, None)
    undone = {kind: -amount for kind, amount in lines.items()}
    label, back_id = str(Entry.Kind.REVERSAL.label), pks["order:1:sale:reversal"]
    assert back == BookEntry(back_id, "reversal", label, moment, "", "Annullato", undone, sold)
    assert (first.wallet, first.held, first.cod_due) == (D("-20.79"), 0, 0)
    told = {one.kind: (one.wallet, one.held, one.cod_due) for one in queries.entries_of("order:2")}
    assert told == {"cod_sale": (0, 0, D("9.25")), "guarantee": (D("-13.37"), D("13.37"), 0)}
    assert queries.entries_of("order:3") == []


def test_the_movements_and_their_sums(spent: Any) -> None:
    accounts = history.accounts_of(spent.pk)
    wallet, pks = accounts["wallet"], entries(spent)
    page = history.page_of(wallet, Period(), "", None, size=4)
    first = page.rows[0]
    assert (len(page.rows), first.amount, first.balance_after) == (4, D("9.25"), D("506.49"))  # type: ignore[attr-defined]
    rest = history.page_of(wallet, Period(), "", page.next_cursor, size=4)
    told = [(row.pk, row.amount, row.balance_after) for row in [*page.rows, *rest.rows]]  # type: ignore[attr-defined]
    assert [row[0] for row in told] == sorted((row[0] for row in told), key=lambda pk: -pk)
    assert sorted(told) == sorted(
        (pk, posting, balance)
        for pk, posting, balance in zip(
            [row[0] for row in told], [row[1] for row in told], running([row[1] for row in told]), strict=True
        )
    )
    sold = history.page_of(wallet, Period(), "order", None, reference="order:1")
    assert [(row.pk, row.amount, row.balance_after) for row in sold.rows] == [  # type: ignore[attr-defined]
        (pks["order:1:sale"], D("-20.79"), {row[0]: row[2] for row in told}[pks["order:1:sale"]])
    ]
    undone = Entry.objects.get(key="order:1:sale")
    assert [row.reverses for row in history.movements(wallet, Period(), "back")] == [undone]

    march = Period(dt.date(2026, 3, 2), dt.date(2026, 3, 31))
    zero = D("0.00")
    assert history.totals(wallet, Period()) == Totals(zero, D("543.72"), D("-37.23"), D("506.49"), 7)
    whole = Totals(D("500.31"), D("20.79"), D("-37.23"), D("483.87"), 4)
    assert history.totals(wallet, march) == whole
    assert whole.together == D("-16.44")
    assert history.totals(wallet, march, "order") == Totals(D("500.31"), zero, D("-20.79"), D("483.87"), 1)
    assert history.totals(wallet, march, "no type") == whole
    assert history.totals(wallet, march, reference="order:1") == Totals(
        D("500.31"), D("20.79"), D("-20.79"), D("483.87"), 2
    )
    assert history.totals(wallet, Period(), "back", "order:1") == Totals(zero, D("20.79"), zero, D("506.49"), 1)
    assert history.totals(wallet, Period(), "back", "order:2") == Totals(zero, zero, zero, D("506.49"), 0)
    assert history.totals(wallet, Period(None, dt.date(2026, 3, 1))) == Totals(zero, D("500.31"), zero, D("500.31"), 1)
    assert history.totals(accounts["cod_due"], Period(dt.date(2026, 4, 1))) == Totals(
        D("9.25"), zero, D("-9.25"), zero, 1
    )


def running(amounts: list[D]) -> list[D]:
    """The balance after each, newest first."""
    left, found = sum(amounts, D(0)), []
    for amount in amounts:
        found.append(left)
        left -= amount
    return found


# ---- days, what comes, how many orders are left


def test_each_day_has_what_came_and_went_and_its_balance(dropshipper: Any, other_dropshipper: Any) -> None:
    today = timezone.localdate()

    def on(back: int, hour: int) -> dt.datetime:
        return timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=back), dt.time(hour, 1)))

    top_up(other_dropshipper, "900.00", at=on(1, 3))
    top_up(dropshipper, "100.00", at=on(9, 3))
    for back, hour, amount in ((3, 0, "7.31"), (3, 23, "-0.45"), (3, 12, "0.91"), (1, 23, "-5.53"), (0, 0, "4.19")):
        moves.adjust(dropshipper.pk, D(amount), "x", None, at=on(back, hour))
    moves.adjust(dropshipper.pk, D("30.00"), "x", None, at=timezone.now() + dt.timedelta(days=2))
    wallet = history.accounts_of(dropshipper.pk)["wallet"]
    zero = D("0.00")
    assert history.days(wallet, 4) == [
        Day(today - dt.timedelta(days=3), D("8.22"), D("-0.45"), D("137.77")),
        Day(today - dt.timedelta(days=2), zero, zero, D("137.77")),
        Day(today - dt.timedelta(days=1), zero, D("-5.53"), D("132.24")),
        Day(today, D("4.19"), zero, D("136.43")),
    ]
    first = Period(today - dt.timedelta(days=3), today - dt.timedelta(days=3))
    assert history.totals(wallet, first) == Totals(D("100.00"), D("8.22"), D("-0.45"), D("107.77"), 3)


def test_what_is_to_come_by_its_age_and_what_comes_next(dropshipper: Any, other_dropshipper: Any) -> None:
    top_up(dropshipper, "500.00")
    top_up(other_dropshipper, "500.00")
    now = timezone.now()
    due: dict[str, tuple[str, dt.datetime, D]] = {}
    for n, hours in enumerate((0, 167, 169, 335, 337, 900, 900, 1200)):
        moment = now - dt.timedelta(hours=hours)
        collect = D("30.00") + n + D(n) / 100
        for owner, reference in ((dropshipper, f"order:{90 - n}"), (other_dropshipper, f"order:{190 - n}")):
            moves.sell([sale(owner, reference, collect=str(collect))], by=None, at=moment)
        due[f"order:{90 - n}"] = (f"order:{90 - n}", moment, collect - D("21.92"))
    coming = history.coming(history.accounts_of(dropshipper.pk)["cod_due"])
    amounts = [one[2] for one in due.values()]
    oldest = [due[f"order:{n}"] for n in (83, 84, 85, 86, 87)]
    assert coming == Coming(sum(amounts[:2]), sum(amounts[2:4]), sum(amounts[4:]), 8, oldest)
    assert coming.total == sum(amounts)
    fresh = cast.dropshipper("Nuova")
    top_up(fresh, "1.00")
    nothing = history.coming(history.accounts_of(fresh.pk)["cod_due"])
    assert astuple(nothing) == (0, 0, 0, 0, [])


def test_how_many_more_orders_the_balance_pays(dropshipper: Any, other_dropshipper: Any) -> None:
    top_up(dropshipper, "500.00")
    top_up(other_dropshipper, "500.00")
    wallet = history.accounts_of(dropshipper.pk)["wallet"]
    assert history.orders_left(wallet, D("500.00")) is None
    now = timezone.now()
    old, late = now - dt.timedelta(days=30, minutes=1), now - dt.timedelta(days=29, hours=23)
    moves.sell([sale(dropshipper, "order:1", cod=False, goods_net="90.00")], by=None, at=old)
    moves.sell([sale(other_dropshipper, "order:2", cod=False, goods_net="70.00")], by=None)
    moves.sell([sale(dropshipper, "order:3")], by=None)
    assert history.orders_left(wallet, D("500.00")) is None
    moves.sell([sale(dropshipper, "order:4", cod=False)], by=None, at=late)  # 20.79
    moves.sell([sale(dropshipper, "order:5", cod=False, goods_net="12.05")], by=None)  # 21.81, average 21.30
    for spendable, left in (("42.59", 1), ("42.60", 2), ("21.29", 0), ("0.00", 0), ("-30.00", 0)):
        assert history.orders_left(wallet, D(spendable)) == left


# ---- named periods


def test_periods_are_named() -> None:
    def days(text: str) -> Any:
        found = periods.named(text)
        return found and (f"{found.first}", f"{found.last}")

    assert [days(text) for text in ("2026-01", "2026-11", "2026-12", "2024-02", "2026-10")] == [
        ("2026-01-01", "2026-01-31"), ("2026-11-01", "2026-11-30"), ("2026-12-01", "2026-12-31"),
        ("2024-02-01", "2024-02-29"), ("2026-10-01", "2026-10-31"),
    ]  # fmt: skip
    assert [days(f"2026-Q{n}") for n in (1, 2, 3, 4)] == [
        ("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30"), ("2026-07-01", "2026-09-30"),
        ("2026-10-01", "2026-12-31"),
    ]  # fmt: skip
    assert days("2026") == ("2026-01-01", "2026-12-31")
    for text in ("", "2026-00", "2026-13", "2026-Q0", "2026-Q5", "1999", "2026-1", "20261", "2026-Q3 ", "２０２６"):
        assert periods.named(text) is None
    march = Period(dt.date(2026, 3, 29), dt.date(2026, 3, 29))  # the hour that is left out
    assert (march.start, march.end) == (at("2026-03-29", "00:00"), at("2026-03-30", "00:00"))
    assert (Period().start, Period().end) == (None, None)


def test_periods_are_offered_from_the_present_one_back() -> None:
    months, quarters, years = periods.choices(dt.date(2026, 4, 30))
    assert [value for value, _words in months[1]] == [
        "2026-04", "2026-03", "2026-02", "2026-01", "2025-12", "2025-11", "2025-10", "2025-09", "2025-08", "2025-07",
        "2025-06", "2025-05",
    ]  # fmt: skip
    assert [words for _value, words in months[1]][:5:2] == ["Aprile 2026", "Febbraio 2026", "Dicembre 2025"]
    assert [value for value, _words in quarters[1]] == [
        "2026-Q2", "2026-Q1", "2025-Q4", "2025-Q3", "2025-Q2", "2025-Q1"
    ]  # fmt: skip
    assert quarters[1][2][1] == "4° trimestre 2025"
    assert years[1] == [(str(year), str(year)) for year in (2026, 2025, 2024, 2023, 2022)]
    for first, month, quarter in (("2026-01-01", "2026-01", "2026-Q1"), ("2026-12-31", "2026-12", "2026-Q4")):
        groups = periods.choices(dt.date.fromisoformat(first))
        assert [groups[0][1][0][0], groups[1][1][0][0]] == [month, quarter]
