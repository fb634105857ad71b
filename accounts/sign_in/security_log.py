"""The log of what happened to the keys of an account, and the letters about the serious part of it.

    security_log.note(user, "email_changed", {"old": "a@example.com", "new": "b@example.com"}, request=request)

`user` is whose keys they are, who reads it; where another person did it, `params` names him (`by`). Inside a request
that came through the middleware, `request` may be left out: an act deep below needs no request to write it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.core import context
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper, Member, SecurityEvent, User
from accounts.people import letters
from accounts.sign_in.devices import device
from core.errors import for_reader
from core.inbound import client
from core.lines import one_dot


@dataclass(frozen=True, slots=True)
class Kind:
    """What a code means: the sentence of the page (placeholders from the params), whether a letter goes out at once,
    and whether it is good news, trouble or neither."""

    sentence: str | Promise
    serious: bool = False
    tone: str = "neutral"
    icon: str = "info-circle"


KINDS: dict[str, Kind] = {
    "signed_in": Kind(_("You signed in."), icon="login", tone="ok"),
    "signed_in_new_device": Kind(_("You signed in with a new device."), serious=True, icon="login", tone="warn"),
    "sign_in_failed": Kind(_("A sign-in was tried with a wrong password."), icon="alert-triangle", tone="danger"),
    "factor_failed": Kind(_("A wrong code was given as second step."), icon="alert-triangle", tone="danger"),
    "signed_out": Kind(_("You signed out."), icon="logout"),
    "session_ended": Kind(_("A session was ended: %(device)s."), icon="logout"),
    "sessions_ended": Kind(_("All other sessions were ended."), icon="logout"),
    "password_changed": Kind(_("The password was changed."), serious=True, icon="key", tone="warn"),
    "password_reset_asked": Kind(_("A link to choose a new password was asked for."), icon="key"),
    "email_change_asked": Kind(
        _("A change of e-mail address was asked for: from %(old)s to %(new)s."), icon="mail", tone="warn"
    ),
    "email_changed": Kind(  # the letters are those of accounts/people/emails.py: the old address reads them
        _("The e-mail address was changed from %(old)s to %(new)s."), icon="mail", tone="warn"
    ),
    "email_confirmed": Kind(_("The e-mail address was confirmed."), icon="mail", tone="ok"),
    "app_added": Kind(_("An authenticator app was added."), serious=True, icon="shield-check", tone="ok"),
    "app_removed": Kind(_("The authenticator app was removed."), serious=True, icon="lock-open", tone="warn"),
    "passkey_added": Kind(_("The passkey “%(name)s” was added."), serious=True, icon="shield-check", tone="ok"),
    "passkey_removed": Kind(_("The passkey “%(name)s” was removed."), serious=True, icon="lock-open", tone="warn"),
    "codes_made": Kind(_("New recovery codes were made; the old ones no longer work."), serious=True, icon="key"),
    "code_used": Kind(_("A recovery code was used. Left: %(left)s."), serious=True, icon="alert-triangle", tone="warn"),
    "factors_reset": Kind(
        _("%(by)s took all second factors of this account away."), serious=True, icon="lock-open", tone="warn"
    ),
    "member_added": Kind(_("%(by)s added %(member)s with the role %(role)s."), icon="user-plus"),
    "member_role": Kind(_("%(by)s gave %(member)s the role %(role)s."), icon="users"),
    "member_removed": Kind(_("%(by)s removed %(member)s."), icon="users"),
    "shop_connected": Kind(_("%(by)s connected the shop %(shop)s."), icon="building-store"),
    "shop_reconnected": Kind(_("%(by)s connected the shop %(shop)s again."), icon="building-store"),
    "shop_disconnected": Kind(_("%(by)s disconnected the shop %(shop)s."), icon="building-store"),
    "api_key_made": Kind(_("%(by)s made the API key “%(name)s”."), serious=True, icon="key", tone="warn"),
    "api_key_revoked": Kind(_("%(by)s revoked the API key “%(name)s”."), serious=True, icon="key", tone="warn"),
    "company_change_asked": Kind(_("%(by)s asked for a change of the company’s data."), icon="file-invoice"),
    "company_changed": Kind(_("The company’s data was changed."), icon="file-invoice"),
    "rights_changed": Kind(_("%(by)s changed the rights of %(member)s."), serious=True, icon="users", tone="warn"),
    "switched_off": Kind(_("%(by)s switched the account of %(member)s off."), icon="users", tone="warn"),
    "credited": Kind(_("You credited %(amount)s to %(name)s."), icon="transfer-in"),
    "approved": Kind(_("You approved %(name)s."), icon="user-plus"),
}

UNKNOWN = Kind("")


def note(
    user: User,
    code: str,
    params: Mapping[str, Any] | None = None,
    *,
    request: HttpRequest | None = None,
    dropshipper: Dropshipper | None = None,
) -> SecurityEvent:
    """Writes one event of `user`'s account, and sends its letter after the commit when it is a serious one. `code` must
    be one of KINDS; `params` hold what its sentence names, as text. `dropshipper`: its owners read the event too."""
    kind = KINDS[code]
    request = request if request is not None else context.request
    event = SecurityEvent.objects.create(
        user=user,
        dropshipper=dropshipper,
        code=code,
        params={name: str(value)[:200] for name, value in (params or {}).items()},
        address=(client.address(request) or None) if request is not None else None,
        device=device(request) if request is not None else "",
    )
    if kind.serious:
        transaction.on_commit(functools.partial(_write, event), robust=True)
    return event


def _write(event: SecurityEvent) -> None:
    with translation.override(event.user.language):
        letters.security(event, event_sentence(event))


def note_failed_sign_in(email: str, *, request: HttpRequest) -> None:
    """A wrong password. An address that nobody has leaves no row: the log must not become a list of who was tried."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        note(user, "sign_in_failed", request=request)


def event_sentence(event: SecurityEvent) -> str:
    """What happened, in the reader's language. A code that is gone from the house is shown as it is."""
    kind = KINDS.get(event.code)
    if kind is None:
        return event.code
    params = {**event.params}
    if "role" in params:
        params["role"] = dict(Member.Role.choices).get(params["role"], params["role"])
    return one_dot(str(kind.sentence) % _Dashes(for_reader(params))) if params else str(kind.sentence)


class _Dashes(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "–"


def events_for(user: User, member: Member | None) -> QuerySet[SecurityEvent]:
    """What a person reads: his own, and for an owner what concerns the company. Newest first by id."""
    mine = Q(user=user)
    if member is not None and member.role == Member.Role.OWNER:
        mine |= Q(dropshipper=member.dropshipper)
    return SecurityEvent.objects.filter(mine).select_related("user")
