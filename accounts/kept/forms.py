"""A form that came in when the session was over, or with the token of an earlier sign-in, is kept for whoever had the
page open, and for nobody else: for an hour, sealed, without secrets. After signing in the page comes back filled
(accounts/kept/refill.py), to be looked over and sent anew: nothing is ever done by itself.

Whose page it was says its CSRF token: a signed cookie remembers for which person this browser was given which token. A
form from elsewhere has none of them, so nobody can leave anything here for another.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import csrf
from django.utils import timezone

from accounts.access import referring_page
from accounts.models import KeptForm, User
from core.sealed import SecretUnreadable, open_sealed, seal

COOKIE = "mci_pages"
AGE = 30 * 24 * 3600  # seconds that a page may lie open
LIFE = dt.timedelta(hours=1)
AT_MOST = 5  # of a person
MOST_FIELDS, MOST_CHARS, MOST_PATH = 500, 100_000, 500
_REMEMBERED = 4  # sign-ins of a browser
_SALT = "accounts.kept"
# Parts of the names of fields that are never kept; `code` alone or at an end after a dash is a one-time code.
_SECRET = ("password", "passwd", "secret", "token", "credential", "recovery", "otp", "api_key", "_key")
_HANDLE = re.compile(r"[\w-]{43}", re.ASCII)
_NEVER = ("/account/", "/admin/login/")  # the doors, where everything typed is a key
Fields = list[tuple[str, str]]


def is_secret(name: str) -> bool:
    """Whether a field of this name may hold a key, a code or a password."""
    name = name.lower()
    return any(part in name for part in _SECRET) or name.rpartition("-")[2] == "code"


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Notes whose pages this browser's token is in; writes the cookie only when that is new."""
    mark = _mark(request.META.get("CSRF_COOKIE", ""))
    pairs = _pairs(request)
    if not mark or pairs[:1] == [(mark, user.pk)]:
        return
    pairs = [(mark, user.pk), *(pair for pair in pairs if pair[0] != mark)][:_REMEMBERED]
    response.set_cookie(
        COOKIE,
        signing.dumps(pairs, salt=_SALT),
        max_age=AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def owner_of(request: HttpRequest) -> int | None:
    """The id of the person for whom the page was made that this form stands on; None when this browser does not say."""
    token = request.POST.get("csrfmiddlewaretoken", "") or request.headers.get("X-CSRFToken", "")
    if len(token) != csrf.CSRF_TOKEN_LENGTH or not (token.isascii() and token.isalnum()):
        return None
    mark = _mark(csrf._unmask_cipher_token(token))  # type: ignore[attr-defined]
    return next((owner for known, owner in _pairs(request) if secrets.compare_digest(known, mark)), None)


def by_script(request: HttpRequest) -> bool:
    """Whether a page asks in the background: it still has all that is typed, and says itself what became of it."""
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    return mode != "navigate" or request.headers.get("X-Requested-With") == "fetch"


def keep(request: HttpRequest, owner: int) -> KeptForm | None:
    """Keeps what was posted for that person; None where there is nothing to keep, or too much of it."""
    if request.method != "POST" or request.path.startswith(_NEVER) or by_script(request):
        return None
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and not name.startswith("prove-") and not is_secret(name)
        for value in values
    ]
    action, page = request.get_full_path(), referring_page(request)
    if page == "/":
        page = action
    too_long = sum(len(name) + len(value) for name, value in fields) > MOST_CHARS or len(fields) > MOST_FIELDS
    held = any("\0" in name or "\0" in value for name, value in fields)  # nothing that a person typed
    if not fields or too_long or max(len(action), len(page)) > MOST_PATH or held:
        return None
    row = KeptForm(handle=secrets.token_urlsafe(32), page=page, action=action, expires_at=timezone.now() + LIFE)
    row.fields_sealed = seal(json.dumps(fields), context=row.sealing_context("fields_sealed"))
    with transaction.atomic():
        user = User.objects.filter(pk=owner, is_active=True).select_for_update(no_key=True).first()
        if user is None:
            return None
        row.user = user
        row.save()
        newest = KeptForm.objects.filter(user=user).order_by("-pk").values("pk")[:AT_MOST]
        KeptForm.objects.filter(user=user).exclude(pk__in=list(newest.values_list("pk", flat=True))).delete()
    return row


def find(user: User, handle: str) -> KeptForm | None:
    """This person's own, while it lasts."""
    if not _HANDLE.fullmatch(handle):
        return None
    return KeptForm.objects.filter(user=user, handle=handle, expires_at__gt=timezone.now()).first()


def fields_of(row: KeptForm) -> Fields:
    try:
        text = open_sealed(bytes(row.fields_sealed), context=row.sealing_context("fields_sealed"))
    except SecretUnreadable:  # the key was taken away within the hour
        return []
    return [(name, value) for name, value in json.loads(text)]


def of_page(request: HttpRequest) -> Fields | None:
    """What this page's own form had in it, for a page whose rows come and go: it draws the form itself, and nothing is
    filled in behind it. None where nothing was kept, or of another form."""
    row: KeptForm | None = getattr(request, "kept_form", None)
    if row is None or urlsplit(row.action).path != request.path:
        return None
    request.kept_form = None  # type: ignore[attr-defined]
    return fields_of(row)


def forget(row: KeptForm) -> None:
    row.delete()


def _mark(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()[:24] if secret else ""


def _pairs(request: HttpRequest) -> Sequence[tuple[str, int]]:
    """(mark of a token, whose pages it is in), the newest first."""
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=AGE)
    except signing.BadSignature:
        return []
    return [(str(mark), int(owner)) for mark, owner in found]
