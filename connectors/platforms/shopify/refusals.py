"""What only Shopify refuses, each with what the reader can do about it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

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


class NothingToFulfil(Refused):
    """Held, scheduled or taken over by somebody else: it may change by itself. Of this order alone."""

    code = "nothing_to_fulfil"
    message = _("In Shopify the order cannot be fulfilled now (%(reason)s). It will be tried again.")


class NotTaken(Refused):
    code = "not_taken"
    message = _("Shopify did not take it: %(reason)s")
