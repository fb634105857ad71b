"""The second factor: who has one, which code counts, and how its secrets lie in the database.

allauth keeps the authenticators. Ours is what it leaves to chance: the secrets are sealed with the field keys and bound
to their owner, and a code counts once, by the row in PostgreSQL and not by a cache that may be gone.
"""

from __future__ import annotations

import base64
import binascii
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
    record_authentication,
)
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.errors import CodeUsed, LastFactor, WrongCode, WrongRecoveryCode
from accounts.models import User
from accounts.sign_in import security_log, sessions
from accounts.sign_in.devices import device
from core import sealed
from core.inbound import throttles

log = logging.getLogger(__name__)
Type = Authenticator.Type
FACTORS = (Type.TOTP, Type.WEBAUTHN)  # recovery codes stand in for a factor, they are none
LAST_COUNTER = "last_counter"  # in Authenticator.data: codes up to this step are used up
KEPT_RECORDS = 8
TRIES = {"limit": 10, "seconds": 600}
SEAL = "v1."
SEALED = ("secret", "seed")  # in Authenticator.data
_owner: ContextVar[int | None] = ContextVar("mfa_owner", default=None)


@contextmanager
def secrets_of(user_id: int) -> Iterator[None]:
    """Inside, secrets are sealed for and opened as this user's: those of another do not open."""
    token = _owner.set(user_id)
    try:
        yield
    finally:
        _owner.reset(token)


def sealing_context(user_id: int) -> str:
    return f"mfa_authenticator:{user_id}:secret"


def resealed(data: dict[str, Any], user_id: int) -> dict[str, Any] | None:
    """`Authenticator.data` with its secrets under the first of the field keys; None when they are. SecretUnreadable."""
    found = {}
    for name in SEALED:
        text = data.get(name)
        if isinstance(text, str) and text.startswith(SEAL):
            blob = sealed.reseal(base64.b64decode(text.removeprefix(SEAL)), context=sealing_context(user_id))
            if blob is not None:
                found[name] = SEAL + base64.b64encode(blob).decode()
    return {**data, **found} if found else None


class SealedAdapter(DefaultMFAAdapter):
    """allauth's switches that are code (settings.MFA_ADAPTER)."""

    def _context(self) -> str:
        owner = _owner.get()
        if owner is None:
            user = getattr(context.request, "user", None)
            if user is None or not user.is_authenticated:
                raise sealed.SecretUnreadable
            owner = user.pk
        return sealing_context(owner)

    def encrypt(self, text: str) -> str:
        return SEAL + base64.b64encode(sealed.seal(text, context=self._context())).decode()

    def decrypt(self, encrypted_text: str) -> str:
        if not encrypted_text.startswith(SEAL):
            raise sealed.SecretUnreadable
        try:
            blob = base64.b64decode(encrypted_text.removeprefix(SEAL), validate=True)
        except binascii.Error:
            raise sealed.SecretUnreadable from None
        return sealed.open_sealed(blob, context=self._context())

    def get_totp_issuer(self) -> str:
        return f"MCI {settings.SUPPLIER_NAME}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the portal's own address, whatever the Host header says."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "localhost", "name": self.get_totp_issuer()}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        return (device(context.request) if context.request is not None else "") or _("Passkey")


# Who has one


def must_have(user: User) -> bool:
    """Staff, and whoever may do everything: they get no further without."""
    return user.is_staff or user.is_superuser


def factors_of(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user, type__in=FACTORS).order_by("created_at", "pk"))


