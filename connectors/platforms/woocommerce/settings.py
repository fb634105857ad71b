"""Settings of a WooCommerce shop that its products and their prices depend on: currency, tax, the unit of weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.platforms.tax import rates_of
from connectors.platforms.woocommerce.answers import NotFound
from connectors.platforms.woocommerce.client import Client
from connectors.platforms.woocommerce.errors import KeyOwnerDemoted
from core.strict import text

_HIDDEN = (NotFound, KeyOwnerDemoted)  # a key that is dead is told as such
_PER_PAGE = 100
_MOST_PAGES = 10


def read(client: Client, *, whole: bool = True) -> dict[str, Any]:
    """`currency`, `prices_with_tax` and what else connectors/platforms/tax.py knows; `whole` also `weight_unit` (kg | g
    | lbs | oz). Without it the tax table is read only where prices depend on it."""
    general = _group(client, "general")
    taxed = general.get("woocommerce_calc_taxes") == "yes"
    with_tax = not taxed or _group(client, "tax").get("woocommerce_prices_include_tax") != "no"
    facts: dict[str, Any] = {"taxed": taxed, "prices_with_tax": with_tax}
    currency = general.get("woocommerce_currency") or _currency(client)
    if currency:
        facts["currency"] = currency
    if whole:
        facts["weight_unit"] = _group(client, "products").get("woocommerce_weight_unit") or "kg"
    if whole or not with_tax:
        facts["tax_rates"] = _rates(client) if taxed else {}
    return facts


def _group(client: Client, name: str) -> Mapping[str, str]:
    """A page of settings; nothing where the shop does not show it to the owner of the key."""
    try:
        data = client.get(f"settings/{name}", _fields="id,value").data
    except _HIDDEN:
        return {}
    rows = data if isinstance(data, list) else []
    return {str(row.get("id")): text(row.get("value"), 20) for row in rows if isinstance(row, dict)}


def _currency(client: Client) -> str:
    try:
        data = client.get("data/currencies/current").data
    except _HIDDEN:
        return ""
    return text(data.get("code"), 3) if isinstance(data, dict) else ""


def _rates(client: Client) -> dict[str, str] | None:
    """None: they are not shown to us, or are too many to be read."""
    rows: list[Mapping[str, Any]] = []
    for page in range(1, _MOST_PAGES + 1):
        try:
            data = client.get("taxes", per_page=str(_PER_PAGE), page=str(page), orderby="id").data
        except _HIDDEN:
            return None
        if not isinstance(data, list):
            return None
        rows += [row for row in data if isinstance(row, dict)]
        if len(data) < _PER_PAGE:
            return rates_of(rows)
    return None
