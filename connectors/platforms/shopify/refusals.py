"""What only Shopify refuses, each with what the reader can do about it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from connectors.platforms.errors import NotWhollyTold
from core.errors import NeedsHand, Refused, TryLater


class MissingScope(NeedsHand):
    code = "missing_scope"
    message = _("The app may not do this in your shop (%(scope)s): connect it again and approve all that it asks for.")


class ProtectedData(NeedsHand):
    code = "protected_data"
    message = _(
        "Shopify has not approved this app to see your customers' data, so no order can be sent. "
        "Approve it in the app's settings in Shopify, then connect the shop again."
    )


class ShopFrozen(TryLater):
    code = "shop_frozen"
    message = _("Shopify has suspended this shop (%(reason)s): its plan or its payment must be put in order there.")


class AppMisconfigured(TryLater):
    """Our own app's secret is wrong: the supplier's to mend, not the reseller's."""

    code = "app_misconfigured"
    message = _("Shopify does not accept the portal's own credentials: the supplier has been told.")


class NoAppConfigured(Refused):
    code = "no_shopify_app"
    message = _("The portal has no Shopify app of its own yet: use the app that you made in your shop.")


class Forged(Refused):
    code = "forged"
    message = _("This answer was not signed by Shopify, or it is too old: begin again.")


class Declined(Refused):
    code = "declined"
    message = _("It was not approved in Shopify: nothing was changed there.")


class NotAllGranted(NeedsHand):
    code = "not_all_granted"
    message = _("Not everything was approved in Shopify (missing: %(scope)s): begin again and approve all of it.")


class NothingToFulfil(NotWhollyTold):
    """Held, scheduled or taken over by somebody else: it may change by itself. Of this order alone."""

    code = "nothing_to_fulfil"
    message = _("In Shopify the order cannot be fulfilled now (%(reason)s). It will be tried again.")


class OnHold(NothingToFulfil):
    code = "fulfilment_on_hold"
    message = _("In Shopify this order is on hold: once it is released there, it is told by itself.")


class Scheduled(NothingToFulfil):
    code = "fulfilment_scheduled"
    message = _("In Shopify this order is scheduled for a later day: once it is open there, it is told by itself.")


class FulfilmentIncomplete(NothingToFulfil):
    code = "fulfilment_incomplete"
    message = _(
        "In Shopify the fulfillment of this order was closed as incomplete: mark there what was sent, or open it anew."
    )


class FulfilmentCancelled(NothingToFulfil):
    code = "fulfilment_cancelled"
    message = _("In Shopify the fulfillment of this order was cancelled, but its goods still count as not sent.")


class FulfilmentHidden(NothingToFulfil):
    code = "fulfilment_hidden"
    message = _(
        "Shopify does not show MCI what is to be sent of this order: it is assigned to another app or to a fulfillment"
        " service. Move it to a location of your own, or mark there what was sent."
    )


class FulfilmentForbidden(NothingToFulfil):
    code = "fulfilment_forbidden"
    message = _(
        "Shopify does not let MCI do this with the order (missing permission: %(scope)s): connect the shop again and"
        " approve all that it asks for."
    )


class SentByOthers(NotWhollyTold):
    code = "sent_by_others"
    message = _(
        "In Shopify these goods were marked as sent by somebody else (tracking: %(theirs)s): that stays, and the"
        " customer does not see ours."
    )
    final = True


class NotInOrder(NotWhollyTold):
    code = "not_in_order"
    message = _("In Shopify the order does not hold any more all that was sent: what was taken out was not marked.")
    final = True


class OthersTracking(NotWhollyTold):
    code = "others_tracking"
    message = _("In Shopify somebody gave our parcel another tracking number (%(theirs)s): that stays.")
    final = True


class NotPaidInShop(NotWhollyTold):
    code = "not_paid_in_shop"
    message = _(
        "The courier collected %(collected)s and Shopify waits for %(owed)s, or for money for goods of others: mark"
        " there yourself what is paid."
    )
    final = True


class NotTaken(Refused):
    code = "not_taken"
    message = _("Shopify did not take it: %(reason)s")
