"""What was typed when a session was over, where its form cannot be filled again; and whether the session is back."""

from __future__ import annotations

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_safe

from accounts import kept, mfa
from accounts.access import signed_in
from accounts.models import User


@require_safe
@signed_in
def kept_form(request: HttpRequest, handle: str) -> HttpResponse:
    """accounts:kept. A stranger's is a 404, as one whose hour is over."""
    user = cast(User, request.user)
    row = kept.find(user, handle)
    if row is None:
        raise Http404
    typed = [(name, value) for name, value in kept.fields_of(row) if value.strip()]
    context = {"row": row, "typed": typed, "base": mfa.base_template(request, user)}
    return render(request, "accounts/kept.html", context)


@require_safe
def session(request: HttpRequest) -> HttpResponse:
    """accounts:session, for a page that was told that the session is over: whether its reader is back, and the token
    for its forms. `who` is no name, and nobody's is empty: only the page of the same person goes on."""
    if not isinstance(request.user, User):
        return JsonResponse({"who": ""})
    return JsonResponse({"who": who(request.user), "token": get_token(request)})


def who(user: User) -> str:
    """The same for a person always, and nothing that leads to him."""
    return salted_hmac("accounts.kept.who", str(user.pk)).hexdigest()[:20]
