"""WordPress with our plugin, for its merchants: when it is the better way, and what the plugin does."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from connectors.platforms.about import About, Right
from connectors.platforms.woocommerce import about

ABOUT = About(
    title=_("WordPress with our plugin"),
    sentences=(
        _(
            "Your site is made with WordPress and WooCommerce, and you would rather install a plugin, or the way"
            " without one does not work: something is in its way."
        ),
        _("You install our plugin, and a one-time code ties it to MCI: no keys."),
    ),
    picture="connectors/pictures/wordpress.svg",
    alt=_("The plugins of WordPress: “Add Plugin” at the top, and “MCI Connector” in the list"),
    rights=(
        Right(_("Orders"), _("tell MCI of them; write state and tracking into those that we send")),
        Right(_("Products"), _("publish those of our articles that you choose; keep their prices and stock")),
        Right(_("Settings"), _("read currency, taxes and payment methods, nothing more")),
    ),
)


def recognises(typed: str) -> str:
    """See Platform.recognises: from outside the two look alike."""
    return about.recognises(typed)
