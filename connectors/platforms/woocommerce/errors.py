"""What may be wrong with a WooCommerce shop, each with what its owner can do about it. Those that heal by themselves or
by something done in the shop are tried again; only refused keys and a shop that moved need a new connection."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from connectors.platforms.errors import NotAShop, ReconnectNeeded, ShopUnreachable
from core.errors import Refused


class KeyUnknown(ReconnectNeeded):
    """Deleted by hand, or with the WordPress user who had made it (WooCommerce deletes them together)."""

    code = "key_unknown"
    message = _(
        "The shop does not know MCI’s key: it was deleted, or the WordPress user who had made it was. Connect the shop"
        " again."
    )


class KeyRefused(ReconnectNeeded):
    code = "key_refused"
    message = _(
        "The shop refuses the key that MCI has: the key and the secret do not belong together, or it was deleted there."
        " Connect the shop again with a key that is new."
    )


class KeyReadOnly(ReconnectNeeded):
    code = "key_read_only"
    message = _(
        "MCI’s key may only read. In WooCommerce → Settings → Advanced → REST API give it “Read/Write”, or connect the"
        " shop again."
    )


class KeyOwnerDemoted(ReconnectNeeded):
    code = "key_owner"
    message = _(
        "The WordPress user behind MCI’s key may no longer manage the shop (%(reason)s). Give him back the role “Shop"
        " manager” and test the connection, or connect the shop again."
    )


class ApiClosed(ShopUnreachable):
    """JSON, but not WooCommerce's: a plugin answers in its place."""

    code = "api_closed"
    message = _(
        "A plugin of the shop closes its REST API (%(reason)s). In the plugin’s settings allow the addresses that begin"
        " with /wp-json/wc/ and test the connection."
    )


class ApiMissing(ShopUnreachable):
    code = "api_missing"
    message = _(
        "The shop’s REST API is not there (%(reason)s): WooCommerce is switched off, or the permalinks were changed."
        " Switch it on, or save Settings → Permalinks in WordPress once more, and test the connection."
    )


class PlainPermalinks(NotAShop):
    code = "plain_permalinks"
    message = _(
        "The shop uses “plain” permalinks, with which WooCommerce ignores every key. In WordPress choose Settings →"
        " Permalinks → “Post name”, save, and try again."
    )


class NoWooCommerce(NotAShop):
    code = "no_woocommerce"
    message = _("There is a WordPress at this address, but WooCommerce is not active in it.")


class HttpsNeeded(NotAShop):
    code = "https_needed"
    message = _("MCI speaks to shops by https alone: this one has an address with http. Give it a certificate first.")


class Moved(NotAShop):
    code = "shop_moved"
    message = _("The shop sends us to another address (%(reason)s): connect it with that one.")


class BadCertificate(ShopUnreachable):
    code = "bad_certificate"
    message = _("The shop’s https certificate is expired or of another name: its hosting can renew it.")


class ClockOff(ShopUnreachable):
    """Signed requests are refused when the clocks differ by more than 15 minutes."""

    code = "clock_off"
    message = _("The shop’s clock is wrong by %(minutes)s minutes, so it refuses our calls: its hosting can set it.")


class StockNotCounted(Refused):
    code = "stock_not_counted"
    message = _(
        "The shop counts no stock: in WooCommerce → Settings → Products → Inventory enable stock management, then try"
        " again."
    )


class EanTaken(Refused):
    code = "product_invalid_global_unique_id"
    message = _(
        "Another product of the shop has this EAN: it may be the same article. Link it in “Link SKUs”, or take the EAN"
        " away there."
    )


class SkuTaken(Refused):
    code = "product_invalid_sku"
    message = _("Another product of the shop has this SKU, perhaps one in the bin: empty the bin and try again.")
