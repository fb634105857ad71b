"""API keys: made and revoked by an owner, recognised by their digest."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
import re
import secrets
import string
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.errors import KeyNameTaken, KeyRevoked, TooManyKeys
from accounts.models import ApiKey, Dropshipper, User
from accounts.sign_in import security_log
from core import tenancy

MOST = 20  # keys of a company that work at a time
_SIGNS = string.ascii_letters + string.digits
_FORM = re.compile(r"mci_live_([a-z0-9]{12})_[A-Za-z0-9]{40}", re.ASCII)
_SEEN_EVERY = dt.timedelta(minutes=1)


@transaction.atomic
def make(
    dropshipper: Dropshipper,
    *,
    name: str,
    scopes: Sequence[str],
    by: User,
    networks: Sequence[str] = (),
    expires_at: dt.datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key, and the text that is shown this once: it cannot be had again. Raises TooManyKeys,
    KeyNameTaken."""
    Dropshipper.objects.select_for_update(no_key=True).get(pk=dropshipper.pk)  # the cap holds for two at once
    if ApiKey.objects.filter(dropshipper=dropshipper, name=name, revoked_at=None).exists():
        raise KeyNameTaken(name=name)
    alive = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    if ApiKey.objects.filter(alive, dropshipper=dropshipper, revoked_at=None).count() >= MOST:
        raise TooManyKeys(most=MOST)
    prefix = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(12))
    text = f"mci_live_{prefix}_{''.join(secrets.choice(_SIGNS) for _ in range(40))}"
    key = ApiKey(dropshipper=dropshipper, name=name, prefix=prefix, digest=_digest(text), made_by=by)
    key.scopes, key.networks, key.expires_at = sorted(scopes), list(networks), expires_at
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:  # the other one of two clicks at once
        raise KeyNameTaken(name=name) from None
    security_log.note(by, "api_key_made", {"by": by, "name": key.name}, dropshipper=dropshipper)
    return key, text


@transaction.atomic
def revoke(key: ApiKey, *, by: User) -> None:
    """From now on it opens nothing. Raises KeyRevoked for one that was revoked before."""
    mine = ApiKey.objects.filter(pk=key.pk, revoked_at=None)
    if not mine.update(revoked_at=timezone.now(), revoked_by=by):
        raise KeyRevoked
    security_log.note(by, "api_key_revoked", {"by": by, "name": key.name}, dropshipper=key.dropshipper)


@tenancy.across
def recognised(text: str) -> ApiKey | None:
    """The key that this is, with its company and who made it; None for none, also for one that is over, and when who
    made it is no owner of the company any more: they may have it still. One query."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    key = ApiKey.objects.select_related("dropshipper", "made_by__member").filter(prefix=form[1]).first()
    if key is None or not hmac.compare_digest(key.digest, _digest(text)) or key.is_over:
        return None
    return key if key.is_answered_for else None


def may_come_from(key: ApiKey, address: str) -> bool:
    """Whether the key may be used from this IP address ("" where it is not known)."""
    if not key.networks:
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network) for network in key.networks)


def seen(key: ApiKey, address: str) -> None:
    """Notes that it was used, at most once a minute."""
    now = timezone.now()
    if key.used_at is None or now - key.used_at > _SEEN_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(used_at=now, used_from=address or None)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
