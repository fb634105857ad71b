"""What the rules of accounts say no to."""

from django.utils.translation import gettext_lazy as _

from core.errors import Refused


class VatNumberTaken(Refused):
    code = "vat_number_taken"
    message = _("This VAT number is registered already. Ask the owner of that account to add you, or write to us.")


class BadStatusChange(Refused):
    code = "bad_status_change"
    message = _("This account is “%(status)s”: that step is not possible.")


class LastOwner(Refused):
    code = "last_owner"
    message = _("A company needs at least one owner.")


class NotYourself(Refused):
    code = "not_yourself"
    message = _("You cannot do this to yourself: ask another owner.")


class SameEmail(Refused):
    code = "same_email"
    message = _("This is your address already.")


class EmailTaken(Refused):
    """Only told to who reads the mailbox of the address."""

    code = "email_taken"
    message = _("Meanwhile %(email)s belongs to another account: nothing was changed.")


class LinkUsed(Refused):
    code = "link_used"
    message = _("This link was used already.")


class LinkStopped(Refused):
    code = "link_stopped"
    message = _("This was stopped or withdrawn: the link does nothing any more.")


class LinkExpired(Refused):
    code = "link_expired"
    message = _("This link has expired.")


class NotYourLink(Refused):
    code = "not_your_link"
    message = _("This link belongs to another account.")


class AlreadyInvited(Refused):
    code = "already_invited"
    message = _("%(email)s is invited already: withdraw that invitation to send a new one.")


class AlreadyMember(Refused):
    code = "already_member"
    message = _("%(email)s works for your company already.")


class TooManyPeople(Refused):
    code = "too_many_people"
    message = _("A company has at most %(most)s people and open invitations: remove somebody, or write to us.")


class TooManyInvitations(Refused):
    code = "too_many_invitations"
    message = _("%(most)s invitations wait for an answer: withdraw one to send another.")


class NotWaiting(Refused):
    code = "not_waiting"
    message = _("This request was decided or withdrawn meanwhile.")


class WrongCode(Refused):
    code = "wrong_code"
    message = _("This code is not right. Codes change every 30 seconds: type the one that is shown now.")


class WrongRecoveryCode(Refused):
    """Of one who has no app: no code of his changes by itself."""

    code = "wrong_recovery_code"
    message = _("This is none of your recovery codes, or it was used already: each works once.")


class CodeUsed(Refused):
    code = "code_used"
    message = _("This code was used already: wait for the next one.")


class LastFactor(Refused):
    code = "last_factor"
    message = _("Staff need a second factor: add another one before you remove this.")


class OwnMatter(Refused):
    """Nobody decides on what he asked for, nor on the company he works for."""

    code = "own_matter"
    message = _("You asked for this yourself, or work for this company: somebody else must do it.")


class TooManyKeys(Refused):
    code = "too_many_keys"
    message = _("A company has at most %(most)s API keys that work: revoke one that is not used any more.")


class KeyNameTaken(Refused):
    """A form that is sent twice is told so too: the first one's key was shown."""

    code = "key_name_taken"
    message = _("A key called “%(name)s” works already: take another name, or revoke that one.")


class KeyRevoked(Refused):
    code = "key_revoked"
    message = _("This key was revoked already.")
