"""What may go wrong with a shop, whatever its platform. A platform's own errors are in its folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from core.errors import NeedsHand, Refused, TryLater


class BadSignature(Refused):
    code = "bad_signature"
    message = _("The signature is not right.")


class Malformed(Refused):
    """A webhook without the headers that all of its kind have."""

    code = "malformed"
    message = _("This message is not complete.")


class Unreadable(Refused):
    """A body that cannot be read as what its topic says. The delivery ends *dead*, visible and replayable."""

    code = "unreadable"
    message = _("This message cannot be read: %(reason)s")


class ShopUnreachable(TryLater):
    code = "shop_unreachable"
    message = _("The shop does not answer (%(reason)s). It will be tried again.")


class ShopBusy(TryLater):
    code = "shop_busy"
    message = _("The shop asks to slow down.")


class ReconnectNeeded(NeedsHand):
    code = "reconnect_needed"
    message = _("The shop refuses our credentials (%(reason)s): connect it again.")


class NotAShop(NeedsHand):
    code = "not_a_shop"
    message = _("At this address there is no shop that we can read: %(reason)s")


class ShopBlocked(TryLater):
    """403 and the like from what stands before the shop, not from it: no reason for new keys. `path`: of its API."""

    code = "shop_blocked"
    message = _(
        "Something in front of the shop blocks MCI (%(reason)s): a security plugin, a firewall or the hosting. There,"
        " allow the addresses that begin with %(path)s and the program that calls itself “MCI”."
    )


class PageInstead(TryLater):
    """A page where data should be: maintenance, a login, a cache that answers for the shop. `path`: of its API."""

    code = "page_instead"
    message = _(
        "The shop answers with a page instead of its data (%(reason)s): maintenance, a login or a cache. If it lasts,"
        " exclude the addresses that begin with %(path)s from cache and maintenance."
    )


class NotWhollyTold(Refused):
    """What could be told of an order was told; this is what could not. `memory`: as tell_order gives it. `final`: no
    later try would end otherwise, so it is shown and not tried again before there is other news."""

    code = "not_wholly_told"
    message = _("The shop took only a part of the news of this order.")
    final: ClassVar[bool] = False

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.memory: Mapping[str, Any] = {}


class LinesUnknown(NotWhollyTold):
    code = "lines_unknown"
    message = _(
        "A line of this order was typed here (%(lines)s), and the shop still waits for goods that MCI does not know:"
        " mark in the shop what was sent."
    )


class PartOfUnit(NotWhollyTold):
    code = "part_of_unit"
    message = _(
        "The parcel held %(pieces)s pieces of %(lines)s that do not make a whole one of the shop's: there the rest"
        " stays open."
    )
    final = True


# ---- why goods of ours are not offered there


class OtherCurrency(Refused):
    code = "other_currency"
    message = _(
        "The shop sells in %(currency)s, and MCI’s prices are in EUR: no product is published there and no price told."
    )


class PricesWithoutTax(Refused):
    code = "prices_without_tax"
    message = _(
        "The shop writes its prices without tax, MCI’s prices include it, and how much the shop adds cannot be seen."
        " In its tax settings choose prices that include tax, then try again."
    )


class TaxClassMissing(Refused):
    code = "tax_class_missing"
    message = _(
        "Its VAT is %(rate)s %%, and no tax class of the shop has that rate for Italy. In WooCommerce → Settings → Tax"
        " give one of the classes this rate, then try again."
    )


class TaxClassUnknown(Refused):
    code = "tax_class_unknown"
    message = _(
        "Its VAT is %(rate)s %%, and MCI cannot see which tax class of the shop has that rate: the owner of MCI’s key"
        " may not see the tax settings, or the MCI plugin must be updated."
    )


class PriceNotExact(Refused):
    code = "price_not_exact"
    message = _(
        "The shop writes its prices without tax, and no price without tax makes this one with it, to the cent: change"
        " the rule, or choose prices that include tax in its tax settings."
    )
