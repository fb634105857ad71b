"""The second look before an action of the administration does something to several rows at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.crypto import constant_time_compare, salted_hmac
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
    """None when the person has confirmed what stands there now; else the page that asks. It names the rows by `name`,
    says what will happen (`effect`) and how it is undone, or that it is not (`back`). What became another thing since
    (rejected by a colleague), and what nobody was shown, is asked anew: `name` says all that the answer hangs on."""
    rows = list(chosen[: MOST + 1])
    if len(rows) > MOST:
        words = _("Choose at most %(most)s rows at a time.") % {"most": MOST}
        desk.message_user(request, words, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())
    named = [(row.pk, [str(part) for part in name(row) if part not in (None, "")]) for row in rows]
    action = request.POST.get("action", "")
    shown = salted_hmac("core.admin_confirm", json.dumps([desk.opts.label, action, sorted(named)])).hexdigest()
    if request.POST.get("post") == "yes" and rows and constant_time_compare(request.POST.get("shown", ""), shown):
        return None
    if request.POST.get("shown"):
        desk.message_user(request, _("These rows are not as they were when you looked. Look again."), messages.WARNING)
    context = {
        **desk.admin_site.each_context(request),
        "opts": desk.opts,
        "title": title,
        "effect": effect,
        "back": back,
        "button": button,
        "rows": named,
        "action": action,
        "shown": shown,
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    answer: HttpResponse = TemplateResponse(request, "admin/confirm_action.html", context)
    return answer
