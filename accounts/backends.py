"""Sign-in by e-mail; the signed-in user comes with member and company in one query."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class EmailBackend(AuthenticationBackend):
    """allauth's own, except for how a session's user is read."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("member__dropshipper").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
