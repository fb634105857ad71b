"""What a key may do, in words. Money has scopes of its own: who lists orders sees no balance, not in a refusal either;
who writes orders sends none."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "catalogue:read": _("Read the catalogue and its prices"),
    "stock:read": _("Read the stock"),
    "orders:read": _("Read orders, with the customers’ names and addresses"),
    "orders:write": _("Enter, change and cancel orders"),
    "orders:send": _("Send orders to MCI (Sincronizza): this charges the wallet"),
    "shipments:read": _("Read shipments and their tracking"),
    "wallet:read": _("Read the balance and the movements of the wallet"),
    "shops:read": _("Read the connected shops and their state"),
    "inbox:read": _("Read the orders that came from the shops"),
}
