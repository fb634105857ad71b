"""What somebody who is no programmer does about a connection that did not work: steps for each trouble, and the other
way that may work. The sentence of the trouble itself is its error's (connectors/platforms/*)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from connectors.platforms.about import Words

OPEN = _("Open the address in your browser: does your shop appear? Copy the address from there.")
KEYS = _(
    "In WordPress open WooCommerce → Settings → Advanced → REST API and press “Add key”: permissions “Read/Write”."
)
COPY = _("Copy both halves whole: the one begins with ck_, the other with cs_.")
BOTH = _("Or let your shop make the keys itself: choose “Approve in my shop”.")
FIREWALL = _("Send these lines to whoever looks after your site: he can let MCI through.")
WAIT = _("Wait some minutes, then press “Try again”.")
AGAIN = _("Then press “Try again”.")
PERMALINKS = _("In WordPress open Settings → Permalinks, choose “Post name” and press “Save Changes”.")
PASSWORD = _("If your browser asks for a name and a password before the shop appears, have that taken away first.")
APPROVE_ALL = _("Begin again, and in Shopify leave every tick where it is before you press “Install”.")
SIGN_IN = _("Sign in to your shop as an administrator, with the user who owns it.")
PLUGIN = _("In WordPress open Plugins: “MCI Connector” must be there and active.")
CLIENT = _("In the Dev Dashboard open your app → Settings, and copy “Client ID” and “Secret” whole.")
OTHER_ACCOUNT = _("Has your company another account here? Disconnect the shop there first, under “Connected shops”.")
WRITE_US = _("If you are the only one who may sell there, write to us: we look who has it.")

# By code of the error.
_STEPS: dict[str, Sequence[Words]] = {
    "shop_unreachable": (OPEN, PASSWORD, FIREWALL),
    "shop_busy": (WAIT,),
    "still_pairing": (WAIT,),
    "try_later": (WAIT,),
    "needs_hand": (OPEN, WRITE_US),
    "refused": (OPEN, WRITE_US),
    "reconnect_needed": (OPEN, KEYS, COPY),
    "not_a_shop": (
        OPEN,
        _("Is WordPress in a folder, as in www.myshop.it/shop? Then the folder belongs to the address."),
    ),
    "shop_blocked": (PASSWORD, FIREWALL, AGAIN),
    "page_instead": (_("Switch off the “coming soon” or maintenance page of your site."), FIREWALL, AGAIN),
    "key_unknown": (KEYS, COPY, BOTH),
    "key_refused": (KEYS, COPY, BOTH),
    "key_read_only": (
        _("In WordPress open WooCommerce → Settings → Advanced → REST API and press “Edit” at this key."),
        _("Set the permissions to “Read/Write” and save: the key stays the same."),
        AGAIN,
    ),
    "key_owner": (
        _("In WordPress open Users: the key’s owner must be “Administrator” or “Shop manager”."),
        AGAIN,
        BOTH,
    ),
    "api_closed": (FIREWALL, AGAIN),
    "api_missing": (_("In WordPress open Plugins: WooCommerce must be there and active."), PERMALINKS, AGAIN),
    "plain_permalinks": (PERMALINKS, AGAIN),
    "no_woocommerce": (
        _("In WordPress open Plugins: WooCommerce must be there and active."),
        _("Is your shop elsewhere, in a folder or under another name? Then give that address."),
    ),
    "https_needed": (_("Ask your hosting for a free certificate (Let’s Encrypt) and to lead http to https."), AGAIN),
    "shop_moved": (OPEN,),
    "bad_certificate": (_("Ask your hosting to renew the https certificate."), AGAIN),
    "clock_off": (_("Ask your hosting to set the clock of the server."), AGAIN),
    "wrong_home": (_("Begin again with the address that the shop gives: it must be the same to the letter."),),
    "bad_request": (_("Download the plugin from this page and install it over the old one."), AGAIN),
    "plugin_too_old": (_("Download the plugin from this page and install it over the old one."), AGAIN),
    "not_proven": (PLUGIN, PASSWORD, FIREWALL),
    "plugin_silent": (PLUGIN, AGAIN),
    "woocommerce_off": (_("In WordPress open Plugins: WooCommerce must be there and active."), AGAIN),
    "shop_taken": (OTHER_ACCOUNT, WRITE_US),
    "store_connected": (_("Nothing is to be done if its orders come in: one connection is enough."),),
    "store_copied": (_("Give the address of the shop that sells, not of its copy for tests."),),
    "not_mine": (OPEN,),
    "attempt_over": (_("Begin again: it takes two minutes."),),
    "too_many_begun": (WAIT,),
    "missing_scope": (APPROVE_ALL,),
    "not_all_granted": (APPROVE_ALL,),
    "protected_data": (
        _("In the Dev Dashboard open your app → API access requests, and ask for “Protected customer data access”."),
        _("Tick name, address, phone and e-mail: a parcel needs them."),
    ),
    "shop_frozen": (_("In Shopify open Settings → Plan: the plan must be active and paid."), AGAIN),
    "app_misconfigured": (WAIT,),
    "no_shopify_app": (_("Choose “Approve an app that I made for my shop”: its steps are shown there."),),
    "forged": (_("Begin again, and approve within ten minutes, in this browser."),),
    "declined": (SIGN_IN, _("Begin again and press “Install”.")),
    "bad_signature": (_("Begin again, and approve within ten minutes, in this browser."),),
}
# In Shopify the same trouble is mended elsewhere.
_SHOPIFY: dict[str, Sequence[Words]] = {
    "reconnect_needed": (CLIENT, _("The app must be installed in this very shop, and not in another of yours.")),
    "not_a_shop": (_("In Shopify open Settings → Domains, and copy the address that ends in .myshopify.com."),),
}
# Where what is in the way of the REST API is not in the way of our plugin.
_PLUGIN_HELPS = frozenset({"plain_permalinks", "key_unknown", "key_refused", "key_owner", "key_read_only"})


@dataclass(frozen=True, slots=True)
class Mending:
    """`other`: the slug of the platform by which the same store may be connected all the same; "" for none."""

    steps: Sequence[Words]
    other: str = ""


def of(slug: str, code: str) -> Mending:
    """The steps for a trouble of a connection to a platform; none where there is no trouble."""
    if not code:
        return Mending(())
    steps = (_SHOPIFY.get(code) if slug == "shopify" else None) or _STEPS.get(code) or _STEPS["needs_hand"]
    return Mending(steps, "wordpress" if slug == "woocommerce" and code in _PLUGIN_HELPS else "")


def known() -> frozenset[str]:
    """The codes that have steps of their own."""
    return frozenset(_STEPS)
