"""Where a person is signed in, and what happened to the account."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in
from accounts.models import User
from accounts.sign_in import security_log, sessions
from core.pagination import keyset_page


@require_safe
@signed_in
def open_sessions(request: HttpRequest) -> HttpResponse:
    """Every browser that is signed in; this one first."""
    mine = request.session.session_key
    rows = list(sessions.open_sessions(cast(User, request.user))[:100])
    rows.sort(key=lambda row: row.session_key != mine)
    context = {"rows": [{"row": row, "here": row.session_key == mine} for row in rows], "others": len(rows) > 1}
    return render(request, "accounts/sessions.html", context)


@require_POST
@signed_in
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them; the one that is used right now ends by signing out."""
    user = cast(User, request.user)
    rows = list(sessions.open_sessions(user).filter(pk=pk).exclude(session_key=request.session.session_key or ""))
    if sessions.end(rows):
        security_log.note(user, "session_ended", {"device": rows[0].device or rows[0].address or "–"}, request=request)
        messages.success(request, _("That session was ended."))
    return redirect("accounts:sessions")


@require_POST
@signed_in
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    ended = sessions.end_all(user, but=request.session.session_key)
    if ended:
        security_log.note(user, "sessions_ended", request=request)
    words = ngettext("%(count)s session was ended.", "%(count)s sessions were ended.", ended)
    messages.success(request, words % {"count": ended})
    return redirect("accounts:sessions")


@require_safe
@signed_in
def activity(request: HttpRequest) -> HttpResponse:
    """The log, newest first."""
    member: Any = getattr(request, "member", None)
    user = cast(User, request.user)
    page = keyset_page(security_log.events_for(user, member), by=("-id",), cursor=request.GET.get("cursor"))
    rows = [
        {
            "event": event,
            "sentence": security_log.event_sentence(event),
            "kind": security_log.KINDS.get(event.code, security_log.UNKNOWN),
            "whose": "" if event.user_id == user.pk else str(event.user),
        }
        for event in page
    ]
    return render(request, "accounts/activity.html", {"page": page, "rows": rows})
