"""The lines of a WooCommerce order that are to be sent: what is left of them after refunds, each piece once, at the
price that the customer pays for it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.platforms.base import Doubt, IncomingLine
from connectors.platforms.woocommerce import bundles, marks
from connectors.platforms.woocommerce.bundles import Line
from connectors.platforms.woocommerce.fields import MAX_ID, amount, bare, entries, metas, opened, pieces, words
from connectors.platforms.woocommerce.refunds import Account
from core.money import ZERO, cents
from core.strict import text, whole

MAX_LINES = 500
MAX_ATTRIBUTES = 20
_OPTIONS = re.compile(
    r"^_(?:tmcartepo_data|tmdata|wapf_meta|ywapo_\w+|product_options?|custom_options?|personali[sz]\w*)$"
)
_NOT_SHOWN = frozenset({"backordered"})  # of WooCommerce's own


def read(data: Mapping[str, Any], account: Account, doubts: list[Doubt]) -> list[IncomingLine]:
    """What is still to be sent. `account`: what of it was given back."""
    found = entries(data, "line_items")
    if len(found) > MAX_LINES:
        doubts.append(Doubt("too_many_lines", "", {"count": str(len(found))}))
    lines = list(_lines(found[:MAX_LINES], account, doubts))
    lines = [line for line in bundles.settle(lines, doubts) if line.left]
    _tell_variations_apart(lines)
    elsewhere = marks.sent_by_market(data)
    return [
        IncomingLine(
            external_id=_external_id(line),
            sku=line.sku,
            name=line.name,
            quantity=line.left,
            sale_gross=gross,
            line_id=str(line.id) if line.id else "",
            attributes=line.attributes,
            bundle=line.bundle,
            elsewhere=elsewhere,
        )
        for line, gross in zip(lines, _rounded(lines), strict=True)
    ]


def _lines(found: Sequence[Any], account: Account, doubts: list[Doubt]) -> Iterator[Line]:
    for position, item in enumerate(found, start=1):
        if not isinstance(item, dict):
            doubts.append(Doubt("bad_quantity", f"#{position}", {"value": text(str(item), 40)}))
            continue
        sku = text(item.get("sku"), 100)
        subject = sku or f"#{position}"
        quantity = pieces(item.get("quantity"))
        if quantity is None:
            doubts.append(Doubt("bad_quantity", subject, {"value": text(str(item.get("quantity")), 40)}))
        id_, attributes, options = whole(item.get("id"), 1, MAX_ID), _attributes(item), _options(item)
        line = Line(
            item,
            subject,
            sku,
            _name(item, options),
            product=whole(item.get("product_id"), 0, MAX_ID) or 0,
            variation=whole(item.get("variation_id"), 0, MAX_ID) or 0,
            quantity=quantity or 1,
            left=quantity or 1,
            gross=_gross(item, subject, doubts),
            id=id_,
            attributes=attributes,
        )
        back = account.lines.get(id_) if id_ else None
        if back is not None:
            line.left = max(line.quantity - back.quantity, 0)
            line.gross = None if line.gross is None else max(line.gross - back.gross, Decimal(0))
        yield line


def _gross(item: Mapping[str, Any], subject: str, doubts: list[Doubt]) -> Decimal | None:
    net, vat = amount(item.get("total"), subject, doubts), amount(item.get("total_tax", "0"), subject, doubts)
    if net is None or vat is None:
        return None
    if min(net, net + vat) < ZERO:
        doubts.append(Doubt("bad_price", subject, {"value": str(cents(min(net, net + vat)))}))
        return None
    return net + vat


def _rounded(lines: Sequence[Line]) -> Iterator[Decimal | None]:
    """Each to two places, half up, so that their sum is the rounded sum: where a shop keeps six decimals, or a bundle's
    price was spread, rounding each alone would be cents off the order."""
    exact, given = Decimal(0), Decimal(0)
    for line in lines:
        if line.gross is None:
            yield None
            continue
        exact += line.gross
        rounded = max(cents(exact) - given, ZERO)
        given += rounded
        yield rounded


def _external_id(line: Line) -> str:
    return f"{line.product}/{line.variation}" if line.product else ""  # product deleted in the shop: 0


def _tell_variations_apart(lines: Sequence[Line]) -> None:
    """A variation without a SKU shows its product's. Two of them with one SKU are two articles: their SKU says nothing,
    and what was learned of each hangs on its product and variation."""
    seen: dict[tuple[int, str], set[int]] = {}
    for line in lines:
        if line.product and line.sku:
            seen.setdefault((line.product, line.sku.upper()), set()).add(line.variation)
    for line in lines:
        if len(seen.get((line.product, line.sku.upper()), ())) > 1:
            shown = f" (SKU {line.sku})"[:110]
            line.name, line.sku = f"{text(line.name, 200 - len(shown))}{shown}", ""


def _name(item: Mapping[str, Any], options: Sequence[tuple[str, str]]) -> str:
    """The name with the options of a variation that only its metadata tells (a variation with "any" colour)."""
    name = words(item.get("name"), 200)
    extra = [f"{key}: {value}" for key, value in options if not _says(name, value)]
    return text(" – ".join([name, *extra]), 200)


def _says(name: str, value: str) -> bool:
    """Whole words: the size M is not in "Maglia"."""
    return bool(re.search(rf"(?<!\w){re.escape(value.casefold())}(?!\w)", name.casefold()))


def _attributes(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the customer chose or wrote for the line. Keys with an underscore are the plugins' own."""
    shown = [(name, value) for _key, name, value in _shown(item)]
    said = {value for _name, value in shown}
    return [*shown, *(pair for pair in _kept(item) if pair[1] not in said)][:MAX_ATTRIBUTES]


def _kept(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What plugins for personal goods keep in a list of their own and show to people alone."""
    for key, value, _entry in metas(item):
        rows = opened(value) if _OPTIONS.search(key.lower()) else None
        for row in rows[:MAX_ATTRIBUTES] if isinstance(rows, list) else ():
            if isinstance(row, dict):
                name = bare(row.get("name") or row.get("label") or row.get("section_label"), 60)
                said = bare(row.get("value"), 200)
                if name and said:
                    yield name, said


def _options(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Of the attributes those that make the variation: WooCommerce keeps them under a short form of their name."""
    if not whole(item.get("variation_id"), 1, MAX_ID):
        return []
    return [(name, value) for key, name, value in _shown(item) if key.startswith("pa_") or key != name][:MAX_ATTRIBUTES]


def _shown(item: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Key, name and value."""
    for key, value, entry in metas(item):
        if key.startswith("_") or key.lower() in _NOT_SHOWN or bundles.plumbing(key):
            continue
        name = bare(entry.get("display_key"), 60) or words(key, 60)
        said = bare(entry.get("display_value"), 200) or bare(value, 200)
        if said and not name.startswith("_"):
            yield key, name, said