def has_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def is_proven(request: HttpRequest, user: User) -> bool:
    """Whether this session was begun, or confirmed, with a second factor of this user."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, user))


def base_template(request: HttpRequest, user: User) -> str:
    """The frame of a page: without the menu for whom none of its links would let in."""
    return "base_bare.html" if must_have(user) and not is_proven(request, user) else "base_portal.html"


def record(request: HttpRequest, user: User, method: str, **facts: object) -> None:
    """Notes in the session that `user` proved who he is, now, by "password" or "mfa"."""
    record_authentication(request, user, method, **facts)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = get_authentication_records(request, user)[-KEPT_RECORDS:]


# Codes


def accept_code(user: User, code: str) -> Authenticator:
    """Uses a code of the app, or a recovery code, up. Of two requests with one code one is refused: the row is
    locked. Raises WrongCode (WrongRecoveryCode for who has no app), CodeUsed, TooManyTries: six digits are guessed by
    who may try for ever."""
    code = normalize_user_code(code)[:20]
    throttles.take("second-factor", str(user.pk), **TRIES)
    with transaction.atomic(), secrets_of(user.pk):
        rows = Authenticator.objects.select_for_update().filter(user=user, type__in=(Type.TOTP, Type.RECOVERY_CODES))
        for row in sorted(rows, key=lambda row: row.type != Type.TOTP):
            try:
                fits = _fits_app(row, code) if row.type == Type.TOTP else _fits_recovery(row, code)
            except sealed.SecretUnreadable:
                log.exception("A secret of user %s cannot be opened: was FIELD_KEYS exchanged?", user.pk)
                continue
            if fits:
                row.record_usage()
                throttles.clear("second-factor", str(user.pk))
                return row
    raise WrongCode if any(row.type == Type.TOTP for row in rows) else WrongRecoveryCode


def current_code(secret: str) -> str:
    """What an app with this secret shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD)))


def matching_counter(secret: str, code: str) -> int | None:
    """The time step whose code this is: the present one or a neighbour (a phone's clock is seconds off)."""
    for counter in yield_hotp_counters_from_time():
        if constant_time_compare(code, format_hotp_value(hotp_value(secret, counter))):
            return int(counter)
    return None


def _fits_app(row: Authenticator, code: str) -> bool:
    counter = matching_counter(_secret(row), code)
    if counter is None:
        return False
    if counter <= row.data.get(LAST_COUNTER, 0):
        raise CodeUsed
    row.data[LAST_COUNTER] = counter
    row.save(update_fields=["data"])
    return True


def _secret(row: Authenticator) -> str:
    return SealedAdapter().decrypt(row.data["secret"])


def _fits_recovery(row: Authenticator, code: str) -> bool:
    codes = RecoveryCodes(row)
    if not codes.validate_code(code):
        return False
    row.data = codes.instance.data
    security_log.note(row.user, "code_used", {"left": len(codes.get_unused_codes())})
    return True


def unused_codes(user: User) -> list[str]:
    """The recovery codes that still work; empty where there are none."""
    row = Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).first()
    with secrets_of(user.pk):
        return RecoveryCodes(row).get_unused_codes() if row else []


def count_unused(user: User) -> int:
    """How many of them, without opening the seal."""
    row = Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).first()
    return app_settings.RECOVERY_CODE_COUNT - int(row.data.get("used_mask", 0)).bit_count() if row else 0


# Adding and taking away


@transaction.atomic
def add_app(user: User, secret: str, *, counter: int = 0) -> bool:
    """An authenticator app. `counter`: the step of the code that confirmed it, which is used up. Returns whether
    recovery codes were made, which the person must now see."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    with secrets_of(user.pk):
        row = TOTP.activate(user, secret).instance
    row.data[LAST_COUNTER] = counter
    row.save(update_fields=["data"])
    security_log.note(user, "app_added")
    return _first_codes(user)


def _first_codes(user: User) -> bool:
    if Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).exists():
        return False
    with secrets_of(user.pk):
        RecoveryCodes.activate(user)
    return True


@transaction.atomic
def add_passkey(user: User, name: str, credential: dict[str, object]) -> bool:
    """As add_app."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    Authenticator.objects.create(user=user, type=Type.WEBAUTHN, data={"name": name, "credential": credential})
    security_log.note(user, "passkey_added", {"name": name})
    return _first_codes(user)


@transaction.atomic
def remove(user: User, pk: int) -> None:
    """Takes one factor away, and with the last one the recovery codes. Raises LastFactor for staff."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    rows = factors_of(user)
    found = next((row for row in rows if row.pk == pk), None)
    if found is None:
        return
    if len(rows) == 1 and must_have(user):
        raise LastFactor
    if found.type == Type.TOTP:
        security_log.note(user, "app_removed")
    else:
        security_log.note(user, "passkey_removed", {"name": found.data.get("name", "")})
    found.delete()
    if len(rows) == 1:
        Authenticator.objects.filter(user=user).delete()


@transaction.atomic
def new_codes(user: User) -> None:
    """Other recovery codes; the old ones end."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
    _first_codes(user)
    security_log.note(user, "codes_made")


@transaction.atomic
def reset(user: User, *, by: str) -> None:
    """Who lost everything begins again: no factor, no session. Staff are asked to enrol at the next sign-in."""
    Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)
    security_log.note(user, "factors_reset", {"by": by})
