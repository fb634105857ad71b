"""Who asks: by the key in the Authorization header, never in the address, where logs would keep it."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.keys import keys
from accounts.models import ApiKey, User
from core.api.problems import NEVER, Problem
from core.inbound import client, throttles

REALM = 'Bearer realm="MCI"'


class KeyAuthentication(BaseAuthentication):
    """Authorization: Bearer mci_live_…; the user is who made the key."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey]:
        kind, _space, text = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text:
            raise Problem(401, "key_missing", retry=NEVER, headers={"WWW-Authenticate": REALM})
        key = keys.recognised(text.strip())
        if key is None:
            # Counted by who tries; a key that is right is never held up by it.
            throttles.take("api-unknown", client.network(request._request), limit=60, seconds=60)
            wrong = f'{REALM}, error="invalid_token"'
            raise Problem(401, "key_unknown", retry=NEVER, headers={"WWW-Authenticate": wrong})
        return key.made_by, key

    def authenticate_header(self, request: Request) -> str:
        return REALM
