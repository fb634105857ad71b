"""An order of WooCommerce's REST API (and of its webhooks: the same JSON) in our terms. Pure.

Money is text, quantities are numbers, block checkouts store HTML entities, and whatever cannot be believed becomes a
doubt that a person sees, never a guess. The parts are read beside: lines, bundles, refunds, address, delivery,
customer."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connectors.platforms.base import Doubt, IncomingOrder, Muted, Unreadable, Withdrawn
from connectors.platforms.woocommerce import address, customer, delivery, deposits, lines, marks, paid, refunds, sums
from connectors.platforms.woocommerce.fields import MAX_ID as MAX_ID
from connectors.platforms.woocommerce.fields import date as date
from connectors.platforms.woocommerce.fields import id_of, metas, opened, words
from connectors.platforms.woocommerce.payment import DEAD, DRAFTS, Verdict, classify
from core.money import ZERO
from core.strict import BadJson, load_json, text, whole

TRACKING_META = "_wc_shipment_tracking_items"  # a list with one row per parcel: see fulfilment.py
_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
# Marketplaces split an order by vendor: parent and suborders hold the same goods. Others move or copy lines.
_HAS_PARTS = re.compile(r"_?has_(?:\w+_)?sub_?orders?", re.IGNORECASE)
_IS_PART = re.compile(r"_?(?:\w+_)?(?:split(?:t?ed)?|cloned|duplicated)_from(?:_\w+)?", re.IGNORECASE)
_RENEWAL = frozenset({"_subscription_renewal", "_subscription_resubscribe", "_subscription_switch"})


def read_event(topic: str, body: bytes) -> IncomingOrder | Withdrawn | Muted | None:
    """What a webhook says. None: drafts, other topics, an order that was deleted before the webhook was sent."""
    if not topic.startswith("order."):
        return None
    data = _load(body)
    if "id" not in data and isinstance(data.get("code"), str):
        # A signed error object: the body is made at delivery time, with the rights of the webhook's author.
        if data["code"] == "woocommerce_rest_shop_order_invalid_id":
            return None
        if data["code"] == "woocommerce_rest_cannot_view":
            return Muted()
        raise Unreadable(reason=text(data["code"], 60))
    if topic == "order.deleted":
        return Withdrawn(_external_id(data))
    kept = data.get("order")
    if "id" not in data and isinstance(kept, dict):  # kept when the same store was connected by our plugin
        data = kept
    return read_order(data)


def _load(body: bytes) -> Mapping[str, Any]:
    try:
        data = load_json(body)
    except BadJson as error:
        raise Unreadable(reason=str(error)) from None
    if not isinstance(data, dict):
        raise Unreadable(reason="not an object")
    return data


def read_order(data: Any) -> IncomingOrder | None:
    """One order; None for a draft. Raises Unreadable."""
    if not isinstance(data, dict):
        raise Unreadable(reason="not an object")
    external_id = _external_id(data)
    status = text(data.get("status"), 40).removeprefix("wc-")
    if not status:
        raise Unreadable(reason="no status")
    if status in DRAFTS:
        return None
    created = date(data.get("date_created_gmt"))
    modified = modified_at(data)
    if modified is None:
        raise Unreadable(reason="no date")
    doubts: list[Doubt] = []
    account = refunds.account(data, doubts)
    goods = lines.read(data, account, doubts)
    total = account.total
    gateway, title = text(data.get("payment_method"), 100), words(data.get("payment_method_title"), 120)
    verdict = classify(
        gateway=gateway,
        title=title,
        status=status,
        paid_at=date(data.get("date_paid_gmt")),
        completed_at=date(data.get("date_completed_gmt")),
        transaction=text(data.get("transaction_id"), 100),
        total_is_zero=total == ZERO and not data.get("refunds"),
    )
    verdict = _of_the_payment(verdict, data)
    part = deposits.read(data, total)
    if part is not None:
        verdict = _of_parts(verdict, part)
    currency = text(data.get("currency"), 3).upper()
    place = address.read(data, doubts)
    if not place.phone:
        place = replace(place, phone=customer.phone(data))
    delivery.judge(data, doubts)
    _judge_split(data, external_id, doubts)
    deposits.judge(data, doubts)
    marks.judge(data, doubts)
    sums.judge(data, doubts)
    return IncomingOrder(
        external_id=external_id,
        number=text(data.get("number"), 60) or external_id,
        status=status,
        live=status not in DEAD and not account.whole,
        version_at=modified,
        placed_at=created or _placed(data, doubts, finished=verdict.finished),
        currency=currency if len(currency) == 3 else "XXX",
        total=total,
        payment=verdict.kind,
        payment_reason=verdict.reason,
        gateway=gateway,
        gateway_title=title or gateway,
        address=place,
        note=words(data.get("customer_note"), 200),
        lines=goods,
        doubts=doubts,
        rule_applies=verdict.rule_applies,
        finished=verdict.finished,
        to_collect=_owed_apart(part, verdict),
        identity=text(data.get("order_key"), 80),
        told=_is_told(data),
        fiscal=customer.fiscal(data),
        details=customer.details(data),
    )


def _of_the_payment(verdict: Verdict, data: Mapping[str, Any]) -> Verdict:
    """What the gateway kept of the payment against what WooCommerce makes of it."""
    said = paid.doubted(data)
    if not said or (verdict.kind == "cod" and said != "point_of_sale"):
        return verdict
    if said == "authorized":  # reserved, not taken; it lapses after some days
        kind = "awaiting" if verdict.kind == "prepaid" else verdict.kind
        return replace(verdict, kind=kind, reason=said, rule_applies=False) if kind == "awaiting" else verdict
    kind = "review" if verdict.kind in ("prepaid", "cod") else verdict.kind
    sold = verdict.finished or (said == "point_of_sale" and paid.is_nowhere(data))
    return replace(verdict, kind=kind, reason=said, rule_applies=False, finished=sold)


def _of_parts(verdict: Verdict, part: deposits.Part) -> Verdict:
    """Whatever the method is: the deposit came by it, and the rest may come by another one."""
    if part.settled:
        return replace(verdict, kind="review", reason="cod_and_paid") if verdict.kind == "cod" else verdict
    if verdict.kind != "awaiting" and not verdict.finished:
        verdict = replace(verdict, kind="review", reason="part_paid")
    return replace(verdict, rule_applies=False)


def _owed_apart(part: deposits.Part | None, verdict: Verdict) -> Decimal | None:
    """What would be collected, where that is not the total."""
    if part is None:
        return None
    return ZERO if part.settled and verdict.reason == "cod_and_paid" else part.rest


def _external_id(data: Mapping[str, Any]) -> str:
    number = whole(data.get("id"), 1, MAX_ID)
    if number is None:
        raise Unreadable(reason="no id")
    return str(number)


def modified_at(data: Mapping[str, Any]) -> dt.datetime | None:
    """When it was changed last. Orders that were imported, and old forms of the API, may lack the dates in UTC: then
    the shop's own clock tells, which is as good for what is newer than what."""
    names = ("date_modified_gmt", "date_created_gmt", "date_modified", "date_created", "date_paid_gmt", "date_paid")
    return next((known for name in names if (known := date(data.get(name))) is not None), None)


