"""The options of a product (colour, size) read from the names of its variants. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.models import Product, Variant

_BETWEEN = " / "


@dataclass(frozen=True, slots=True)
class Options:
    """`names` ("Taglia"), and the values of each variant in their order; both empty for a single variant."""

    names: Sequence[str] = ()
    values: Sequence[Sequence[str]] = ()


def options_of(product: Product, variants: Sequence[Variant]) -> Options:
    """Every variant gets values of its own: where the names do not tell the variants apart by the product's options,
    the whole name is the only option, and the SKU where two have the same name."""
    if len(variants) < 2:
        return Options((), tuple(() for _variant in variants))
    names = tuple(name for part in product.option_names.split("/") if (name := part.strip()))
    values = [tuple(part.strip() for part in variant.title.split(_BETWEEN)) for variant in variants]
    if not names or any(len(row) != len(names) or not all(row) for row in values) or _repeats(values):
        names = (names[0] if len(names) == 1 else _("Variant"),)
        values = [(variant.title.strip() or variant.sku,) for variant in variants]
        if _repeats(values):
            values = [(variant.sku,) for variant in variants]
    return Options(names, tuple(values))


def _repeats(values: Sequence[tuple[str, ...]]) -> bool:
    """As shops see it: they do not tell “Nero” from “nero”."""
    return len({tuple(part.casefold() for part in row) for row in values}) < len(values)
