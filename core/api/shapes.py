"""The forms of what the API takes and gives. Amounts are texts with two places, EUR; moments are UTC with a Z."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.money import MAX_AMOUNT

# In our own words: the library's have no Italian here.
_NULL: dict[str, Any] = {"null": _("This cannot be null.")}
_LARGE: dict[str, Any] = {"max_value": _("At most {max_value}."), "min_value": _("At least {min_value}.")}
_AMOUNT = re.compile(r"\d{1,9}\.\d\d", re.ASCII)


class Shape(serializers.Serializer):
    """What is given. `only`: names of members to which it is reduced (?fields=)."""

    def __init__(self, *args: Any, only: frozenset[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - only if only is not None else ():
            self.fields.pop(name)


class Body(serializers.Serializer):
    """What is taken. A member that it does not know is refused: a slip of the pen must not be left out in silence."""

    default_error_messages = _NULL | {"unknown": _("There is no such member."), "invalid": _("Send an object.")}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (odd := [name for name in data if name not in self.fields]):
            detail = serializers.ErrorDetail(str(self.error_messages["unknown"]), code="unknown")
            raise serializers.ValidationError({name: [detail] for name in odd})
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A text, not a number nor a boolean that would be made one; without NUL."""

    default_error_messages = _NULL | {
        "not_text": _("Send a text."),
        "blank": _("This cannot be empty."),
        "max_length": _("At most {max_length} characters."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_blank": True, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or "\0" in data:
            self.fail("not_text")
        return str(super().to_internal_value(data))


class Whole(serializers.IntegerField):
    """A whole number, and no text that looks like one."""

    default_error_messages = _NULL | _LARGE | {"not_whole": _("Send a whole number.")}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("not_whole")
        return int(super().to_internal_value(data))


class Flag(serializers.BooleanField):
    """true or false, and no text or number that looks like one."""

    default_error_messages = _NULL | {"invalid": _("Send true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Amount(serializers.DecimalField):
    """EUR as "12.50": a text with two places. Never a float."""

    default_error_messages = (
        _NULL | _LARGE | {"not_amount": _('Send the amount as a text with two places, like "12.50".')}
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 12, "decimal_places": 2, "max_value": MAX_AMOUNT, **kwargs})

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not _AMOUNT.fullmatch(data):
            self.fail("not_amount")
        return Decimal(data)


class Choice(serializers.ChoiceField):
    default_error_messages = _NULL | {"invalid_choice": _("“{input}” is none of the values that are taken here.")}


class Many(serializers.ListField):
    default_error_messages = _NULL | {
        "not_a_list": _("Send a list."),
        "min_length": _("At least {min_length} of them."),
        "max_length": _("At most {max_length} of them."),
    }


class Moment(serializers.DateTimeField):
    """RFC 3339, UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"default_timezone": dt.UTC, **kwargs})


class FieldErrorShape(Shape):
    pointer = serializers.CharField(help_text="Where in the body (RFC 6901).")
    code = serializers.CharField()
    detail = serializers.CharField(help_text="In the reader's language (Accept-Language).")


class ProblemShape(Shape):
    """application/problem+json (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Never changes; programs decide by it.")
    detail = serializers.CharField()
    retry = serializers.CharField(help_text="never, after_change or later.")
    request_id = serializers.CharField(required=False)
    errors = FieldErrorShape(many=True, required=False)  # type: ignore[assignment]
