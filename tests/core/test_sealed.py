"""Secrets through an exchange of keys: what any of them sealed opens, and only in its own place."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.sealed import SecretUnreadable, open_sealed, reseal, seal

ONE, TWO, THREE, LOST = (base64.b64encode(bytes([n]) * 32).decode() for n in (11, 22, 33, 44))
HERE = "shop:abc:credentials"


def sealed_with(settings: Any, key: str, text: str, *, context: str = HERE) -> bytes:
    settings.FIELD_KEYS = [key]
    return seal(text, context=context)


def test_what_each_of_three_keys_sealed_opens_after_two_exchanges(settings: Any) -> None:
    blobs = {text: sealed_with(settings, key, text) for text, key in (("uno", ONE), ("due", TWO), ("tré", THREE))}
    settings.FIELD_KEYS = [THREE, TWO, ONE]
    assert [open_sealed(blob, context=HERE) for blob in blobs.values()] == list(blobs)


def test_the_first_key_seals_and_the_others_only_open(settings: Any) -> None:
    settings.FIELD_KEYS = [TWO, ONE]
    blob = seal("segreto", context=HERE)
    settings.FIELD_KEYS = [TWO]
    assert open_sealed(blob, context=HERE) == "segreto"
    settings.FIELD_KEYS = [ONE]
    with pytest.raises(SecretUnreadable):
        open_sealed(blob, context=HERE)


def test_a_key_that_was_lost_and_another_place_open_nothing(settings: Any) -> None:
    lost, moved = sealed_with(settings, LOST, "uno"), sealed_with(settings, TWO, "due", context="shop:abd:credentials")
    settings.FIELD_KEYS = [THREE, TWO, ONE]
    torn = bytearray(seal("tre", context=HERE))
    torn[-1] ^= 1
    for blob in (lost, moved, bytes(torn)):
        with pytest.raises(SecretUnreadable):
            open_sealed(blob, context=HERE)
        with pytest.raises(SecretUnreadable):
            reseal(blob, context=HERE)


def test_an_exchange_seals_anew_what_the_first_key_did_not_seal(settings: Any) -> None:
    old = sealed_with(settings, ONE, "uno")
    settings.FIELD_KEYS = [TWO, ONE]
    anew = reseal(old, context=HERE)
    assert anew is not None
    assert reseal(anew, context=HERE) is None
    assert reseal(b"", context=HERE) is None
    settings.FIELD_KEYS = [TWO]
    assert open_sealed(anew, context=HERE) == "uno"
    with pytest.raises(SecretUnreadable):
        open_sealed(anew, context="shop:abc:webhook")


def test_what_lies_in_the_rows_is_a_nonce_of_twelve_bytes_and_its_text(settings: Any) -> None:
    """What was sealed years ago is opened so: made by hand, and opened by hand."""
    settings.FIELD_KEYS = [ONE]
    by_hand, nonce = AESGCM(base64.b64decode(ONE)), bytes(range(12))
    assert open_sealed(nonce + by_hand.encrypt(nonce, "però".encode(), HERE.encode()), context=HERE) == "però"
    blob = seal("però", context=HERE)
    assert by_hand.decrypt(blob[:12], blob[12:], HERE.encode()).decode() == "però"


def test_the_same_secret_twice_is_not_the_same_to_the_eye(settings: Any) -> None:
    settings.FIELD_KEYS = [ONE]
    one, two = seal("uguale", context=HERE), seal("uguale", context=HERE)
    assert one[:12] != two[:12]
    assert one[12:] != two[12:]
    assert b"uguale" not in one
    assert (seal("", context=HERE) != b"", open_sealed(b"", context=HERE)) == (True, "")
