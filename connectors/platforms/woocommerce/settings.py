"""Settings of a WooCommerce shop that a product depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.platforms.woocommerce.answers import NotFound
from connectors.platforms.woocommerce.client import Client
from core.errors import NeedsHand
from core.strict import text

_WEIGHT = "settings/products/woocommerce_weight_unit"
_TAXED, _INCLUDED = "settings/general/woocommerce_calc_taxes", "settings/tax/woocommerce_prices_include_tax"


def read(client: Client) -> dict[str, Any]:
    """`weight_unit`: kg | g | lbs | oz. `prices_with_tax`: what is written as a price is what the customer pays."""
    taxed = _value(client, _TAXED) == "yes"
    return {
        "weight_unit": _value(client, _WEIGHT) or "kg",
        "prices_with_tax": not taxed or _value(client, _INCLUDED) != "no",
    }


def of(client: Client, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """As the last check saw them; asked now where it did not."""
    return facts if "weight_unit" in facts and "prices_with_tax" in facts else read(client)


def _value(client: Client, path: str) -> str:
    """ "" where the shop does not say, or not to the owner of the key."""
    try:
        data = client.get(path, _fields="id,value").data
    except (NotFound, NeedsHand):
        return ""
    return text(str(data.get("value") or ""), 20) if isinstance(data, dict) else ""
