"""What the administration calls the fields of shops and of what they sent (core/administration/field_names.py)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from connectors.models import Delivery, InboxOrder, Shop, ShopCall
from core.administration.field_names import give


def say() -> None:
    give(
        Shop,
        {
            "dropshipper": _("dropshipper"),
            "platform": _("platform"),
            "state": _("state"),
            "trouble": _("trouble"),
            "facts": _("what the shop says of itself"),
            "connected_at": _("connected on"),
            "cursor": _("orders read up to"),
            "pull_after": _("next visit"),
            "pull_failures": _("visits without success"),
            "last_pull_at": _("last visit"),
            "last_delivery_at": _("last message"),
            "last_check_at": _("last check"),
            "gaps_healed": _("orders that only a visit brought"),
        },
    )
    give(
        Delivery,
        {
            "id": _("number"),
            "shop": _("shop"),
            "topic": _("topic"),
            "delivery_id": _("number given by the shop"),
            "headers": _("headers"),
            "received_at": _("received on"),
            "state": _("state"),
            "attempts": _("attempts"),
            "try_after": _("next attempt"),
            "error": _("why not"),
            "done_at": _("done on"),
        },
    )
    give(
        InboxOrder,
        {
            "shop": _("shop"),
            "external_id": _("number given by the shop"),
            "number": _("shop's order number"),
            "status": _("state in the shop"),
            "order": _("the order"),
            "via": _("how it came"),
            "version_at": _("changed in the shop on"),
            "first_seen_at": _("first seen on"),
            "updated_at": _("changed on"),
        },
    )
    give(ShopCall, {"shop": _("shop"), "at": _("at"), "ms": _("milliseconds")})
