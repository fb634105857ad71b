"""The people of a company in the administration. Who works for one may not decide on its money, so nobody ties himself
to a company, or unties himself from it; and what is changed here is noted like what an owner changes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from accounts.errors import OwnMatter
from accounts.models import Member, User
from accounts.sign_in import security_log
from core.administration.pages import Autocompletes


class MemberFormSet(BaseInlineFormSet):
    person: User

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            new = getattr(form, "cleaned_data", {}).get("user")
            touched = form.has_changed() or self._should_delete_form(form)  # type: ignore[attr-defined]
            if touched and self.person.pk in (form.initial.get("user"), getattr(new, "pk", None)):
                raise ValidationError(str(OwnMatter()), code=OwnMatter.code)


class MemberInline(Autocompletes, admin.TabularInline):
    model = Member
    formset = MemberFormSet
    extra = 0
    autocomplete_fields = ("user",)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        made: Any = super().get_formset(request, obj, **kwargs)
        made.person = request.user
        return made


def note(formset: Any, *, by: User, request: HttpRequest) -> None:
    """After the formset was saved: read by whom it concerns and by the owners."""
    found = [("member_added", row) for row in formset.new_objects]
    found += [("member_role", row) for row, _fields in formset.changed_objects]
    found += [("member_removed", row) for row in formset.deleted_objects]
    for code, row in found:
        params = {"by": by, "member": row.user, "role": row.role}
        security_log.note(row.user, code, params, dropshipper=row.dropshipper, request=request)
