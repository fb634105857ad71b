"""What plugins noted on an order that means that it is not ours to send now: somebody's tracking number, goods that are
sold before they are there, goods that the marketplace itself sends. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.platforms.base import Doubt
from connectors.platforms.woocommerce.fields import items, metas, opened, words
from core.strict import text

_TRACKING = re.compile(
    r"(?:^|_)(?:tracking|trackingno|shipment|parcel|spedizione|vettura|ldv|awb)_?(?:number|code|no|num|nr"
    r"|codice|numero|items)s?$|^(?:tracking|awb|ldv|lettera_di_vettura|numero_spedizione|codice_tracciamento|tracciamento|numero_tracking)$"
    r"|(?:^|_)(?:brt|bartolini|gls|sda|dhl|ups|tnt|fedex|poste|inpost|dpd|nexive|hermes|sendcloud|packlink|paccofacile"
    r"|aftership|shippo|shipstation|easypost|spedisci|spediamo|qapla|ywot)_(?:\w+_)?(?:tracking|awb|ldv)(?:_\w*(?:number|code|id))?$"
)
_NUMBER = re.compile(r"(?=(?:[^\d]*\d){3})[\w \-/.]{5,40}")
_PRE_ORDER = re.compile(r"(?:^|_)pre_?order(?:ed|ed_item|_item|_product|s)?$|^preordin\w*$")
_PRE_ORDER_OVER = re.compile(r"pre_?orders?_(?:completed|released|available)$")
_BY_THE_MARKET = re.compile(
    r"fulfil+ment_?channel$|(?:^|_)(?:is_)?fba(?:_order)?$|fulfil+ed_by$|(?:^|_)fba_submission_status$"
)
_MARKET = re.compile(r"AFN|FBA|AMAZON\w*|YES|1|TRUE|SHIPPED|SUCCESS|WFS|ZFS", re.IGNORECASE)
_NO = frozenset({"", "0", "no", "false", "off", "none", "null"})


def judge(data: Mapping[str, Any], doubts: list[Doubt]) -> None:
    """Adds `tracked_in_shop` or `partly_sent`, and `on_hold_in_shop` for pre-orders."""
    fulfilled = _fulfilled(data)
    sent = next(_trackings(data), "") or ("–" if fulfilled == "fulfilled" else "")
    if sent:
        doubts.append(Doubt("tracked_in_shop", "", {"tracking": sent}))
    elif fulfilled == "partially_fulfilled":
        doubts.append(Doubt("partly_sent"))
    if _is_pre_order(data):
        doubts.append(Doubt("on_hold_in_shop", "", {"reason": "pre_order"}))


def sent_by_market(data: Mapping[str, Any]) -> bool:
    """Does the marketplace send it from its own store (Fulfilment by Amazon)?"""
    for key, value, _entry in metas(data):
        if _BY_THE_MARKET.search(_bare(key)) and _MARKET.fullmatch(text(value, 30).strip()):
            return True
    ways = items(data, "shipping_lines")
    said = [words(line.get(name), 100) for line in ways for name in ("method_id", "method_title")]
    said += [words(data.get(name), 100) for name in ("payment_method_title", "created_via")]
    return any(re.search(r"\b(?:FBA|fulfil+(?:ed|ment) by amazon)\b", one, re.IGNORECASE) for one in said)


def _trackings(data: Mapping[str, Any]) -> Iterator[str]:
    """Numbers of parcels that are not ours."""
    for key, value, _entry in metas(data):
        if key.lstrip("_").startswith("mci_") or not _TRACKING.search(_bare(key)):
            continue
        rows = opened(value)
        for row in rows if isinstance(rows, list) else [rows]:
            if isinstance(row, dict):
                if text(row.get("tracking_id"), 60).startswith("mci-"):
                    continue
                number = text(row.get("tracking_number") or row.get("tracking_code") or row.get("number"), 60).strip()
                if number:
                    yield number
            elif _NUMBER.fullmatch(number := text(row, 60).strip()):
                yield number


def _fulfilled(data: Mapping[str, Any]) -> str:
    """What WooCommerce's own fulfilments say."""
    return next((text(value, 40) for key, value, _entry in metas(data) if key == "_fulfillment_status"), "")


def _is_pre_order(data: Mapping[str, Any]) -> bool:
    named = [(_bare(key), value) for key, value, _entry in metas(data)]
    if any(_PRE_ORDER_OVER.search(key) and _yes(value) for key, value in named):
        return False
    for item in items(data, "line_items"):
        named += [(_bare(key), value) for key, value, _entry in metas(item)]
    return any(_PRE_ORDER.search(key) and _yes(value) for key, value in named)


def _bare(key: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()).strip("_")


def _yes(value: Any) -> bool:
    return value is True or (value is not None and text(value, 20).strip().lower() not in _NO)
