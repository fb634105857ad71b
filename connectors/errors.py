"""What connecting and serving a shop refuses, each with what the reader needs to act."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import NeedsHand, Refused


class ShopTaken(Refused):
    code = "shop_taken"
    message = _("%(address)s is already connected to another account.")


class AttemptOver(Refused):
    code = "attempt_over"
    message = _("This connection was begun too long ago or is already finished: begin again.")


class ShopGone(Refused):
    code = "shop_gone"
    message = _("This shop was disconnected.")


class NotMatched(Refused):
    code = "not_matched"
    message = _("Choose one of our products, or say that it is not ours.")


class Uninstalled(NeedsHand):
    code = "uninstalled"
    message = _("The connection was removed in the shop: connect it again.")
