"""What the rules of accounts say no to."""

from django.utils.translation import gettext_lazy as _

from core.errors import Refused


class VatNumberTaken(Refused):
    code = "vat_number_taken"
    message = _("This VAT number is registered already. Ask the owner of that account to add you, or write to us.")


class BadStatusChange(Refused):
    code = "bad_status_change"
    message = _("This account is “%(status)s”: that step is not possible.")


class ReasonMissing(Refused):
    code = "reason_missing"
    message = _("Say why: the reseller reads it.")


class EmailTaken(Refused):
    code = "email_taken"
    message = _("%(email)s has an account already.")


class LastOwner(Refused):
    code = "last_owner"
    message = _("A company needs at least one owner.")


class NotYourself(Refused):
    code = "not_yourself"
    message = _("You cannot do this to yourself: ask another owner.")
