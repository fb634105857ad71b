"""The house label in ZPL II, for thermal printers of 203 and 300 dpi (decision 0024). Text is UTF-8 (^CI28), each sign
that is no plain letter or digit as the hexadecimal of ^FH: no name can give the printer an order. The printer's own
font 0 has no letters beyond Latin Extended-A: others lose their accent or become a question mark."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import BinaryIO

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from reportlab.lib.units import mm

from shipping.papers import barcodes
from shipping.papers.errors import BadPaper, NothingToPrint
from shipping.papers.fitting import LEADING, fit
from shipping.papers.fonts import Face, printable
from shipping.papers.label import Format, Label, recipient, within
from shipping.papers.words import in_language, kilos

DOTS = {203: 8.0, 300: 300 / 25.4}  # per millimetre
_MARGIN = 4.0
# Font 0 is a bold condensed face: what holds in this one holds in it.
_FACE = Face.BLACK
_SAME = str.maketrans(
    {
        **dict.fromkeys("’‘‚", "'"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("–—−", "-"),
        "…": "...",
        "€": "EUR",
        "·": "-",
        "\\": "/",  # starts a line feed within ^FB
        "ș": "ş",
        "Ș": "Ş",
        "ț": "ţ",
        "Ț": "Ţ",
    }
)


def write_zpl(
    labels: Iterable[Label], out: BinaryIO, *, dpi: int = 203, format: Format = Format.ROLL, language: str = "it"
) -> int:
    """ZPL of `labels` into `out`, one after the other and none kept; how many. Raises BadPaper for a printer or a paper
    that is not known, NothingToPrint when there is no label."""
    if dpi not in DOTS or format is Format.A4_OF_FOUR:
        raise BadPaper(reference=f"{format.name} {dpi}")
    number = 0
    with in_language(language):
        for label in labels:
            out.write(_Zpl(label, format, DOTS[dpi]).text().encode("ascii"))
            number += 1
    if not number:
        raise NothingToPrint
    return number


class _Zpl:
    """One label. All lengths are millimetres from the upper left corner until they are written as dots."""

    def __init__(self, label: Label, format: Format, dots: float) -> None:
        self.label, self.dots = label, dots
        self.wide, self.high = (length / mm for length in format.label)
        self.room = self.wide - 2 * _MARGIN
        self.commands = [f"^XA^CI28^PW{self.d(self.wide)}^LL{self.d(self.high)}^LH0,0^FWN"]

    def text(self) -> str:
        label = self.label
        self._courier()
        floor = self._codes(self.high - _MARGIN)
        floor = self._to_collect(floor)
        top = self._sender(18.5)
        self._say(_("To"), _MARGIN, top, 20, 2.6, 2)
        y = top + 3
        # The parts are in points, as on paper; every one in the printer's only face.
        parts = [replace(part, face=_FACE) for part in recipient(label)]
        for part, found in within(parts, self.room * mm, (floor - 1 - y) * mm):
            y += part.gap / mm
            for line in found.lines:
                self._field(line, _MARGIN, y, found.size / mm)
                y += found.size * LEADING / mm
        return "\n".join([*self.commands, "^PQ1^XZ", ""])

    def d(self, length: float) -> int:
        return int(length * self.dots)

    def _courier(self) -> None:
        label, side = self.label, 34.0
        piece = _("Parcel %(piece)s/%(pieces)s") % {"piece": label.piece, "pieces": label.pieces}
        self._say(label.courier, _MARGIN, 4, self.room - side - 2, 7, 3)
        self._say(label.method, _MARGIN, 12, self.room - side - 2, 4.2, 2.4)
        self._say(piece, self.wide - _MARGIN - side, 4.5, side, 5.6, 3, right=True)
        self._say(kilos(label.weight_g), self.wide - _MARGIN - side, 12, side, 4.4, 2.5, right=True)
        self._bar(_MARGIN, 17, self.room, 0.5)

    def _sender(self, top: float) -> float:
        sender = self.label.sender
        if not sender.name:
            return top
        said = _("From: %(sender)s") % {"sender": " - ".join([sender.name, *sender.lines])}
        found = fit(said, self.room * mm, face=_FACE, size=2.8 * mm, least=2.2 * mm, lines=2)
        for line in found.lines:
            self._field(line, _MARGIN, top, found.size / mm)
            top += found.size * LEADING / mm
        self._bar(_MARGIN, top + 0.6, self.room, 0.25)
        return top + 1.8

    def _to_collect(self, floor: float) -> float:
        """In figures and EUR: not every printer's font has the sign of the euro."""
        label = self.label
        if label.cod is None:
            told = _("Nothing to collect") if label.pieces == 1 else _("Nothing to collect for this parcel")
            top = floor - 8
            self.commands.append(f"^FO{self.d(_MARGIN)},{self.d(top)}^GB{self.d(self.room)},{self.d(7)},3^FS")
            self._say(told, _MARGIN + 2, top + 1.7, self.room - 4, 4, 2.5)
            return top
        top, high = floor - 17, 16.0
        box = f"{self.d(self.room)},{self.d(high)},{self.d(high)}"
        self.commands.append(f"^FO{self.d(_MARGIN)},{self.d(top)}^GB{box}^FS")
        amount = f"{number_format(label.cod, decimal_pos=2, use_l10n=True, force_grouping=True)} EUR"
        words = 32.0
        self._say(_("CASH ON DELIVERY"), _MARGIN + 2, top + 5.5, words, 5.5, 2.5, reverse=True)
        room = self.room - words - 6
        self._say(amount, _MARGIN + words + 4, top + 3, room, 11, 5, right=True, reverse=True)
        return top

    def _codes(self, floor: float) -> float:
        label, top = self.label, floor
        if label.tracking:
            top -= 20
            self._code(label.tracking, _("Tracking %(number)s") % {"number": label.tracking}, top, self.room, 13)
            self._bar(_MARGIN, top - 1.4, self.room, 0.25)
            top -= 2
        side = 24.0
        top -= side
        modules = len(barcodes.squares(label.reference))
        size = min(10, max(2, int((side - 2) * self.dots / modules)))
        left = self.wide - _MARGIN - modules * size / self.dots
        data = f"MA,{escaped(label.reference)}"
        self.commands.append(f"^FO{self.d(left)},{self.d(top + 1)}^BQN,2,{size}^FH_^FD{data}^FS")
        order = _("Order %(number)s") % {"number": label.order_number}
        told = order if label.order_number == label.reference else f"{order} - {label.reference}"
        self._code(label.reference, told, top + 1, self.room - side - 2, 15)
        return top - 1

    def _code(self, value: str, told: str, top: float, room: float, high: float) -> None:
        data, modules = code128(value)
        quiet = 2 * barcodes.QUIET
        fine, coarse = (2, 3) if self.dots < 10 else (2, 5)
        whole = self.d(room + _MARGIN)  # a quiet zone may lie in the margin
        module = next((one for one in range(coarse, fine - 1, -1) if (modules + quiet) * one <= whole), 0)
        if module:
            left = max(0, self.d(_MARGIN - 2)) + barcodes.QUIET * module
            self.commands.append(
                f"^FO{left},{self.d(top)}^BY{module},3,{self.d(high)}^BCN,{self.d(high)},N,N,N^FH_^FD{data}^FS"
            )
            self._say(told, _MARGIN, top + high + 1, room, 3.8, 2)
        else:  # too fine for a scanner: the number itself, large
            self._say(told, _MARGIN, top + 3, room, 6, 2)

    def _say(
        self,
        text: str,
        left: float,
        top: float,
        room: float,
        size: float,
        least: float,
        *,
        right: bool = False,
        reverse: bool = False,
    ) -> None:
        found = fit(text, room * mm, face=_FACE, size=size * mm, least=least * mm)
        for line in found.lines:
            self._field(line, left, top, found.size / mm, room=room if right else 0, reverse=reverse)

    def _field(
        self, line: str, left: float, top: float, size: float, *, room: float = 0, reverse: bool = False
    ) -> None:
        block = f"^FB{self.d(room)},1,0,R,0" if room else ""
        reversed_ = "^FR" if reverse else ""
        at, high = f"{self.d(left)},{self.d(top)}", self.d(size)
        self.commands.append(f"^FO{at}{reversed_}^A0N,{high},{high}{block}^FH_^FD{escaped(plain(line))}^FS")

    def _bar(self, left: float, top: float, wide: float, thick: float) -> None:
        dots = max(1, self.d(thick))
        self.commands.append(f"^FO{self.d(left)},{self.d(top)}^GB{self.d(wide)},{dots},{dots}^FS")


