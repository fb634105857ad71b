"""What was typed when a session was over, where its form cannot be filled again; and whether the session is back."""

from __future__ import annotations

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.kept import forms
from accounts.models import User
from accounts.sign_in import mfa

# What pages call what they ask for; other names are shown as they are.
_WORDS = {
    "name": _("Name"),
    "phone": _("Phone"),
    "street": _("Address and number"),
    "postcode": _("Postcode"),
    "city": _("City"),
    "province": _("Province"),
    "email": _("E-mail"),
    "note": _("Note for the courier"),
    "amount": _("Amount"),
    "reason": _("Reason"),
    "sku": _("SKU"),
    "quantity": _("Pieces"),
    "address": _("Address"),
}
# What pages say in their forms by themselves, or by a choice whose value is a number or a word of ours: not typed.
_NOT_TYPED = {"key", "seen", "next", "version", "window", "revision", "do", "instead", "preselected", "row", "mark"}
_NOT_TYPED |= {"method", "payment", "country", "order", "mode", "collect", "back", "many"}


def _words(name: str) -> str:
    """What a person calls the field; "" where nobody typed anything into it."""
    last = name.rpartition("-")[2]
    return "" if last in _NOT_TYPED or last.endswith("_FORMS") else str(_WORDS.get(last, name))


@require_safe
@signed_in
def kept_form(request: HttpRequest, handle: str) -> HttpResponse:
    """accounts:kept. A stranger's is a 404, as one whose hour is over."""
    user = cast(User, request.user)
    row = forms.find(user, handle)
    if row is None:
        raise Http404
    typed = [(words, value) for name, value in forms.fields_of(row) if value.strip() and (words := _words(name))]
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
