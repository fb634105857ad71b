"""The wallet's first page: balances, movements with their running balance, totals, what comes, the chart."""

from __future__ import annotations

import datetime as dt
import re
import threading
from decimal import Decimal as D
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from core.postgresql.owner import as_owner
from tests import cast
from tests.wallet.books import sale, top_up
from tests.wallet.pages import at, figure, figures, movements, next_page
from wallet import moves
from wallet.models import Account
from wallet.statement import history
from wallet.statement.chart import LABEL_WIDTH, chart
from wallet.statement.history import Day

pytestmark = pytest.mark.django_db
URL = "/wallet/"


@pytest.fixture
def spent(dropshipper: Any) -> Any:
    """100.00 in, one prepaid and one COD order; then the prepaid one is cancelled and the COD one remitted."""
    top_up(dropshipper, "100.00", at=at("2026-03-01"))
    moves.sell([sale(dropshipper)], by=None, at=at("2026-03-02"))
    moves.sell([sale(dropshipper, "order:2", cod=True)], by=None, at=at("2026-03-03"))
    moves.undo("order:1", by=None, at=at("2026-03-04"))
    moves.remit("order:2", by=None, at=at("2026-04-01"))
    return dropshipper


def test_a_new_account_sees_zeros_and_how_to_begin(owner: Any, client_for: Any) -> None:
    answer = client_for(owner).get(URL)
    assert (figure(answer, "available"), figure(answer, "held"), figure(answer, "cod-due")) == (0, 0, 0)
    assert movements(answer) == []
    assert reverse("wallet:top_up") in answer.content.decode()
    assert reverse("wallet:statement") not in answer.content.decode()


def test_each_movement_says_what_it_did_and_what_was_left(spent: Any, owner: Any, client_for: Any) -> None:
    answer = client_for(owner).get(f"{URL}?all")
    shown = movements(answer)
    assert {row[:2] for row in shown[:2]} == {("remittance", D("16.72")), ("guarantee_release", D("12.20"))}
    assert shown[0][2] == D("116.72")
    assert shown[2:] == [
        ("reversal", D("20.74"), D("87.80")),
        ("guarantee", D("-12.20"), D("67.06")),
        ("sale", D("-20.74"), D("79.26")),
        ("top_up", D("100.00"), D("100.00")),
    ]
    assert (figure(answer, "available"), figure(answer, "held"), figure(answer, "cod-due")) == (D("116.72"), 0, 0)
    assert reverse("orders:detail", args=[2]) in answer.content.decode()


