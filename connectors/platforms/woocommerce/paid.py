"""What metadata say of a payment that WooCommerce calls done: tried out in a gateway's test mode, only reserved on the
card, or taken over a counter. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.platforms.woocommerce.fields import block, metas, words
from core.strict import text

_MODE = re.compile(r"(?:^|_)(?:mode|environment|env)$")
_IS_TEST = re.compile(r"(?:^|_)(?:is_)?(?:test_?(?:order|mode|payment|transaction)|sandbox(?:_mode)?)$")
_TEST = frozenset({"test", "testing", "sandbox", "demo", "staging", "development"})
_CAPTURED = re.compile(r"(?:^|_)(?:charge_)?captured$")
_INTENT = re.compile(r"(?:^|_)(?:intention|intent|payment|charge|authorization|transaction)_status$")
_RESERVED = frozenset({"requires_capture", "authorized", "authorised", "uncaptured", "pre_authorized", "preauthorized"})
_COUNTER = re.compile(r"(?:^|[^a-z])pos(?:$|[^a-z])|point_?of_?sale")
_IS_COUNTER = re.compile(r"^(?:is_)?pos(?:_order)?$|^wc_pos_|^yith_pos_|^(?:wcpos|woocommerce_pos)(?:_|$)")
_YES = frozenset({"yes", "1", "true", "on"})
_NO = frozenset({"no", "0", "false", "off"})


def doubted(data: Mapping[str, Any]) -> str:
    """test_order | authorized | point_of_sale | "" (nothing)."""
    named = [(_bare(key), _said(value)) for key, value, _entry in metas(data)]
    if any((_MODE.search(key) and said in _TEST) or (_IS_TEST.search(key) and said in _YES) for key, said in named):
        return "test_order"
    captured = any(_CAPTURED.search(key) and said in _YES for key, said in named)
    reserved = any(
        (_CAPTURED.search(key) and said in _NO) or (_INTENT.search(key) and said in _RESERVED) for key, said in named
    )
    if reserved and not captured:
        return "authorized"
    via = text(data.get("created_via"), 60).lower()
    if _COUNTER.search(via) or any(_IS_COUNTER.search(key) and said not in _NO and said for key, said in named):
        return "point_of_sale"
    return ""


def is_nowhere(data: Mapping[str, Any]) -> bool:
    """Is there no address to ship to?"""
    address = block(data, "shipping")
    return not any(words(address.get(key), 80) for key in ("address_1", "address_2", "city", "postcode"))


def _said(value: Any) -> str:
    return (str(value) if isinstance(value, bool) else text(value, 40)).lower()


def _bare(key: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_")
