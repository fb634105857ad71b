"""What the administration calls the fields of people and companies (core/administration/field_names.py)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper, Member, OpenSession, SecurityEvent, User
from core.administration.field_names import give


def say() -> None:
    give(User, {"date_joined": _("account made on")})
    give(
        Dropshipper,
        {"status_by": _("decided by"), "status_at": _("decided on"), "created_at": _("signed up on")},
    )
    give(Member, {"user": _("user"), "dropshipper": _("dropshipper")})
    give(SecurityEvent, {"params": _("particulars")})
    give(
        OpenSession,
        {"user": _("user"), "address": _("address"), "device": _("device"), "since": _("since")},
        one=_("open session"),
        many=_("open sessions"),
    )
