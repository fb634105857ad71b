"""A user's own choices."""

from __future__ import annotations

from accounts.models import User

THEMES = ("auto", "light", "dark")


def set_preferences(user: User, *, language: str | None = None, theme: str | None = None) -> None:
    """Language ("it", "en") and theme (one of THEMES); what is None stays."""
    changed = {name: value for name, value in (("language", language), ("theme", theme)) if value is not None}
    for name, value in changed.items():
        setattr(user, name, value)
    user.save(update_fields=list(changed))
