"""The administration of users and companies. A company's state is changed by accounts.companies.approval alone."""

from __future__ import annotations

import copy
import functools
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, cast

from allauth.account import admin as allauth_admin  # noqa: F401 - registers what is taken out below
from allauth.account.models import EmailAddress
from allauth.mfa import admin as mfa_admin  # noqa: F401 - as above
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import member_admin
from accounts.companies import approval
from accounts.errors import BadStatusChange, OwnMatter
from accounts.group_admin import GroupAdmin, label, meaningful
from accounts.models import Dropshipper, Member, SecurityEvent, User
from accounts.pages.forms import ProfileForm
from accounts.people import letters
from accounts.sign_in import mfa, security_log, sessions
from core import lines
from core.administration import confirm
from core.administration.filters import Words, by_words
from core.administration.pages import ReadOnly, as_data
from core.lookup import IndexedSearch, first_ids

admin.site.unregister(Group)
admin.site.unregister(EmailAddress)  # allauth's row follows the user's address (accounts/people/emails.py)
admin.site.unregister(Authenticator)  # a second factor is ended by its owner or by manage.py reset_factors, and told

admin.site.register(Group, GroupAdmin)
TONE = {"pending": "b-pick", "active": "b-ship", "suspended": "b-hold", "rejected": "b-hold"}


class NewUserForm(lines.ModelForm):
    """A new user has no password yet: the reset link on the sign-in page makes one."""

    class Meta:
        model = User
        fields = ("email", "name", "language", "is_staff")

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit=False)
        user.email = user.email.lower()
        user.set_unusable_password()
        if commit:
            user.save()
        return user


class UserForm(lines.ModelForm, UserChangeForm):
    """Django's own, with single-line fields that hold one line."""


