"""The second look before an action of the administration does something to several rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

MOST = 500  # rows of one action: each has a field in the form that confirms, and a person reads their names
Words = str | Promise


def asked(
    desk: Any,
    request: HttpRequest,
    chosen: QuerySet[Any],
    *,
    title: Words,
    effect: Words,
    back: Words,
    button: Words,
    name: Callable[[Any], Iterable[Any]] = lambda row: (row,),
) -> HttpResponse | None:
    """None when the person has confirmed; else the page that asks. It names the rows by `name`, says what will happen
    (`effect`) and how it is undone, or that it is not (`back`)."""
    rows = list(chosen[: MOST + 1])
    if len(rows) > MOST:
        words = _("Choose at most %(most)s rows at a time.") % {"most": MOST}
        desk.message_user(request, words, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())
    if request.POST.get("post") == "yes":
        return None
    context = {
        **desk.admin_site.each_context(request),
        "opts": desk.opts,
        "title": title,
        "effect": effect,
        "back": back,
        "button": button,
        "rows": [(row.pk, [str(part) for part in name(row) if part not in (None, "")]) for row in rows],
        "action": request.POST.get("action", ""),
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    answer: HttpResponse = TemplateResponse(request, "admin/confirm_action.html", context)
    return answer
