"""What happened to a dropshipper's money: movements with a running balance, totals that add up, days, COD to come.

All amounts EUR. Periods are half open, in the time zone of the supplier; movements are ordered by (at, id).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from core.money import ZERO, cents
from core.pagination import Page, keyset_page
from wallet.models import Account, Entry, Posting
from wallet.statement.periods import Period, midnight

# The types that a person tells apart, as filters of the page.
TYPES: dict[str, tuple[str, ...]] = {
    "top_up": (Entry.Kind.TOP_UP,),
    "order": (Entry.Kind.SALE, Entry.Kind.SHIPPING_CHANGE),
    "cod": (Entry.Kind.COD_SALE, Entry.Kind.COD_AMENDMENT, Entry.Kind.REMITTANCE),
    "guarantee": (Entry.Kind.GUARANTEE, Entry.Kind.GUARANTEE_RELEASE, Entry.Kind.GUARANTEE_CAPTURE),
    "back": (
        *(Entry.Kind.REVERSAL, Entry.Kind.RETURN_CREDIT, Entry.Kind.RETURN_CHARGE, Entry.Kind.LOSS, Entry.Kind.FOUND),
    ),
    "adjustment": (Entry.Kind.ADJUSTMENT,),
}


@contextmanager
def one_moment() -> Iterator[None]:
    """What is read inside is of one moment: balances, movements and totals agree while others spend and top up.

    Inside a transaction that runs already it does nothing."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def accounts_of(dropshipper_id: int) -> dict[str, Account]:
    """His accounts by kind; empty when no money ever moved (1 query)."""
    found = Account.objects.filter(dropshipper_id=dropshipper_id).select_related("dropshipper")
    return {account.kind: account for account in found}


def movements(account: Account, period: Period, kind: str = "", reference: str = "") -> QuerySet[Entry]:
    """The entries that moved `account`, each with its `amount` there; of one order when it is named ("order:12")."""
    entries = Entry.objects.filter(dropshipper=account.dropshipper, postings__account=account)
    if period.start:
        entries = entries.filter(at__gte=period.start)
    if period.end:
        entries = entries.filter(at__lt=period.end)
    if kind in TYPES:
        entries = entries.filter(kind__in=TYPES[kind])
    if reference:
        entries = entries.filter(reference=reference)
    return entries.annotate(amount=F("postings__amount")).select_related("reverses")


def page_of(
    account: Account, period: Period, kind: str, cursor: str | None, *, reference: str = "", size: int = 50
) -> Page[Entry]:
    """A page of movements, the newest first, each with `balance_after` (2 queries however many movements)."""
    page = keyset_page(movements(account, period, kind, reference), by=("-at", "-id"), cursor=cursor, size=size)
    if page.rows:
        set_balances(account, page.rows)
    return page


def set_balances(account: Account, rows: Sequence[Entry]) -> None:
    """The balance of `account` after each of these entries (newest first): today's, less what came later.

    A filter may hide rows between the shown ones, so the sums are taken from all that moved the account."""
    last = rows[-1]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, since FROM ("
            "  SELECT e.id, sum(p.amount) OVER (ORDER BY e.at DESC, e.id DESC) - p.amount AS since"
            "    FROM wallet_posting p JOIN wallet_entry e ON e.id = p.entry_id"
            "   WHERE p.account_id = %s AND (e.at, e.id) >= (%s, %s)"
            ") later WHERE id = ANY(%s)",
            [account.pk, last.at, last.pk, [row.pk for row in rows]],
        )
        since = dict(cursor.fetchall())
    for row in rows:
        row.balance_after = (account.balance or ZERO) - since[row.pk]  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Totals:
    """opening + incoming + outgoing = closing. `outgoing` is negative. `count`: movements in the period."""

    opening: Decimal
    incoming: Decimal
    outgoing: Decimal
    closing: Decimal
    count: int

    @property
    def together(self) -> Decimal:
        """What came and went, as one sum."""
        return self.incoming + self.outgoing


