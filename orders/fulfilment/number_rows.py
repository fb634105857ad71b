"""The rows of a pasted list of our numbers and couriers' numbers: which cell is which, whatever sheet, courier or chat
it comes from. What becomes of each is said by orders/fulfilment/number_lists.py."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core import table
from core.errors import Refused
from orders.fulfilment import tracking_numbers
from orders.fulfilment.tracking_numbers import EDGES, plain

SEVERAL = "; "  # between cells of which none can be told to be the number
HEAD_WITHIN = 10  # rows: titles and dates stand above the names of the columns
_OURS = re.compile(r"MCI-?0*\d{1,9}", re.IGNORECASE | re.ASCII)
_LAST = re.compile(r"MCI-?\d{1,9}\Z", re.IGNORECASE | re.ASCII)
# What people write before our number: "1) ", "- ", "Ordine n. ", "#".
_BEFORE = re.compile(
    r"(?:\d{1,4}\s?[).]\s?)?(?:ordine|order|rif\.?)?\s?(?:n|nr|no|num)?[.°º]?\s?#?(?=MCI[\s-]?\d)", re.IGNORECASE
)
_MARKS = " \u00a0#*•·-–—>[(\"'"
_APART = re.compile(r"\bMCI\s+(?=\d{1,9}\b)", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}([/.-])\d{1,2}\1\d{2,4}(?:[\sT]\d{1,2}[:.]\d{2}\S*)?", re.ASCII)
_SHORTEST = 8  # signs of a courier's number where other cells stand beside it: a postcode or a weight is shorter
_COURIERS = {"brt", "bartolini", "gls", "sda", "dhl", "ups", "tnt", "dpd", "fedex", "poste", "posteitaliane", "nexive"}

# First lines of spreadsheets and of couriers' lists: their words without accents, signs and what says nothing.
_FILLERS = {"n", "nr", "no", "num", "numero", "number", "cod", "codice", "code", "id", "di", "del", "della", "d", "il"}
_ORDER_HEADS = {
    *("ordine", "ordini", "order", "mci", "riferimento", "rif", "reference", "rifmittente", "riferimentomittente"),
    *(
        "rifmittentealfanumerico",
        "riferimentomittentealfanumerico",
        "rifmittentenumerico",
        "riferimentomittentenumerico",
    ),
    *(
        "rifcliente",
        "riferimentocliente",
        "ordinecliente",
        "riferimentoordine",
        "rifordine",
        "bda",
        "customerreference",
    ),
}
_NUMBER_HEADS = {
    *("tracking", "trackingid", "ldv", "letteradivettura", "letteravettura", "letteravett", "vettura", "spedizione"),
    *("shipment", "awb", "segnacollo", "barcode", "parcel", "waybill", "trackandtrace", "tracciatura", "tracciamento"),
}


def read(text: str) -> list[tuple[int, str, str]]:
    """(line, order, tracking) of each line that says something: tabs, semicolons, commas or spaces, quoted or not, with
    or without a line of names, the columns either way round."""
    wide = [(line, [cell.strip() for cell in cells]) for line, cells in table.read(text.encode()).rows]
    for at, (_line, cells) in enumerate(wide[:HEAD_WITHIN]):
        found = _heads(cells, [below for _number, below in wide[at + 1 :]])
        if any(_OURS.fullmatch(_ours(_cell(cells, place))) for place in range(len(cells))):
            break  # parcels already: what stands below is another list, and these must not be lost above it
        if found is not None:
            order, number = found
            rows = [(line, _ours(_cell(below, order)), _cell(below, number)) for line, below in wide[at + 1 :]]
            return [row for row in rows if row[1] or row[2]]
    pairs = [(line, *_pair(words)) for line, words in enumerate(text.splitlines(), 1)]
    return [(line, first, rest) for line, first, rest in pairs if first and (first, rest) != ("sep", "")]


# ---- with a line of names


def _heads(cells: Sequence[str], below: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """Where a line of names puts the order and the number, if it is one. Of several columns that may be the order's the
    one with our numbers: a column “Numero” that counts the rows from 1 names nobody's orders."""
    names = [_name(cell) for cell in cells]
    number = next((place for place, name in enumerate(names) if name in _NUMBER_HEADS), None)
    if number is None:
        return None
    may = [place for place, name in enumerate(names) if name in _ORDER_HEADS]
    weak = [place for place, cell in enumerate(cells) if place not in may and cell.strip() and not names[place]]
    ours = {place: sum(1 for row in below if _OURS.fullmatch(_ours(_cell(row, place)))) for place in (*may, *weak)}
    best = max(ours, key=lambda place: ours[place], default=None)
    if best is not None and ours[best]:
        return best, number
    return (may[0], number) if may else (weak[0], number) if weak and not below else None


def _name(cell: str) -> str:
    words = re.findall(r"[a-z0-9]+", plain(cell).casefold().replace("°", " ").replace("º", " "))
    return "".join(word for word in words if word not in _FILLERS and word not in _COURIERS)


def _cell(cells: Sequence[str], place: int) -> str:
    return plain(cells[place]).strip(EDGES) if place < len(cells) else ""


def _ours(text: str) -> str:
    """Our number as we write it, where it is one: "#MCI-000123", "MCI 123"."""
    bare = _APART.sub("MCI-", text.lstrip("# "))
    return bare if _OURS.fullmatch(bare) else text


# ---- without one


def _pair(words: str) -> tuple[str, str]:
    """Our number first, also where the columns stand the other way round or it is followed by a space alone."""
    line = _APART.sub("MCI-", plain(words)).lstrip(_MARKS)
    before = _BEFORE.match(line)
    first, rest = tracking_numbers.pair(line[before.end() :] if before else line)
    head, _space, tail = first.partition(" ")
    if tail and _OURS.fullmatch(head):
        first, rest = head, SEVERAL.join(filter(None, [tail.strip(), rest]))
    elif not rest or not _OURS.fullmatch(first):
        whole = f"{first} {rest}".strip()
        last = _LAST.search(whole) if SEVERAL not in rest else None
        number = whole[: last.start()].rstrip(f"{EDGES};,") if last is not None else ""
        if last is not None and number and not whole[last.start() - 1].isalnum():
            first, rest = last[0], number
    cells = rest.split(SEVERAL)
    ours = next((cell for cell in cells if _OURS.fullmatch(cell)), "")
    if ours and not _OURS.fullmatch(first):
        cells.remove(ours)
        first, cells = ours, [first, *cells]
    return first, _number_of(cells) if _OURS.fullmatch(first) else SEVERAL.join(cells)


def _number_of(cells: Sequence[str]) -> str:
    """The one cell that can be a courier's number; all of them where that cannot be told."""
    cells = [_without_courier(cell) for cell in cells]
    if len(cells) > 1:
        likely = [cell for cell in cells if len(cell) >= _SHORTEST and not _DATE.fullmatch(cell) and _is_number(cell)]
        if len(likely) == 1:
            return likely[0]
    return SEVERAL.join(cells)


def _without_courier(cell: str) -> str:
    """BRT 123456789012 without the courier's name."""
    name, _space, rest = cell.partition(" ")
    return rest.strip(EDGES) if name.strip(".:").casefold() in _COURIERS and len(rest) >= _SHORTEST else cell


def _is_number(cell: str) -> bool:
    try:
        return sum(sign.isdigit() for sign in tracking_numbers.number(cell)) >= 5
    except Refused:
        return False
