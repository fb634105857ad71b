"""Where our couriers may go: ISO 3166 codes with their names in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

COUNTRIES = [
    ("IT", _("Italy")),
    ("SM", _("San Marino")),
    ("VA", _("Vatican City")),
    ("AT", _("Austria")),
    ("BE", _("Belgium")),
    ("CH", _("Switzerland")),
    ("DE", _("Germany")),
    ("ES", _("Spain")),
    ("FR", _("France")),
    ("GB", _("United Kingdom")),
    ("GR", _("Greece")),
    ("HR", _("Croatia")),
    ("IE", _("Ireland")),
    ("LU", _("Luxembourg")),
    ("MT", _("Malta")),
    ("NL", _("Netherlands")),
    ("PL", _("Poland")),
    ("PT", _("Portugal")),
    ("SI", _("Slovenia")),
]
_NAMES = dict(COUNTRIES)


def country_name(code: str) -> str:
    """The name, or the code of a country that is not listed."""
    return str(_NAMES.get(code, code))
