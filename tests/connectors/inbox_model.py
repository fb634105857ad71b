"""What the shop says of one order, and what is known of it here: for the machine of test_inbox_steps.py."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.platforms import platform
from connectors.platforms.base import IncomingOrder
from tests.connectors.conftest import order_body

TEXTS = {
    "note": ["", "Citofono 3", "Dopo le 18"],
    "phone": ["+393331234501", "+393331234502", "+393331234503"],
    "street": ["Via Po 7", "Corso Francia 11", "Piazza Statuto 13"],
}
TOTALS = ["39.90", "52.75", "61.20"]
PAID = {"payment_method": "stripe", "payment_method_title": "Carta", "date_paid_gmt": "2026-11-20T10:00:01"}
PAYMENTS = {  # with the kind that each is
    "cod": ({"status": "processing"}, "cod"),
    "card": ({"status": "processing", **PAID}, "prepaid"),
    "transfer": ({"status": "on-hold", "payment_method": "bacs", "payment_method_title": "Bonifico"}, "awaiting"),
}
START = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Said:
    """What the order is in the shop."""

    at: dt.datetime
    note: str = ""
    phone: str = "+393331234501"
    street: str = "Via Po 7"
    total: str = "39.90"
    pieces: int = 1
    payment: str = "cod"
    cancelled: bool = False

    @property
    def kind(self) -> str:
        return PAYMENTS[self.payment][1]

    def read(self) -> tuple[IncomingOrder, bytes]:
        place = {**order_body()["shipping"], "address_1": self.street, "phone": self.phone}
        fields = {
            **PAYMENTS[self.payment][0],
            **({"status": "cancelled"} if self.cancelled else {}),
            "date_created_gmt": f"{START:%Y-%m-%dT%H:%M:%S}",
            "date_modified_gmt": f"{self.at:%Y-%m-%dT%H:%M:%S}",
            "customer_note": self.note,
            "total": self.total,
            "shipping": place,
            "billing": {**place, "email": "ada@example.it"},
            "line_items": [{**order_body()["line_items"][0], "quantity": self.pieces}],
        }
        body = json.dumps(order_body(7, **fields)).encode()
        reading = platform("woocommerce").read("order.updated", body, facts={})
        assert isinstance(reading, IncomingOrder)
        return reading, body


@dataclass
class Row:
    """Of the inbox: the version that counts, whether the order is in the bin, when we last asked and last heard so."""

    version: tuple[dt.datetime, bytes]
    gone: bool = False
    read: dt.datetime | None = None
    binned: dt.datetime | None = None


@dataclass
class Model:
    """`told`: the shop's last word that counted; `mine`: what stands here; `open`: fields where both differ, with
    theirs; `net`: what the shop changed since it was sent. `state`: "" (no order yet) | open | in_shop (cancelled
    there) | by_hand (cancelled here) | sent | undone."""

    row: Row | None = None
    told: Said | None = None
    mine: dict[str, Any] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    net: dict[str, tuple[str, str]] = field(default_factory=dict)
    state: str = ""
    gone_there: bool = False
    owes: str = ""
    by_hand: bool = False

    def takes(self, kind: str, at: dt.datetime, said: Said, version: tuple[dt.datetime, bytes]) -> bool:
        """Whether it is news."""
        if not self.is_news(kind, at, version):
            return False
        row = self.row or Row(version)
        if row.gone and kind == "restored":
            row.binned = at
        row.version, row.gone, row.read = version, False, max(filter(None, (row.read, at)))
        self.row = row
        if said.cancelled:
            self.over_there()
        else:
            self.lives_there(said)
        return True

    def binned(self, at: dt.datetime) -> None:
        if self.withdrawn(at):
            self.over_there()

    def is_news(self, kind: str, at: dt.datetime, version: tuple[dt.datetime, bytes]) -> bool:
        row = self.row
        if row is None:
            return True
        if kind == "truth":
            older = version[0] <= row.version[0] and row.read is not None and at < row.read
            return not older and (row.gone or version != row.version)
        if kind == "restored" and row.gone:
            return row.binned is None or at >= row.binned
        return version > row.version

    def withdrawn(self, at: dt.datetime) -> bool:
        if self.row is None:
            self.row = Row((at, b""), gone=True, binned=at)
        elif self.row.binned is not None and at < self.row.binned:
            return False
        elif not self.row.gone:
            read = max(filter(None, (self.row.read, at)))
            self.row = Row((max(at, self.row.version[0]), b""), gone=True, read=read, binned=at)
        return True

    def over_there(self) -> None:
        if self.state == "open":
            self.state = "in_shop"
        elif self.state == "sent":
            self.gone_there = True

    def lives_there(self, said: Said) -> None:
        if self.state == "":
            self.state = "open"
            self.mine = {"note": said.note, "phone": said.phone, "street": said.street, "pieces": said.pieces}
            self.mine |= {"total": said.total, "kind": said.kind, "collect": said.total if said.kind == "cod" else None}
            self.told = said
            return
        before, self.told = self.told, said
        assert before is not None
        if self.state == "in_shop":
            self.state = "open"
        if self.state == "open":
            self.merge(before, said)
        elif self.state == "sent":
            self.gone_there = False
            self.alarm(before, said)

    def merge(self, before: Said, said: Said) -> None:
        texts = {name: (getattr(before, name), getattr(said, name)) for name in TEXTS}
        if any(old != new for old, new in texts.values()):
            for name, (old, new) in texts.items():
                if self.mine[name] == new:
                    self.open.pop(name, None)
                elif old != new and self.mine[name] == old:
                    self.mine[name] = new
                    self.open.pop(name, None)
                elif old != new:
                    self.open[name] = new
        was, amount = self.mine["kind"], self.mine["collect"]
        if before.payment != said.payment and not self.by_hand:
            self.mine["kind"] = said.kind
        if before.total != said.total:
            self.mine["total"] = said.total
        if before.pieces != said.pieces:
            self.mine["pieces"] = said.pieces
        if self.mine["kind"] != "cod":
            self.mine["collect"] = None
        elif was != "cod" or amount in (None, before.total):
            self.mine["collect"] = said.total
        elif amount == said.total:
            self.open.pop("to_collect", None)
        elif before.total != said.total:
            self.open["to_collect"] = said.total

    def alarm(self, before: Said, said: Said) -> None:
        named = {name: (getattr(before, name), getattr(said, name)) for name in [*TEXTS, "total"]}
        named["line:MCI-0001"] = (str(before.pieces), str(said.pieces))
        found = {name: pair for name, pair in named.items() if pair[0] != pair[1]}
        if found:
            net = dict(self.net)
            for name, (old, new) in found.items():
                net[name] = (net[name][0] if name in net else old, new)
            self.net = {
                name: pair
                for name, pair in net.items()
                if pair[0] != pair[1] and not (name in TEXTS and getattr(said, name) == self.mine[name])
            }
        if self.mine["kind"] == "cod" and (before.total, before.payment) != (said.total, said.payment):
            owed = Decimal(0) if said.kind == "prepaid" else Decimal(said.total)
            self.owes = str(owed) if owed < Decimal(self.mine["collect"]) else ""

    def is_ready(self) -> bool:
        return self.state == "open" and not self.open and self.mine["kind"] in ("cod", "prepaid")
