"""Reads the ZPL that we write and draws it: hexadecimal fields, lines and boxes, reversed text, Code 128 and QR. It
shows what is written and where; how a real printer's font looks it does not know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources

import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFont

from shipping.papers.fonts import Face

KNOWN = {"CI", "PW", "LL", "LH", "FW", "FO", "FR", "A0", "FB", "FH", "FD", "FS", "GB", "BY", "BC", "BQ", "PQ", "XZ"}


@dataclass(frozen=True, slots=True)
class Field:
    kind: str  # text, Code128, QRCode, box
    text: str
    x: int
    y: int
    wide: int
    high: int
    reverse: bool = False
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Printed:
    wide: int
    high: int
    fields: tuple[Field, ...]

    def texts(self) -> list[str]:
        return [field.text for field in self.fields if field.kind == "text"]

    def codes(self) -> list[tuple[str, str]]:
        return [(field.kind, field.text) for field in self.fields if field.kind in ("Code128", "QRCode")]


def read(data: bytes) -> list[Printed]:
    labels = data.decode("ascii").split("^XA")
    assert not labels[0].strip()
    return [_label(label) for label in labels[1:]]


def _label(text: str) -> Printed:
    assert "~" not in text
    wide = high = 0
    fields: list[Field] = []
    state: dict[str, str] = {}
    for name, rest in re.findall(r"\^([A-Z][A-Z0-9])([^^]*)", text):
        assert name in KNOWN, name
        rest = rest.rstrip("\n")
        if name == "PW":
            wide = int(rest)
        elif name == "LL":
            high = int(rest)
        elif name == "FS":
            fields.append(_field(state))
            state = {}
        else:
            state[name] = rest
    return Printed(wide, high, tuple(fields))


def _field(state: dict[str, str]) -> Field:
    x, y = (int(part) for part in state["FO"].split(","))
    if "GB" in state:
        wide, high, thick = (int(part) for part in state["GB"].split(","))
        return Field("box", "", x, y, wide, high, filled=2 * thick >= min(wide, high))
    assert "FH" in state
    assert state["FH"] == "_"
    raw = state["FD"]
    said = re.sub(rb"_([0-9A-F]{2})", lambda m: bytes.fromhex(m[1].decode()), raw.encode()).decode()
    if "BC" in state:
        module = int(state["BY"].split(",")[0])
        start, body = said[:2], said[2:]
        assert start in (">:", ">;")
        for code, sign in ((">=", "~"), ("><", "^"), (">0", ">")):
            body = body.replace(code, sign) if start == ">:" else body
        modules = 11 * (2 + (len(body) if start == ">:" else len(body) // 2)) + 13
        return Field("Code128", body, x, y, modules * module, int(state["BC"].split(",")[1]))
    if "BQ" in state:
        assert said.startswith("MA,")
        side = zxingcpp.create_barcode(said[3:], zxingcpp.BarcodeFormat.QRCode).to_image(add_quiet_zones=False).shape[0]
        size = int(state["BQ"].split(",")[2])
        return Field("QRCode", said[3:], x, y, side * size, side * size)
    high = int(state["A0"].split(",")[1])
    wide = int(_font(high).getlength(said))
    if "FB" in state:
        room = int(state["FB"].split(",")[0])
        assert wide <= room + 2, said
        x += room - wide
    return Field("text", said, x, y, wide, high, "FR" in state)


def _font(high: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(resources.files("font_source_sans_pro") / "files" / f"{Face.BLACK}.ttf"), high)


def picture(label: Printed) -> Image.Image:
    """The label with a dot for a dot."""
    page = Image.new("L", (label.wide, label.high), 255)
    for field in label.fields:
        draw = ImageDraw.Draw(page)
        if field.kind == "box":
            corners = (field.x, field.y, field.x + field.wide, field.y + field.high)
            draw.rectangle(corners, fill=0 if field.filled else None, outline=0)
        elif field.kind == "text":
            ink = Image.new("L", page.size, 0)
            ImageDraw.Draw(ink).text(
                (field.x, field.y - field.high * 0.2), field.text, font=_font(field.high), fill=255
            )
            page = ImageChops.difference(page, ink) if field.reverse else ImageChops.subtract(page, ink)
        else:
            kind = getattr(zxingcpp.BarcodeFormat, field.kind)
            bars = zxingcpp.create_barcode(field.text, kind).to_image(add_quiet_zones=False)
            found = _image(bars)
            page.paste(found.resize((field.wide, field.high), Image.Resampling.NEAREST), (field.x, field.y))
    return page


def _image(bars: zxingcpp.Image) -> Image.Image:
    high, wide = bars.shape
    return Image.frombytes("L", (wide, high), bytes(memoryview(bars)))
