"""What goes wrong between MCI and its plugin, each with what the reader can do about it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import NeedsHand, Refused, TryLater


class WrongHome(Refused):
    code = "wrong_home"
    message = _("The code was made for %(typed)s, and this shop is %(home)s: begin again with its address.")


class BadPairing(Refused):
    code = "bad_request"
    message = _("The plugin's message cannot be read (%(reason)s): update the plugin and try again.")


class PluginTooOld(Refused):
    """What an older plugin is told, and shows: it waits for its secret in the answer, and no
    request waits for a shop."""

    code = "plugin_too_old"
    message = _(
        "The MCI plugin in this shop is too old to be connected (%(installed)s): download version %(newest)s from MCI,"
        " install it over this one, and connect again."
    )


class NotProven(NeedsHand):
    code = "not_proven"
    message = _(
        "MCI called %(home)s and did not get the plugin's answer (%(reason)s): a security plugin, a firewall or a "
        "cache may be in the way of /wp-json/mci/v1/call."
    )


class StillPairing(TryLater):
    """MCI has the secret before the plugin, which asks for it every few seconds."""

    code = "still_pairing"
    message = _("The plugin is just being connected: a few seconds more.")


class PluginSilent(TryLater):
    code = "plugin_silent"
    message = _(
        "The MCI plugin does not answer in this shop (%(reason)s): see in WordPress whether it is installed and "
        "active. It will be tried again."
    )


class WooCommerceOff(TryLater):
    code = "woocommerce_off"
    message = _("WooCommerce is not active in this shop. It will be tried again.")
