"""Draws a product: its shape (shapes.txt) in a colour, on a soft ground. The same words give the same picture."""

from __future__ import annotations

import functools
from collections.abc import Callable
from math import cos, radians, sin
from pathlib import Path

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
SIZE = 560  # pixels of the picture; drawn twice as large, for smooth edges
_SCALE = SIZE * 2 / 100

COLOURS: dict[str, Colour] = {
    "acciaio": (150, 162, 176),
    "ambra": (232, 163, 61),
    "antracite": (74, 80, 90),
    "arancio": (235, 122, 52),
    "azzurro": (64, 156, 214),
    "bianco": (232, 234, 238),
    "blu": (52, 92, 168),
    "bordeaux": (132, 40, 62),
    "celeste": (122, 186, 222),
    "crema": (232, 220, 192),
    "giallo": (240, 196, 64),
    "grigio": (128, 136, 148),
    "legno": (190, 142, 88),
    "nero": (58, 62, 72),
    "oro": (206, 168, 84),
    "ottone": (192, 156, 82),
    "petrolio": (30, 112, 122),
    "rame": (188, 108, 74),
    "rosa": (224, 138, 164),
    "rosso": (204, 58, 62),
    "sabbia": (212, 186, 148),
    "salvia": (138, 164, 132),
    "terracotta": (196, 104, 72),
    "verde": (78, 148, 92),
    "viola": (122, 92, 176),
}
_SKY = (120, 142, 176)
_FIXED: dict[str, Colour] = {
    "k": (45, 48, 56),
    "w": (252, 252, 253),
    "s": (200, 207, 216),
    "t": (134, 144, 156),
    "g": (206, 162, 108),
    "h": (150, 106, 62),
    "y": (250, 206, 104),
    "u": (86, 150, 88),
    "v": (112, 176, 104),
}


def draw(shape: str, colour: str) -> Image.Image:
    """`shape` of shapes.txt in `colour` (a name of COLOURS; unknown ones are grey)."""
    main = COLOURS.get(colour.lower(), COLOURS["grigio"])
    tones = {**_FIXED, "m": main, "d": _mix(main, (20, 22, 30), 0.34), "l": _mix(main, (255, 255, 255), 0.46)}
    # White things need a ground to be seen on.
    low, high = (_tint(_SKY, 0.34), _tint(_SKY, 0.6)) if min(main) > 215 else (_tint(main, 0.72), _tint(main, 0.92))
    image = _ground(low, high)
    pen = ImageDraw.Draw(image)
    pen.ellipse(_box(50, 89.5, 34, 2.6), fill=_mix(low, (40, 40, 60), 0.12))
    for op, *words in _shapes()[shape]:
        _OPS[op](pen, tones, words)
    return image.resize((SIZE, SIZE), Image.Resampling.BOX)


@functools.cache
def _shapes() -> dict[str, list[list[str]]]:
    text = Path(__file__).with_name("shapes.txt").read_text(encoding="utf-8")
    rows = (line.partition(":") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: [part.split() for part in parts.split("|")] for name, _colon, parts in rows}


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _tint(colour: Colour, share: float) -> Colour:
    return _mix(colour, (255, 255, 255), share)


def _ground(low: Colour, high: Colour) -> Image.Image:
    """From `high` to `low`, downwards."""
    size = (SIZE * 2, SIZE * 2)
    mask = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, low), Image.new("RGB", size, high), mask)


def _box(cx: float, cy: float, rx: float, ry: float) -> tuple[float, float, float, float]:
    return (cx - rx) * _SCALE, (cy - ry) * _SCALE, (cx + rx) * _SCALE, (cy + ry) * _SCALE


def _points(words: list[str]) -> list[tuple[float, float]]:
    numbers = [float(word) * _SCALE for word in words]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


Tones = dict[str, Colour]


def _rectangle(pen: ImageDraw.ImageDraw, tones: Tones, words: list[str]) -> None:
    x, y, w, h, radius = (float(word) for word in words[:5])
    box = (x * _SCALE, y * _SCALE, (x + w) * _SCALE, (y + h) * _SCALE)
    pen.rounded_rectangle(box, min(radius, w / 2, h / 2) * _SCALE, fill=tones[words[5]])


def _ellipse(pen: ImageDraw.ImageDraw, tones: Tones, words: list[str]) -> None:
    cx, cy, rx, ry = (float(word) for word in words[:4])
    pen.ellipse(_box(cx, cy, rx, ry), fill=tones[words[4]])


def _polygon(pen: ImageDraw.ImageDraw, tones: Tones, words: list[str]) -> None:
    """Filled, with corners that are a little round."""
    points = _points(words[1:])
    pen.polygon(points, fill=tones[words[0]])
    _stroke(pen, [*points, points[0]], 2.2 * _SCALE, tones[words[0]])


def _line(pen: ImageDraw.ImageDraw, tones: Tones, words: list[str]) -> None:
    _stroke(pen, _points(words[2:]), float(words[0]) * _SCALE, tones[words[1]])


def _arc(pen: ImageDraw.ImageDraw, tones: Tones, words: list[str]) -> None:
    cx, cy, rx, ry, begin, end, width = (float(word) for word in words[:7])
    steps = max(12, int(abs(end - begin) / 5))
    angles = [radians(begin + (end - begin) * step / steps) for step in range(steps + 1)]
    points = [((cx + rx * cos(angle)) * _SCALE, (cy + ry * sin(angle)) * _SCALE) for angle in angles]
    _stroke(pen, points, width * _SCALE, tones[words[7]])


def _stroke(pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], width: float, colour: Colour) -> None:
    pen.line(points, fill=colour, width=round(width), joint="curve")
    radius = width / 2
    for x, y in (points[0], points[-1]):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


_OPS: dict[str, Callable[[ImageDraw.ImageDraw, Tones, list[str]], None]] = {
    "r": _rectangle,
    "e": _ellipse,
    "p": _polygon,
    "l": _line,
    "a": _arc,
}
