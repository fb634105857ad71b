"""What the catalogue and its stock may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Refused


class UnknownSku(Refused):
    """Params: sku."""

    code = "unknown_sku"
    message = _("%(sku)s is not in the catalogue.")


class OutOfStock(Refused):
    """Params: sku, wanted, available (pieces)."""

    code = "out_of_stock"
    message = _("%(sku)s: %(wanted)s wanted, %(available)s available.")


class OffSale(Refused):
    """The supplier does not sell it any more (it may have been called back). Params: sku."""

    code = "off_sale"
    message = _("%(sku)s is no longer on sale.")


class CountTooLow(Refused):
    """A count below what is promised to orders: somebody must look. Params: sku, counted, reserved (pieces)."""

    code = "count_too_low"
    message = _("%(sku)s: %(counted)s counted, but %(reserved)s are reserved for orders.")


class BadPicture(Refused):
    """Not an image that we read, or too large. Params: name."""

    code = "bad_picture"
    message = _("“%(name)s” is not a picture that can be used.")


class BadShelf(Refused):
    code = "bad_shelf"
    message = _("A shelf is named with up to 20 letters, digits, points, dashes and strokes: A-12.3.")


class ShelfIsGoods(Refused):
    """A code that stands for goods would let the shelf be scanned in their place. Params: text."""

    code = "shelf_is_goods"
    message = _("%(text)s is the code of an article: give the shelf another one.")
