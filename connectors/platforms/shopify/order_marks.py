"""What people and apps wrote on an order to hold it back: tags, and the attributes of pre-order apps. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.platforms.base import Doubt
from connectors.platforms.shopify.order_words import Words, objects, pairs
from core.strict import text

_PRE_ORDER = re.compile(
    r"(?:^| )(?:pre ?order(?:s|ed)?|pre ?ordine|preordini|pre ?vendita|prevendita|vorbestellung|precommande)(?: |$)"
)
_NONE = frozenset({"", "0", "no", "false", "off", "none"})
_HOLD = re.compile(
    r"(?:^| )(?:do not|dont|don t|non|not) (?:to )?(?:ship|spedire|evadere|inviare|fulfil+)(?: |$)"
    r"|^(?:on )?hold$|^on hold "
    r"|^(?:ordine )?(?:sospes[oa]|bloccat[oa]|in sospeso|in attesa|fermo|fraud|frode|sospetta frode)$"
    r"|(?:^| )da confermare$|^(?:un|not )confirmed$|^to confirm$|(?:^| )unconfirmed$"
)
_MARKET = re.compile(r"^(?:amazon )?(?:fba|afn|mcf)$|^fulfil+ed by amazon$|^amazon fba .*|^wfs$")


def holds(tags: Sequence[str], data: Mapping[str, Any], words: Words) -> list[Doubt]:
    """`on_hold_in_shop` for a tag that says so, or for what is sold before it is there."""
    for tag in tags:
        if _HOLD.search(_plain(tag)):
            return [Doubt("on_hold_in_shop", "", {"reason": text(tag, 60).replace(",", " ")})]
    names = [*tags]
    for item in objects(words.pick(data, "lineItems", "line_items")):
        given = pairs(words.pick(item, "customAttributes", "properties"), 60)
        names += [name for name, worth in given if worth.strip().lower() not in _NONE]
    if any(_PRE_ORDER.search(_plain(name)) for name in names):
        return [Doubt("on_hold_in_shop", "", {"reason": "pre_order"})]
    return []


def sent_by_market(tags: Sequence[str], data: Mapping[str, Any], words: Words) -> bool:
    """Does the marketplace send it from its own store (Fulfilment by Amazon)?"""
    said = [*tags, text(words.pick(data, "sourceName", "source_name"), 60)]
    return any(_MARKET.fullmatch(_plain(one)) for one in said)


def _plain(said: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", said.lower()))