def totals(account: Account, period: Period, kind: str = "", reference: str = "") -> Totals:
    """The sums of a period (1 query). With a `kind`, or an order, incoming and outgoing are of that alone."""
    moved = Posting.objects.filter(account=account)
    inside = Q()
    if period.start:
        moved = moved.filter(entry__at__gte=period.start)
    if period.end:
        inside = Q(entry__at__lt=period.end)
    shown = inside & Q(entry__kind__in=TYPES[kind]) if kind in TYPES else inside
    if reference:
        shown &= Q(entry__reference=reference)
    sums = moved.aggregate(
        incoming=Sum("amount", filter=shown & Q(amount__gt=0)),
        outgoing=Sum("amount", filter=shown & Q(amount__lt=0)),
        count=Count("pk", filter=shown) if shown else Count("pk"),
        inside=Sum("amount", filter=inside) if inside else Sum("amount"),
        since_start=Sum("amount"),
    )
    opening = (account.balance or ZERO) - (sums["since_start"] or ZERO)
    closing = opening + (sums["inside"] or ZERO)
    return Totals(opening, sums["incoming"] or ZERO, sums["outgoing"] or ZERO, closing, sums["count"])


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an account; `balance` at its end."""

    date: dt.date
    incoming: Decimal
    outgoing: Decimal
    balance: Decimal


def days(account: Account, count: int) -> list[Day]:
    """The last `count` days, oldest first, also those without movements (1 query)."""
    today = timezone.localdate()
    first = today - dt.timedelta(days=count - 1)
    rows = (
        Posting.objects.filter(account=account, entry__at__gte=midnight(first))
        .values_list("entry__at__date")
        .annotate(incoming=Sum("amount", filter=Q(amount__gt=0)), outgoing=Sum("amount", filter=Q(amount__lt=0)))
    )
    moved = {day: (incoming or ZERO, outgoing or ZERO) for day, incoming, outgoing in rows}
    balance = account.balance or ZERO
    # What is dated ahead of today counts as today's: the line ends at the balance.
    found = []
    for back in range(count):
        day = today - dt.timedelta(days=back)
        incoming, outgoing = moved.get(day, (ZERO, ZERO))
        found.append(Day(day, incoming, outgoing, balance))
        balance -= incoming + outgoing
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Coming:
    """COD margin booked and not yet remitted, by the age of the booking in days; `oldest` come next."""

    week: Decimal
    fortnight: Decimal
    older: Decimal
    count: int
    oldest: list[tuple[str, dt.datetime, Decimal]]

    @property
    def total(self) -> Decimal:
        return self.week + self.fortnight + self.older


_COMING = """
WITH open AS (
  SELECT reference, since AS at, amount AS due FROM wallet_openitem WHERE account_id = %(account)s
), ages AS (
  SELECT coalesce(sum(due) FILTER (WHERE at >= %(week)s), 0) AS week,
         coalesce(sum(due) FILTER (WHERE at < %(week)s AND at >= %(fortnight)s), 0) AS fortnight,
         coalesce(sum(due) FILTER (WHERE at < %(fortnight)s), 0) AS older, count(*) AS n
    FROM open
)
SELECT ages.week, ages.fortnight, ages.older, ages.n, next.reference, next.at, next.due
  FROM ages LEFT JOIN (SELECT * FROM open ORDER BY at, reference LIMIT 5) next ON true ORDER BY next.at, next.reference
"""


def coming(account: Account) -> Coming:
    """What COD is to come (1 query, which reads only what is open); `account` is his cod_due."""
    now = timezone.now()
    limits = {"week": now - dt.timedelta(days=7), "fortnight": now - dt.timedelta(days=14)}
    with connection.cursor() as cursor:
        cursor.execute(_COMING, {"account": account.pk, **limits})
        rows = cursor.fetchall()
    week, fortnight, older, count = rows[0][:4]
    return Coming(week, fortnight, older, count, [tuple(row[4:]) for row in rows if row[4]])


def orders_left(account: Account, spendable: Decimal) -> int | None:
    """About how many more prepaid orders the balance pays, by the last 30 days' average; None without any (1 query)."""
    sums = Posting.objects.filter(
        account=account, entry__kind=Entry.Kind.SALE, entry__at__gte=timezone.now() - dt.timedelta(days=30)
    ).aggregate(spent=Sum("amount"), count=Count("pk"))
    if not sums["count"] or not sums["spent"]:
        return None
    return max(0, int(spendable / cents(-sums["spent"] / sums["count"])))
