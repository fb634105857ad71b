"""WooCommerce, for its merchants: how they know that they have it, and what MCI asks for."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from connectors.platforms.about import About, Right

ABOUT = About(
    title=_("WordPress with WooCommerce"),
    sentences=(
        _("Your site is made with WordPress, and in its menu there is an entry “WooCommerce”."),
        _("You connect it with one click: your shop asks whether MCI may come in, and you press “Approve”."),
    ),
    picture="connectors/pictures/woocommerce.svg",
    alt=_("The administration of WordPress: /wp-admin in the address bar, WooCommerce in the dark menu at the left"),
    button=_("Approve"),
    rights=(
        Right(_("Orders"), _("read them; write state and tracking into those that we send")),
        Right(_("Products"), _("publish those of our articles that you choose; keep their prices and stock")),
        Right(_("Webhooks"), _("make those by which your shop tells of each order at once")),
        Right(_("Settings"), _("read currency, taxes and payment methods, nothing more")),
    ),
)
_WORDPRESS = re.compile(r".*/(?:wp-admin|wp-login\.php|wp-json|wp-content|wc-auth|wc-api)(?:[/?].*)?")
_PAGES = re.compile(
    r".*/(?:product|prodotto|product-category|categoria-prodotto|negozio|carrello|cassa|my-account|mio-account)(?:[/?].*)?"
)


def recognises(typed: str) -> str:
    """See Platform.recognises. `typed`: lower case, without its scheme."""
    if _WORDPRESS.fullmatch(typed) or "post_type=product" in typed:
        return "sure"
    return "likely" if _PAGES.fullmatch(typed) else ""
