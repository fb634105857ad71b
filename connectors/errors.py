"""What connecting and serving a shop refuses, each with what the reader needs to act."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import NeedsHand, Refused, TryLater


class ShopTaken(Refused):
    code = "shop_taken"
    message = _("%(address)s is already connected to another account.")


class ConnectedHere(Refused):
    code = "connected_here"
    message = _("This shop is connected already, as “%(name)s”, and works: there is nothing to do.")


class StoreConnected(Refused):
    """The same store by another platform: each of its orders would come twice."""

    code = "store_connected"
    message = _(
        "This store is already connected as “%(name)s” (%(label)s), and each of its orders would come twice. To change"
        " the way it is connected, disconnect “%(name)s” first: its orders and links go over to the new connection."
    )


class StoreCopied(Refused):
    """A copy has the id of the store that it was made of. Taken for the store that moved, it would end the reading of
    the one that sells."""

    code = "store_copied"
    message = _(
        "It calls itself the same store as “%(name)s”, which still answers at %(address)s: one is a copy of the other."
        " If your shop moved, disconnect “%(name)s” first: its orders and links go over to the new address."
    )


class AttemptOver(Refused):
    code = "attempt_over"
    message = _("This connection was begun too long ago or is already finished: begin again.")


class TooManyBegun(Refused):
    """Each is looked at by a worker, whom others wait for too."""

    code = "too_many_begun"
    message = _("MCI is trying %(count)s connections of yours already: wait until one of them is through.")


class AskedTooOften(TryLater):
    code = "asked_too_often"
    message = _("You have asked this several times just now: try again in %(minutes)s min.")


class NotMine(Refused):
    """Said by who began the connection, of the store that answered."""

    code = "not_mine"
    message = _("You said that it is not your shop: nothing was connected. Begin again with the right address.")


class ShopGone(Refused):
    code = "shop_gone"
    message = _("This shop was disconnected.")


class ForeignSource(Refused):
    """A signed message of a copy of the shop, which has the shop's secret."""

    code = "foreign_source"
    message = _("It came from %(host)s, which is not this shop: a copy of it, for tests perhaps.")


class NotMatched(Refused):
    code = "not_matched"
    message = _("Choose one of our products, or say that it is not ours.")


class Uninstalled(NeedsHand):
    code = "uninstalled"
    message = _("The connection was removed in the shop: connect it again.")


class RuleInUse(Refused):
    code = "rule_in_use"
    message = _("The default rule cannot be deleted: make another one the default first.")


# ---- why a product is not published


class NotOnSale(Refused):
    code = "not_on_sale"
    message = _("It is not on sale in the catalogue any more.")


class OwnProduct(Refused):
    code = "own_product"
    message = _("The shop has a product of its own with this SKU or EAN: it is left as it is.")


class NoRule(Refused):
    code = "no_rule"
    message = _("No price rule applies to it.")


class NoPrice(Refused):
    code = "no_price"
    message = _("The rule gives no price for %(sku)s: it has no suggested retail price, or the result is not possible.")


class NoPicture(Refused):
    code = "no_picture"
    message = _("It has no picture yet.")


class NoStock(Refused):
    code = "no_stock"
    message = _("No piece is available now.")


class NotPublished(Refused):
    code = "not_published"
    message = _("It was not published by MCI in this shop.")


class GaveUp(Refused):
    code = "gave_up"
    message = _("It was tried several times without an end: try it alone, or write to us.")


class NothingToPublish(Refused):
    code = "nothing_to_publish"
    message = _("Choose at least one product.")


class SamePage(TryLater):
    """A list that does not move on can be neither read to its end nor believed about what is missing in it."""

    code = "same_page"
    message = _(
        "The shop gives the same page of its list again and again: a cache keeps the answers of its API. "
        "Exclude the API's address (/wp-json/) from it."
    )


class NoEnd(TryLater):
    """A list that is too slow for its length, or does not end: it is not waited for at the cost of other shops."""

    code = "no_end"
    message = _(
        "The shop's list did not come to its end in time (%(pages)s pages): it is slow, or goes round in a ring."
    )
