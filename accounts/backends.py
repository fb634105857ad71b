"""Sign-in by e-mail; the signed-in user comes with member and company in one query."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User
from core import tenancy


class EmailBackend(AuthenticationBackend):
    """allauth's own, except for how a session's user is read, and that an address leads to the one user whose it is."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        user = User.objects.filter(email=email.strip().lower()).first()
        return self._check_password(user, password)

    @tenancy.across  # whose rows may be seen is not known before
    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("member__dropshipper").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