def _placed(data: Mapping[str, Any], doubts: list[Doubt], *, finished: bool) -> dt.datetime:
    """When an order without a creation date was placed. Imports leave old orders so, and an edit today does not make
    them new: the shop's own clock or the payment's time is taken; with neither it is old if it was sent, else asked."""
    for name in ("date_created", "date_paid_gmt", "date_completed_gmt", "date_paid", "date_completed"):
        known = date(data.get(name))
        if known is not None:
            return known
    if not finished:
        doubts.append(Doubt("age_unknown"))
    return _LONG_AGO if finished else date(data.get("date_modified_gmt")) or _LONG_AGO


def _judge_split(data: Mapping[str, Any], external_id: str, doubts: list[Doubt]) -> None:
    """A suborder of a marketplace, or an order that has some: the same goods stand in two. Both ask, because only one
    of them may go, and which one the shop does not say. A subscription's renewal is due by itself."""
    keys = {key for key, value, _entry in metas(data) if value and text(value, 10).casefold() not in ("no", "false")}
    parent = id_of(data.get("parent_id"))
    if parent is not None and not keys & _RENEWAL:
        doubts.append(Doubt("split_order", "", {"parent": str(parent)}))
    elif any(_HAS_PARTS.fullmatch(key) or _IS_PART.fullmatch(key) for key in keys):
        doubts.append(Doubt("split_order", "", {"parent": text(data.get("number"), 60) or external_id}))


def _is_told(data: Mapping[str, Any]) -> bool:
    """Does it carry what MCI writes into orders: a tracking row (by key or by plugin), or the plugin's own fields?"""
    for key, value, _entry in metas(data):
        if key.startswith("_mci_") and text(value, 10):
            return True
        if key == TRACKING_META:
            rows = opened(value)
            for row in rows if isinstance(rows, list) else ():
                if isinstance(row, dict) and text(row.get("tracking_id"), 60).startswith("mci-"):
                    return True
    return False
