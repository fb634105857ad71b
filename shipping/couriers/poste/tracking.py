"""Poste tells what happened in words. The rules are a file, tried in its order; words that none knows are unknown. The
order is what counts: "dal mittente" holds "al mittente", and money that goes back to the sender is no parcel."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.strict import BadJson, load_json
from shipping.couriers.base import Access, Event, Flag, Meaning, State, Tracked
from shipping.couriers.calls import block, blocks, said
from shipping.couriers.errors import CourierUnreadable
from shipping.couriers.moments import moment
from shipping.couriers.poste.client import NAME
from shipping.couriers.ways import back_and_forth, in_order


@dataclass(frozen=True, slots=True)
class Rule:
    meaning: Meaning
    pattern: re.Pattern[str]


def read_rules(path: Path) -> tuple[Rule, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Rule(
                Meaning(row["code"], State(row["state"]), frozenset(map(Flag, row["flags"].split())), row["pattern"]),
                re.compile(row["pattern"], re.IGNORECASE),
            )
            for row in csv.DictReader(file, delimiter=";")
        )


RULES = read_rules(Path(__file__).parent / "texts.csv")
TABLE: Mapping[str, Meaning] = {rule.meaning.code: rule.meaning for rule in RULES}


def plain(words: str) -> str:
    """As staff's own rows name a sentence: small letters, single blanks."""
    return " ".join(words.casefold().split())


def meaning(access: Access, words: str) -> Meaning | None:
    """A sentence that staff explained goes first, word for word; then the first rule that fits, in the meaning that
    staff gave it."""
    text = plain(words)
    if text in access.codes:
        return access.codes[text]
    found = next((rule.meaning for rule in RULES if rule.pattern.search(text)), None)
    return access.codes.get(found.code, found) if found else None


def request(access: Access, numbers: Sequence[str]) -> dict[str, Any]:
    last = access.said("state_flag", "N")
    rows = [{"waybillNumber": number, "lastTracingState": last} for number in numbers]
    return {"arg0": {"shipmentsData": rows, "statusDescription": "E", "customerType": "DQ"}}


def read(access: Access, answer: bytes) -> tuple[Tracked, ...]:
    try:
        data = load_json(answer)
    except BadJson as error:
        raise CourierUnreadable(courier=NAME, text=str(error)) from None
    return read_object(access, block(data))


def read_object(access: Access, data: Mapping[str, Any]) -> tuple[Tracked, ...]:
    """`returnFlag` decides nothing: it is the way back to some and a round trip to others."""
    found = block(data.get("return"))
    if not found:
        raise CourierUnreadable(courier=NAME, text="return")
    if said(found.get("outcome")).upper() == "KO" and not found.get("shipment"):
        return ()
    return tuple(_parcel(access, one) for one in blocks(found.get("shipment")))


def _parcel(access: Access, one: Mapping[str, Any]) -> Tracked:
    events = [event for row in blocks(one.get("tracking")) if (event := _event(access, row))]
    return Tracked(said(one.get("waybillNumber"), 40), back_and_forth(in_order(events)))


def _event(access: Access, row: Mapping[str, Any]) -> Event | None:
    words = said(row.get("StatusDescription")) or said(row.get("synthesisStatusDescription"))
    at = moment(said(row.get("data")))
    if at is None or not words:
        return None
    event = Event(said(row.get("status"), 10), words[:160], at, said(row.get("officeDescription"), 60))
    known = meaning(access, words)
    return event if known is None else replace(event, state=known.state, flags=known.flags)