def test_the_other_accounts_have_their_own_movements(spent: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    assert movements(client.get(f"{URL}?all&account=held")) == [
        ("guarantee_release", D("-12.20"), D("0.00")),
        ("guarantee", D("12.20"), D("12.20")),
    ]
    assert movements(client.get(f"{URL}?all&account=cod_due")) == [
        ("remittance", D("-16.72"), D("0.00")),
        ("cod_sale", D("16.72"), D("16.72")),
    ]


PERIODS = [
    ("all", "0.00", "149.66", "-32.94", "116.72"),
    ("first=2026-03-02&last=2026-03-04", "100.00", "20.74", "-32.94", "87.80"),
    ("first=2026-03-03", "79.26", "49.66", "-12.20", "116.72"),
    ("last=2026-03-02", "0.00", "100.00", "-20.74", "79.26"),
    ("first=2026-03-04&last=2026-03-02", "100.00", "20.74", "-32.94", "87.80"),  # the wrong way round
    ("first=2026-03-10&last=2026-03-20", "87.80", "0.00", "0.00", "87.80"),
    ("first=2027-01-01", "116.72", "0.00", "0.00", "116.72"),
    ("last=2020-01-01", "0.00", "0.00", "0.00", "0.00"),
]


@pytest.mark.parametrize(("query", "opening", "incoming", "outgoing", "closing"), PERIODS)
def test_the_totals_of_a_period_add_up(
    spent: Any, owner: Any, client_for: Any, query: str, opening: str, incoming: str, outgoing: str, closing: str
) -> None:
    answer = client_for(owner).get(f"{URL}?{query}")
    found = [figure(answer, name) for name in ("opening", "incoming", "outgoing", "closing")]
    assert found == [D(opening), D(incoming), D(outgoing), D(closing)]
    assert found[0] + found[1] + found[2] == found[3]
    assert found[1] + found[2] == sum((amount for _kind, amount, _balance in movements(answer)), D(0))


def test_a_movement_at_midnight_is_of_the_day_that_begins_in_the_suppliers_zone(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    top_up(dropshipper, "1.00", at=at("2026-07-01", "23:59"))
    top_up(dropshipper, "2.00", at=at("2026-07-02", "00:00"))
    client = client_for(owner)
    assert [m[1] for m in movements(client.get(f"{URL}?last=2026-07-01"))] == [D("1.00")]
    assert [m[1] for m in movements(client.get(f"{URL}?first=2026-07-02&last=2026-07-02"))] == [D("2.00")]


@pytest.mark.parametrize(
    ("kind", "kinds"),
    [
        ("top_up", {"top_up"}),
        ("order", {"sale"}),
        ("cod", {"remittance"}),
        ("guarantee", {"guarantee", "guarantee_release"}),
        ("back", {"reversal"}),
        ("adjustment", set()),
    ],
)
def test_a_type_shows_its_movements_with_the_true_running_balance(
    spent: Any, owner: Any, client_for: Any, kind: str, kinds: set[str]
) -> None:
    client = client_for(owner)
    everything = movements(client.get(f"{URL}?all"))
    answer = client.get(f"{URL}?all&type={kind}")
    shown = movements(answer)
    assert {row[0] for row in shown} == kinds
    assert shown == [row for row in everything if row[0] in kinds]
    assert figure(answer, "count") == len(shown)
    assert figure(answer, "together") == sum((row[1] for row in shown), D(0))


def test_pages_show_every_movement_once_though_all_have_the_same_time(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    same = at("2026-05-05")
    top_up(dropshipper, "5000.00", at=same)
    moves.sell([sale(dropshipper, f"order:{n}") for n in range(1, 121)], by=None, at=same)
    client = client_for(owner)
    address, sizes, rows, entries = f"{URL}?all", [], [], []
    while address:
        answer = client.get(URL + address[address.index("?") :])
        sizes.append(len(movements(answer)))
        rows += movements(answer)
        entries += figures(answer, "entry")
        assert figure(answer, "closing") == D("5000.00") - 120 * D("20.74")
        address = next_page(answer)
    assert sizes == [50, 50, 21]
    assert len(set(entries)) == 121
    assert rows[0][2] == D("5000.00") - 120 * D("20.74")
    for (_kind, amount, balance), (_older_kind, _older, before) in pairwise(rows):
        assert balance - amount == before
    assert rows[-1][2] - rows[-1][1] == 0


def test_a_stranger_sees_nothing_of_it(spent: Any, stranger: Any, client_for: Any) -> None:
    answer = client_for(stranger).get(f"{URL}?all")
    assert movements(answer) == []
    assert figure(answer, "available") == 0
    assert b"MCI-00000" not in answer.content


def test_two_dropshippers_running_balances_do_not_mix(spent: Any, stranger: Any, client_for: Any) -> None:
    other = stranger.member.dropshipper
    top_up(other, "7.00", at=at("2026-03-02"))
    answer = client_for(stranger).get(f"{URL}?all")
    assert movements(answer) == [("top_up", D("7.00"), D("7.00"))]


def test_who_does_the_orders_sees_the_balances_alone(spent: Any, client_for: Any) -> None:
    client = client_for(cast.member(spent, role=Member.Role.ORDERS))
    answer = client.get(f"{URL}?all")
    assert figure(answer, "available") == D("116.72")
    assert movements(answer) == []
    assert figures(answer, "opening") == []
    assert reverse("wallet:top_up") not in answer.content.decode().split("<main", 1)[1]


def test_accounting_sees_all_of_it(spent: Any, client_for: Any) -> None:
    assert len(movements(client_for(cast.member(spent, role=Member.Role.ACCOUNTING)).get(f"{URL}?all"))) == 6


def test_nobody_signs_in_here_by_chance(client: Any, staff: Any, client_for: Any) -> None:
    assert client.get(URL).status_code == 302
    assert client_for(staff).get(URL).url == reverse("mci:dashboard")


@pytest.mark.parametrize(
    "query",
    [
        "cursor=nonsense",
        "cursor=WzAsIngiLDFd",
        "first=9999-99-99&last=x",
        "first=0001-01-01&last=9999-12-31",
        "type=bank&account=bank&days=31",
    ],
)
def test_nonsense_in_the_address_is_left_out(spent: Any, owner: Any, client_for: Any, query: str) -> None:
    answer = client_for(owner).get(f"{URL}?{query}")
    assert answer.status_code == 200
    assert figure(answer, "available") == D("116.72")


@pytest.mark.parametrize("name", ["type", "account", "days", "cursor", "first"])
def test_what_no_database_can_hold_is_refused(owner: Any, client_for: Any, name: str) -> None:
    assert client_for(owner).get(f"{URL}?{name}=%00").status_code == 400


def test_what_was_written_by_hand_is_shown_as_text(dropshipper: Any, owner: Any, client_for: Any) -> None:
    moves.adjust(dropshipper.pk, D("3.00"), "<script>alert(1)</script>", by=owner.pk)
    page = client_for(owner).get(URL).content
    assert b"<script>alert" not in page
    assert b"&lt;script&gt;alert" in page


def test_a_balance_below_zero_stands_out(dropshipper: Any, owner: Any, client_for: Any) -> None:
    top_up(dropshipper, "5.00")
    with as_owner():
        Account.objects.filter(dropshipper=dropshipper, kind="wallet").update(floor=D("-100.00"))
    moves.adjust(dropshipper.pk, D("-15.00"), "weight", by=owner.pk)
    answer = client_for(owner).get(URL)
    assert figure(answer, "available") == D("-10.00")
    assert 'class="bad" data-available' in answer.content.decode()


QUERIES = 16


# What a page asks the database: session, user, member; the accounts (also for the shell's balance); the page's rows,
# their balances, the totals, the days, the COD to come, the average order; the open top-ups; the shell's figures.
def test_the_queries_are_few_and_the_same_with_3000_movements(dropshipper: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"{URL}?all&days=365")
        assert answer.status_code == 200
        return len(queries)

    top_up(dropshipper, "70000.00")
    moves.sell([sale(dropshipper, f"order:{n}", cod=n % 2 == 0) for n in range(1, 11)], by=None)
    few = asked()
    moves.sell([sale(dropshipper, f"order:{n}", cod=n % 2 == 0) for n in range(11, 2001)], by=None)
    with as_owner(), connection.cursor() as cursor:  # as autovacuum does: without it the plans are those of a few rows
        cursor.execute("ANALYZE wallet_posting, wallet_entry")
    assert Account.objects.get(dropshipper=dropshipper, kind="wallet").postings.count() == 2001
    assert asked() == few == QUERIES
    moves.sell([sale(dropshipper, f"order:{n}") for n in range(2001, 3001)], by=None)
    assert asked() == QUERIES


def test_cod_to_come_is_told_by_its_age(dropshipper: Any, owner: Any, client_for: Any) -> None:
    now = timezone.now()
    top_up(dropshipper, "100.00")
    for n, days in enumerate((1, 10, 20, 30), 1):
        moves.sell(
            [sale(dropshipper, f"order:{n}", cod=True, collect=D("40.18"))], by=None, at=now - dt.timedelta(days=days)
        )
    moves.remit("order:4", by=None)
    wallet = history.accounts_of(dropshipper.pk)
    coming = history.coming(wallet["cod_due"])
    assert (coming.week, coming.fortnight, coming.older, coming.count) == (D("17.00"), D("17.00"), D("17.00"), 3)
    assert [reference for reference, _at, _due in coming.oldest] == ["order:3", "order:2", "order:1"]
    assert figure(client_for(owner).get(URL), "cod-due") == coming.total == D("51.00")


# The chart


def drawn(*balances: str) -> Any:
    days = [Day(dt.date(2026, 1, 1) + dt.timedelta(days=n), D(0), D(0), D(b)) for n, b in enumerate(balances)]
    return chart(days)


@pytest.mark.parametrize(
    "balances", [("0", "0"), ("-50.00", "10.00"), ("0.01", "0.02"), ("12.00",), ("999999999.99", "-999999999.99")]
)
def test_the_line_stays_in_its_frame_and_no_label_comes_twice(balances: tuple[str, ...]) -> None:
    for drawing in (drawn(*balances).wide, drawn(*balances).narrow):
        texts = [mark.text for mark in drawing.grid]
        assert len(set(texts)) == len(texts) >= 2
        heights = [float(mark.at) for mark in drawing.grid]
        assert min(heights) <= float(drawing.end_y) <= max(heights)
        assert drawing.left < float(drawing.end_x) <= drawing.right


@pytest.mark.parametrize("last", [("900", "900", "400"), ("100", "2000", "2000", "1500"), ("5", "5", "5")])
def test_the_label_of_today_stands_above_the_line_it_would_cover(last: tuple[str, ...]) -> None:
    shown = drawn(*["50"] * 27, *last)
    for drawing in (shown.wide, shown.narrow):
        x, covered = 0.0, [float(drawing.end_y)]
        for letter, first, second in re.findall(r"([MHV])([\d.]+)(?:,([\d.]+))?", drawing.line):
            x, y = (x, float(first)) if letter == "V" else (float(first), float(second) if second else None)
            if y is not None and x >= drawing.right - LABEL_WIDTH:
                covered.append(y)
        assert float(drawing.label_y) <= max(min(covered) - 8, 14)


def test_the_days_end_at_the_balance_and_tell_what_moved(spent: Any) -> None:
    wallet = history.accounts_of(spent.pk)["wallet"]
    top_up(spent, "10.00")
    wallet.refresh_from_db()
    days = history.days(wallet, 30)
    assert len(days) == 30
    assert (days[-1].incoming, days[-1].balance, days[-2].balance) == (D("10.00"), D("126.72"), D("116.72"))


# One moment


def moved_meanwhile(dropshipper: Any) -> None:
    def work() -> None:
        top_up(dropshipper, "50.00")
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)


def read(dropshipper: Any) -> tuple[D, D]:
    """The balance, and the closing total, with a top-up between the two readings."""
    wallet = history.accounts_of(dropshipper.pk)["wallet"]
    moved_meanwhile(dropshipper)
    found = history.totals(wallet, history.Period(timezone.localdate()))
    return wallet.balance or D(0), found.opening


@pytest.mark.django_db(transaction=True)
def test_a_page_is_of_one_moment_while_others_move_money(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    assert read(dropshipper) == (D("100.00"), D("-50.00"))  # unguarded: the totals would begin below nothing
    with history.one_moment():
        assert read(dropshipper) == (D("150.00"), D("0.00"))
    assert history.accounts_of(dropshipper.pk)["wallet"].balance == D("200.00")


def test_the_shell_leads_to_the_wallet(owner: Any, client_for: Any) -> None:
    page = client_for(owner).get("/").content.decode()
    assert page.count(f'href="{URL}"') >= 2  # the menu and the balance above
