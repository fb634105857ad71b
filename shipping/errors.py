"""Why a shipping method can't carry a parcel, and what a parcel may not do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Refused


class MethodUnavailable(Refused):
    code = "method_unavailable"
    message = _("This shipping method is not available.")


class MethodGone(MethodUnavailable):
    code = "method_gone"
    message = _("This shipping method is no longer offered.")


class NoRate(MethodUnavailable):
    """Params: place ("90100 PA")."""

    code = "no_rate"
    message = _("Does not deliver to %(place)s.")


class CountryNotServed(NoRate):
    """Params: country (ISO alpha-2)."""

    code = "country_not_served"
    message = _("Country not served: %(country)s.")


class TooHeavy(MethodUnavailable):
    """Params: weight, limit (kg, as text)."""

    code = "too_heavy"
    message = _("The parcel weighs %(weight)s kg: the limit is %(limit)s kg.")


class CodNotAllowed(MethodUnavailable):
    code = "cod_not_allowed"
    message = _("No cash on delivery to this place.")


class CodOverCap(MethodUnavailable):
    """Params: cap, amount (EUR, as "12.34")."""

    code = "cod_over_cap"
    message = _("The courier collects %(cap)s € at most: %(amount)s € is more.")


class CodOverLaw(MethodUnavailable):
    """art. 49 D.Lgs. 231/2007: cash of 5,000.00 EUR or more is banned. Params: amount (EUR, as "12.34")."""

    code = "cod_over_law"
    message = _("The law does not allow to collect %(amount)s € in cash: it must be less than 5,000 €.")


class TrackingTaken(Refused):
    """Params: tracking; number (of the order whose parcel has it)."""

    code = "tracking_taken"
    message = _("The tracking number %(tracking)s is that of %(number)s, which goes to somebody else.")


class TrackingUnusual(Refused):
    """A person may say that it is right. Params: tracking, courier, usual (examples)."""

    code = "tracking_unusual"
    message = _(
        "%(tracking)s does not look like a number of %(courier)s (like %(usual)s): look at the label once more, or say"
        " that it is right."
    )


class BadTransition(Refused):
    """Params: from, to (values of the axis)."""

    code = "bad_transition"
    message = _("A parcel that is “%(from)s” cannot become “%(to)s”.")
