"""allauth's switches that are code."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is open to resellers; the supplier approves each."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return True
