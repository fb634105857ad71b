"""A user's own pages: waiting for approval, company, language and theme."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PortalRequest, member_required, signed_in
from accounts.companies import changes, company
from accounts.models import Member, User
from accounts.pages.forms import CompanyForm, ProfileForm
from accounts.people import profile
from accounts.queries import last_change, rows_of_change
from accounts.sign_in import mfa
from core.errors import Refused
from core.inbound import redirects

YEAR = 365 * 24 * 3600


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page the form stood on; nowhere else."""
    return redirects.back(request, "/")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Stored on the user and in a cookie, so that the sign-in page speaks it too."""
    answer = _back(request)
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES) and check_for_language(code):
        if isinstance(request.user, User):
            profile.set_preferences(request.user, language=code)
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return answer


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    answer = _back(request)
    name = request.POST.get("theme", "")
    if name in profile.THEMES:
        if isinstance(request.user, User):
            profile.set_preferences(request.user, theme=name)
        answer.set_cookie("mci_theme", name, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return answer


@signed_in
def waiting(request: HttpRequest) -> HttpResponse:
    """What a company that is not active sees instead of the portal."""
    dropshipper = request.dropshipper  # type: ignore[attr-defined]
    if dropshipper is None or dropshipper.is_active:
        return redirect("mci:dashboard")
    return render(request, "accounts/waiting.html", {"dropshipper": dropshipper})


@member_required
def settings_page(request: PortalRequest) -> HttpResponse:
    """Company, profile and security: one page with a form for each, saved by itself."""
    editable = request.member.role == Member.Role.OWNER
    company_form = CompanyForm(instance=request.dropshipper)
    profile_form = ProfileForm(instance=request.user)
    status = 200
    if request.method == "POST":
        if request.POST.get("form") == "profile":
            profile_form = ProfileForm(request.POST, instance=User.objects.get(pk=request.user.pk))
            if profile_form.is_valid():
                profile_form.save()
                messages.success(request, _("Saved."))
                return redirect("accounts:settings")
        elif editable:
            company_form = CompanyForm(request.POST, instance=company.access_company(request.dropshipper.pk))
            if company_form.is_valid():
                try:
                    _save_company(request, company_form)
                    return redirect("accounts:settings")
                except Refused as refusal:
                    company_form.add_error("vat_number", str(refusal))
        else:
            messages.error(request, _("Only an owner can change the company’s data."))
        status = 422
    change = last_change(request.dropshipper)
    if not editable:
        for field in company_form.fields.values():
            field.disabled = True
    return render(
        request,
        "accounts/settings.html",
        {
            "company_form": company_form,
            "profile_form": profile_form,
            "form": company_form if company_form.is_bound else profile_form,
            "editable": editable,
            "change": change,
            "change_rows": rows_of_change(change) if change else [],
            "second_factor": mfa.has_factor(request.user),
        },
        status=status,
    )


def _save_company(request: PortalRequest, form: CompanyForm) -> None:
    """What invoices are made out to waits for the staff; the rest counts at once. Raises VatNumberTaken."""
    asked = [name for name in form.changed_data if name in changes.GUARDED]
    new = {name: form.cleaned_data[name] for name in changes.GUARDED} if asked else {}
    company.update(form.instance, [name for name in form.changed_data if name not in asked])
    if new and changes.ask(request.dropshipper, new=new, by=request.user) is not None:
        messages.success(request, _("Saved. What your invoices need counts once we have looked at it."))
    else:
        messages.success(request, _("Saved."))
