"""Secrets at rest: AES-GCM with the place they belong to as associated data, so that a ciphertext copied into another
row does not open. Keys come from FIELD_KEYS: the first seals, all open."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import NeedsHand

_NONCE = 12


class SecretUnreadable(NeedsHand):
    code = "secret_unreadable"
    message = _("The stored credentials cannot be opened: connect again.")


def _keys() -> list[AESGCM]:
    return [AESGCM(base64.b64decode(key)) for key in settings.FIELD_KEYS]


def seal(text: str, *, context: str) -> bytes:
    """`text` encrypted for `context` ("table:row:field")."""
    nonce = os.urandom(_NONCE)
    return nonce + _keys()[0].encrypt(nonce, text.encode(), context.encode())


def open_sealed(blob: bytes, *, context: str) -> str:
    """The text that was sealed for `context`. Empty stays empty. SecretUnreadable for another context or a lost key."""
    if not blob:
        return ""
    for key in _keys():
        try:
            return key.decrypt(blob[:_NONCE], blob[_NONCE:], context.encode()).decode()
        except InvalidTag:
            continue
    raise SecretUnreadable


def reseal(blob: bytes, *, context: str) -> bytes | None:
    """The same secret under the first key; None when it is under it already, or is none. SecretUnreadable as above."""
    if not blob:
        return None
    try:
        _keys()[0].decrypt(blob[:_NONCE], blob[_NONCE:], context.encode())
    except InvalidTag:
        return seal(open_sealed(blob, context=context), context=context)
    return None
