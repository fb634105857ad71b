"""Single-line fields hold one line. A browser takes line breaks out of them; whoever posts by hand does not, and what
he wrote would stand in letters, on labels and in lists as if somebody else had written it."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

# Control characters, line and paragraph separators, lone surrogates; and what turns the reading direction round, with
# which "gnp.exe" is read as a picture's name.
_REFUSED = frozenset({"Cc", "Zl", "Zp", "Cs"})
ADDRESS_LENGTH = 254  # of every column for an e-mail address (RFC 5321)
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_one_line(text: str) -> bool:
    """No line breaks, no control characters, nothing that turns the reading direction."""
    if text.isprintable():  # most is
        return True
    return not any(character in _TURNS or unicodedata.category(character) in _REFUSED for character in text)


def seen(text: str) -> str:
    """Without the marks that come along when something is copied and that nobody sees (zero-width spaces, soft
    hyphens, a file's mark of byte order): a code with one in it would be another code. A joiner stays, for emoji."""
    if text.isascii():
        return text
    return "".join(sign for sign in text if sign == "\u200d" or unicodedata.category(sign) != "Cf")


def one_dot(sentence: str) -> str:
    """A sentence that ends with the name of a company ends with one dot, also after "S.r.l."."""
    return sentence[:-1] if sentence.endswith("..") and not sentence.endswith("...") else sentence


def one_line(value: object) -> None:
    """The validator; what a field has made a number or a key of holds no lines. Raises ValidationError `one_line`."""
    if isinstance(value, str) and not is_one_line(value):
        raise ValidationError(
            _("Write this on one line, without line breaks, tabs or invisible characters."), code="one_line"
        )


def an_address(value: object) -> None:
    """The validator of an e-mail address: what our columns hold, also in small letters, and no letters that only look
    like others before the @. Django lets 320 characters pass, and "ſ" or "İ", because its pattern ignores the case.
    Raises ValidationError `address`."""
    text = str(value or "")
    if len(text) > ADDRESS_LENGTH or len(text.lower()) > ADDRESS_LENGTH or not text.rpartition("@")[0].isascii():
        raise ValidationError(EmailValidator.message, code="address")


class OneLine(forms.BaseForm):
    """Every text field but a Textarea (and a password, which nobody reads) takes one line, also those that a form makes
    for itself; every e-mail field an address that we can keep."""

    def full_clean(self) -> None:
        for field in self.fields.values():
            if is_single(field) and one_line not in field.validators:
                field.validators = [*field.validators, one_line]
            if isinstance(field, forms.EmailField) and an_address not in field.validators:
                field.validators = [*field.validators, an_address]
        super().full_clean()


def is_single(field: forms.Field) -> bool:
    """Whether a field is to hold one line. A UUID or JSON is a CharField to Django, but no text any more when it is
    checked."""
    if isinstance(field, forms.UUIDField | forms.JSONField):
        return False
    return isinstance(field, forms.CharField) and not isinstance(field.widget, forms.Textarea | forms.PasswordInput)


class Form(OneLine, forms.Form):
    """The forms of this house."""


class ModelForm(OneLine, forms.ModelForm):
    """The same for a model's form, in the administration too."""


class JSONField(forms.JSONField):
    """Django's, to which a number of thousands of digits and a nest of thousands of brackets are no JSON either."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": ""}) from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return InvalidJSONInput("")
