"""Both statements line by line, the one for people and the one that is verified."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import gettext

from tests.wallet.books import age, hatch, top_up
from tests.wallet.pages import at
from tests.wallet.whole import KEY, entries, sale, spend
from wallet import moves, queries
from wallet.books import seal
from wallet.books.hashchain import CONTENT, WIDTH
from wallet.models import Entry, Seal
from wallet.statement import readable, verifiable
from wallet.statement.movement_words import title_of
from wallet.statement.periods import Period
from wallet.tasks import seal_ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def spent(dropshipper: Any, other_dropshipper: Any) -> Any:
    spend(dropshipper, other_dropshipper)
    return dropshipper


def read(lines: Any) -> list[list[str]]:
    told = list(lines)
    assert told[0].startswith("\ufeff")
    return list(csv.reader([told[0].removeprefix("\ufeff"), *told[1:]], delimiter=";"))


def test_the_statement_for_people(spent: Any) -> None:
    def told(period: Period) -> list[list[str]]:
        head, *rows = read(readable.lines(spent.pk, period))
        assert len(set(head)) == 10
        return rows

    def titled(kind: str, undone: str | None = None) -> str:
        return title_of(kind, undone).removesuffix(":")

    sold = sorted(
        [
            ["02/03/2026", "10:30", titled("sale"), "MCI-000001", "", "", "-20,79"],
            ["02/03/2026", "10:30", titled("guarantee"), "MCI-000002", "", "", "-13,37"],
            ["02/03/2026", "10:30", titled("cod_sale"), "MCI-000002", "", "", ""],
        ]
    )
    rows = told(Period())
    opening, closing = gettext("Opening balance"), gettext("Closing balance")
    today = f"{timezone.localdate():%d/%m/%Y}"
    assert rows[0] == ["01/03/2026", "00:07", titled("top_up"), "", "'=MCI 7F3K", "500,31", "", "500,31", "", ""]
    assert sorted(row[:7] for row in rows[1:4]) == sold
    assert sorted(row[8:] for row in rows[1:4]) == [["", ""], ["", "9,25"], ["13,37", ""]]
    assert rows[3][7] == "466,15"
    assert rows[4:6] == [
        ["03/03/2026", "23:59", titled("reversal", "sale"), "MCI-000001", "", "20,79", "", "486,94", "", ""],
        ["04/03/2026", "08:01", titled("adjustment"), "", "Peso", "", "-3,07", "483,87", "", ""],
    ]
    assert sorted([*row[:7], *row[8:]] for row in rows[6:8]) == [
        ["05/04/2026", "12:13", titled("remittance"), "MCI-000002", "", "9,25", "", "", "-9,25"],
        ["05/04/2026", "12:13", titled("guarantee_release"), "MCI-000002", "", "13,37", "", "-13,37", ""],
    ]
    assert rows[7][7] == "506,49"
    assert rows[8:] == [[today, "", closing, "", "", "543,72", "-37,23", "506,49", "0,00", "0,00"]]

    rows = told(Period(dt.date(2026, 3, 3), dt.date(2026, 3, 4)))
    assert rows[0] == ["03/03/2026", "", opening, "", "", "", "", "466,15", "13,37", "9,25"]
    assert [row[:2] for row in rows[1:-1]] == [["03/03/2026", "23:59"], ["04/03/2026", "08:01"]]
    assert rows[-1] == ["04/03/2026", "", closing, "", "", "20,79", "-3,07", "483,87", "13,37", "9,25"]
    tomorrow = timezone.localdate() + dt.timedelta(days=3)
    assert told(Period(dt.date(2026, 5, 1), tomorrow))[-1] == [
        today, "", closing, "", "", "0,00", "0,00", "506,49", "0,00", "0,00"
    ]  # fmt: skip


def test_the_statement_that_is_verified(spent: Any) -> None:
    age()
    seal_ledger()
    adjustment = Entry.objects.get(key=f"adjustment:{KEY}")
    with hatch() as cursor:
        cursor.execute("DELETE FROM wallet_seal WHERE entry_id = %s", [adjustment.pk])
    links = {link.content.key: link for link in seal.chain(spent.pk)}
    pks = entries(spent)
    head, *rows = read(verifiable.lines(spent.pk, Period()))
    assert len(set(head)) == WIDTH
    assert head[CONTENT:] == ["position", "entry", "at", "kind", "key", "reference", "reverses", "memo", "postings",
                              "previous", "hash"]  # fmt: skip
    labels = dict(Entry.Kind.choices)

    def proven(key: str, shown: list[str], moment: str, kind: str, undone: str, memo: str, postings: str) -> list[str]:
        link, reference = links.get(key), ":".join(key.split(":")[:2])
        place = [str(link.position), link.previous.hex(), link.hash.hex()] if link else ["", "", ""]
        told = [place[0], str(pks[key]), moment, kind, key, reference, str(pks.get(undone, "")), memo, postings]
        return [*shown, *told, *place[1:]]

    topup = next(key for key in pks if key.startswith("topup"))
    by_key = {row[11]: row for row in rows}
    assert next(iter(by_key)) == topup
    assert by_key[topup] == proven(
        topup, ["2026-03-01 00:07", str(labels["top_up"]), "topup:7", "500,31", "0,00", "0,00", "500,31"],
        "2026-02-28T23:07:00.000000+00:00", "top_up", "", "'=MCI 7F3K", "bank:-500.31 wallet:500.31",
    )  # fmt: skip
    assert by_key["order:1:sale:reversal"] == proven(
        "order:1:sale:reversal",
        ["2026-03-03 23:59", str(labels["reversal"]), "MCI-000001", "20,79", "0,00", "0,00", "486,94"],
        "2026-03-03T22:59:00.000000+00:00", "reversal", "order:1:sale", "MCI-000001",
        "sales:-11.03 shipping_income:-5.41 vat:-4.35 wallet:20.79",
    )  # fmt: skip
    assert by_key[adjustment.key] == proven(
        adjustment.key,
        ["2026-03-04 08:01", str(labels["adjustment"]), adjustment.key, "-3,07", "0,00", "0,00", "483,87"],
        "2026-03-04T07:01:00.000000+00:00", "adjustment", "", "Peso", "adjustments:3.07 wallet:-3.07",
    )  # fmt: skip
    release = by_key["order:2:release"]
    assert release[1:6] == [str(labels["guarantee_release"]), "MCI-000002", "13,37", "-13,37", "0,00"]
    assert by_key["order:2:remittance"][3:6] == ["9,25", "0,00", "-9,25"]
    assert rows[-1][6] == "506,49"
    assert len(rows) == 8
    assert verifiable.opening(spent.pk, Period()) == 0
    assert verifiable.opening(spent.pk, Period(dt.date(2026, 3, 3))) == D("466.15")
    assert read(verifiable.lines(spent.pk, Period(dt.date(2026, 3, 3), dt.date(2026, 3, 3))))[1:] == [
        by_key["order:1:sale:reversal"]
    ]


@pytest.mark.parametrize("text", ["'x", "\0x", "=1", "+1", "x", "", "''"])
def test_a_cell_of_it_is_made_plain_and_comes_back(text: str) -> None:
    assert verifiable.quoted(text) == (f"'{text}" if text[:1] in ("'", "\0", "=", "+") and text else text)


def test_all_that_is_new_is_sealed_in_one_run_and_told_in_one_file(dropshipper: Any) -> None:
    """More than one step of the seal, more than two of the files; all of one instant."""
    one = at("2026-01-02")
    top_up(dropshipper, "90000.00", at=one)
    moves.sell([sale(dropshipper, f"order:{n}", cod=False) for n in range(1, 2100)], by=None, at=one)
    age()
    seal_ledger()
    assert Seal.objects.count() == 2100
    assert list(queries.broken_chain(dropshipper.pk)) == []
    rows = read(verifiable.lines(dropshipper.pk, Period()))[1:]
    assert sorted(int(row[7]) for row in rows) == list(range(1, 2101))
    assert len({row[3] for row in read(readable.lines(dropshipper.pk, Period()))[1:-1]}) == 2100