def plain(text: str) -> str:
    """`text` in the letters that a printer's font 0 has."""
    return "".join(_nearest(sign) for sign in printable(text).translate(_SAME))


def _nearest(sign: str) -> str:
    if ord(sign) < 0x180:
        return sign
    return "".join(one for one in unicodedata.normalize("NFKD", sign) if ord(one) < 0x180) or "?"


def escaped(text: str) -> str:
    """Field data after ^FH_: signs that could be an order are the hexadecimal of their UTF-8 bytes."""

    def as_hex(found: re.Match[str]) -> str:
        return "".join(f"_{byte:02X}" for byte in found[0].encode())

    return re.sub(r"[^A-Za-z0-9 ]", as_hex, text)


def code128(value: str) -> tuple[str, int]:
    """(field data for ^BC, how many modules it takes without quiet zones). Pairs of digits alone are in subset C, all
    else in B, where three signs have codes of their own. Raises NoBarcode."""
    barcodes.plain(value)
    if value.isdigit() and len(value) % 2 == 0:
        return f">;{value}", 11 * (2 + len(value) // 2) + 13
    codes = {">": ">0", "^": "><", "~": ">="}
    data = "".join(escaped(codes.get(sign, sign)) for sign in value)
    return f">:{data}", 11 * (2 + len(value)) + 13
