"""The filters of a list, in its page's address. Nonsense in one of them leaves that one out; of a date that is said,
for a list or a file that is not narrowed looks like one that is."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core import lines


def tell_wrong_dates(request: HttpRequest, form: forms.Form) -> bool:
    """Says of each date of a bound form that is none (31/02/2026) that it narrows nothing; not while htmx renews a part
    of the page. Whether one was meant as a date, with figures in it: no file is made of that."""
    wrong = [str(form.data.get(name, "")) for name in form.errors if isinstance(form.fields.get(name), forms.DateField)]
    meant = any(sign.isdigit() for text in wrong for sign in text)
    if getattr(request, "htmx", False):
        return meant
    for text in wrong:
        shown = lines.seen("".join(sign for sign in text[:30] if sign.isprintable()))
        messages.warning(request, _("“%(text)s” is no date: the list is not narrowed by it.") % {"text": shown})
    return meant