class NewPasswordForm(lines.OneLine, AdminPasswordChangeForm):
    """Django's own, whose help is in the language of whoever started the server."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "usable_password" in self.fields:
            self.fields["usable_password"].help_text = _(
                "Without a password people sign in with a passkey. Disabling it deletes the password that is set now."
            )


RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    """Who may change users looks after the resellers' people. Rights, and whoever may have some, are the superusers':
    else a clerk could give himself the wallets."""

    ordering = ("email",)
    list_display = ("email", "name", "company", "is_staff", "in_groups", "is_active", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    filter_horizontal = ()
    list_select_related = ("member__dropshipper",)
    search_fields = ("email", "name", "member__dropshipper__name")
    search_help_text = gettext_lazy("E-mail, name, or name of the company")
    list_per_page = 50
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (gettext_lazy("Preferences"), {"fields": ("language", "theme")}),
        (gettext_lazy("Rights"), {"fields": ("is_active", *RIGHTS)}),
        (None, {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    form = UserForm
    change_password_form = NewPasswordForm
    actions = ("reset_factors",)
    add_form = NewUserForm
    add_fieldsets = ((None, {"fields": ("email", "name", "language", "is_staff")}),)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A changed address is told to the old one; the new one proves itself at the next sign-in. Rights and switches
        are noted."""
        obj.email = obj.email.lower()
        old = User.objects.values_list("email", flat=True).filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        if old and old != obj.email:
            transaction.on_commit(functools.partial(letters.email_changed_by_staff, obj, old), robust=True)
            security_log.note(obj, "email_changed", {"old": old, "new": obj.email}, request=request)
        said = {"by": request.user, "member": obj}
        if change and not obj.is_active:
            sessions.end_all(obj)  # switched off means now
        if change and "is_active" in form.changed_data and not obj.is_active:
            security_log.note(obj, "switched_off", said, request=request)
        if set(RIGHTS) & set(form.changed_data):
            security_log.note(obj, "rights_changed", said, request=request)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        answer = super().user_change_password(request, id, form_url)
        user = User.objects.filter(pk=id).first()
        if request.method == "POST" and answer.status_code == 302 and user is not None:
            sessions.end_all(user, but=request.session.session_key)
            security_log.note(user, "password_changed", request=request)
        return answer

    @admin.action(description=gettext_lazy("Take the second factor away (lost phone)"), permissions=["reset_factors"])
    def reset_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        assert request.user.pk is not None
        others = queryset.exclude(pk=request.user.pk)  # his own he ends on his security page
        answer = confirm.asked(
            self,
            request,
            others,
            title=_("Take the second factor away"),
            effect=_("App, passkeys and recovery codes are deleted, and each of these people is told by e-mail."),
            back=_("There is no way back: they set it up again at the next sign-in."),
            button=_("Take it away"),
            name=lambda user: (user.name, user.email),
        )
        if answer is not None:
            return answer
        for user in others:
            mfa.reset(user, by=str(request.user))
        self.message_user(request, _("Done: they set it up again at the next sign-in."), messages.SUCCESS)
        return None

    def has_reset_factors_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        return request.user.is_superuser or obj is None or not (obj.is_staff or obj.is_superuser)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("language", "theme"):  # the same words as on his own page
            chosen = copy.deepcopy(ProfileForm.base_fields[db_field.name])
            chosen.label = capfirst(db_field.verbose_name)
            return chosen
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "email" and field is not None:
            field.help_text = _("A change is told to the old address; the new one is proven at the next sign-in.")
        if db_field.name == "is_active" and field is not None:
            field.help_text = _(
                "Switched off, he is signed out everywhere at once. Switch it on again to take it back."
            )
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["widget"] = forms.CheckboxSelectMultiple()
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "user_permissions" and field is not None:
            field.queryset = meaningful(request)
            field.label_from_instance = label  # type: ignore[assignment]
            field.help_text = _("Besides what the groups may do.")
        return field

    @admin.display(description=gettext_lazy("groups"))
    def in_groups(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"

    @admin.display(description=gettext_lazy("company"))
    def company(self, user: User) -> str:
        member = getattr(user, "member", None)
        return member.dropshipper.name if member else "–"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # people are named by the books: switch them off instead


def _may_read(request: HttpRequest) -> bool:
    """Whether the page of a company in the portal opens for this reader."""
    return bool(request.user.has_perm("accounts.view_dropshipper"))


@admin.register(Dropshipper)
class DropshipperAdmin(admin.ModelAdmin):
    form = lines.ModelForm
    list_display = ("name", "vat_number", "city", "state", "created_at", "decision")
    list_filter = ("status",)
    search_fields = ("name", "vat_number", "members__user__email")
    search_help_text = gettext_lazy("Name, VAT number, or e-mail of one of its people")
    list_per_page = 50
    show_full_result_count = False
    inlines = (member_admin.MemberInline,)
    actions = ("approve",)
    readonly_fields = ("status", "status_reason", "status_by", "status_at", "created_at", "decision")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is Member:
            member_admin.note(formset, by=cast(User, request.user), request=request)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, dropshipper: Dropshipper) -> SafeString:
        return format_html('<span class="bdg {}">{}</span>', TONE[dropshipper.status], dropshipper.get_status_display())

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = super().get_list_display(request)
        return columns if _may_read(request) else [one for one in columns if one != "decision"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        return fields if _may_read(request) and obj is not None else [one for one in fields if one != "decision"]

    @admin.display(description=gettext_lazy("decision"))
    def decision(self, dropshipper: Dropshipper) -> SafeString:
        label = _("Approve or reject") if dropshipper.status == Dropshipper.Status.PENDING else _("Change")
        return format_html('<a href="{}">{}</a>', reverse("accounts:dropshipper", args=[dropshipper.pk]), label)

    @admin.action(description=gettext_lazy("Approve the selected dropshippers"), permissions=["approve"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Dropshipper]) -> HttpResponse | None:
        assert isinstance(request.user, User)
        answer = confirm.asked(
            self,
            request,
            queryset,
            title=_("Approve these dropshippers"),
            effect=_("Each is told by e-mail, and can order from now on."),
            back=_("Who was approved by mistake is suspended on his own page; the e-mail stays sent."),
            button=_("Approve"),
            name=lambda one: (one.name, one.vat_number, one.get_status_display()),
        )
        if answer is not None:
            return answer
        done = 0
        if not request.user.has_perm("accounts.suspend_dropshipper"):  # who may not stop one may not let it go on
            queryset = queryset.exclude(status=Dropshipper.Status.SUSPENDED)
        for pk in queryset.exclude(status=Dropshipper.Status.ACTIVE).values_list("pk", flat=True):
            try:
                approval.approve(pk, by=request.user)
                done += 1
            except (BadStatusChange, OwnMatter) as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
        self.message_user(request, _("Approved: %(count)s") % {"count": done}, messages.SUCCESS)
        return None

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.approve_dropshipper"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # orders and the books hang from it: suspend it instead


def _happenings() -> Iterable[tuple[str, Words]]:
    return [(code, str(kind.sentence) % defaultdict(lambda: "…")) for code, kind in security_log.KINDS.items()]


@admin.register(SecurityEvent)
class SecurityEventAdmin(IndexedSearch, ReadOnly):
    """Everybody's log, to read."""

    list_display = ("at", "user", "words", "dropshipper", "device", "address")
    list_filter = (by_words("code", gettext_lazy("what"), _happenings),)
    list_select_related = ("user", "dropshipper")
    search_fields = ("user__email", "=address")
    search_help_text = gettext_lazy("E-mail of the person, or the address it came from, whole")
    ordering = ("-id",)
    fields = ("at", "user", "words", "dropshipper", "device", "address", "particulars")

    def search_ways(self, text: str) -> list[Q]:
        ways = [Q(user__in=first_ids(User.objects.filter(email__icontains=text)))]
        with suppress(ValidationError):
            validate_ipv46_address(text)
            ways.append(Q(address=text))
        return ways

    @admin.display(description=gettext_lazy("what"))
    def words(self, event: SecurityEvent) -> str:
        return security_log.event_sentence(event)

    @admin.display(description=gettext_lazy("particulars"))
    def particulars(self, event: SecurityEvent) -> SafeString | str:
        return as_data(event.params)
