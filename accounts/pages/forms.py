"""Sign-up in one form, the company's data, a user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.signup import prevent_enumeration
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.companies import company, taxids
from accounts.errors import VatNumberTaken
from accounts.models import Dropshipper, Member, User
from core import lines, tenancy
from core.postal import phones, provinces


def phone_number(text: str) -> str:
    """A phone as E.164 (+393331234567); Italian numbers need no prefix. Of several the first."""
    number = phones.phone(text).number
    if not number:
        raise ValidationError(gettext("This phone number is not valid."), code="invalid")
    return number


class CompanyFields(lines.Form):
    """The fiscal identity of a company; used by sign-up and by the settings page.

    The fields are longer than what they hold: a browser cuts what is pasted at the field's length without a word, and
    "Roma" would be RO, which is Rovigo."""

    name = forms.CharField(label=_("Company name"), max_length=200, help_text=_("As on your invoices."))
    vat_number = forms.CharField(label=_("VAT number (partita IVA)"), max_length=40)
    fiscal_code = forms.CharField(
        label=_("Fiscal code"), max_length=40, required=False, help_text=_("Only if it is not the VAT number.")
    )
    sdi_code = forms.CharField(
        label=_("SDI code"), max_length=30, required=False, help_text=_("7 characters, or a PEC.")
    )
    pec = forms.EmailField(label=_("Certified e-mail (PEC)"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=60)
    street = forms.CharField(label=_("Address and number"), max_length=200)
    postcode = forms.CharField(label=_("Postcode (CAP)"), max_length=20)
    city = forms.CharField(label=_("City"), max_length=80)
    province = forms.CharField(label=_("Province"), max_length=60, help_text=_("Two letters: MI, NA…"))

    COMPANY = (
        "name",
        "vat_number",
        "fiscal_code",
        "sdi_code",
        "pec",
        "phone",
        "street",
        "postcode",
        "city",
        "province",
    )
    ATTRS = {
        "name": {"autocomplete": "organization"},
        "vat_number": {"inputmode": "numeric", "autocomplete": "off"},
        "fiscal_code": {"autocomplete": "off", "autocapitalize": "characters"},
        "sdi_code": {"autocomplete": "off", "autocapitalize": "characters"},
        "pec": {"autocomplete": "off"},
        "phone": {"autocomplete": "tel", "inputmode": "tel"},
        "street": {"autocomplete": "street-address"},
        "postcode": {"autocomplete": "postal-code", "inputmode": "numeric"},
        "city": {"autocomplete": "address-level2"},
        "province": {"autocomplete": "address-level1", "autocapitalize": "characters"},
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, attrs in self.ATTRS.items():
            self.fields[name].widget.attrs.update(attrs)

    def _checked(self, name: str, check: Callable[[str], str]) -> str:
        text: str = self.cleaned_data[name]
        return check(text) if text else ""

    def company_pk(self) -> int | None:
        """The company being edited: its own VAT number is not taken."""
        return None

    def clean_vat_number(self) -> str:
        number = self._checked("vat_number", taxids.vat_number)
        with tenancy.everybody():  # another company's too
            found = Dropshipper.objects.filter(vat_number=number).values_list("pk", flat=True).first()
        if found is not None and found != self.company_pk():
            raise ValidationError(VatNumberTaken.message, code=VatNumberTaken.code)
        return number

    def clean_fiscal_code(self) -> str:
        return self._checked("fiscal_code", taxids.fiscal_code)

    def clean_sdi_code(self) -> str:
        return self._checked("sdi_code", taxids.sdi_code)

    def clean_phone(self) -> str:
        return self._checked("phone", phone_number)

    def clean_postcode(self) -> str:
        text = taxids.compact(self.cleaned_data["postcode"])
        text = text.removeprefix("IT").removeprefix("I")  # I-10124, as it is written abroad
        if not (text.isascii() and text.isdigit() and len(text) == 5):
            raise ValidationError(gettext("A CAP has 5 digits."), code="invalid")
        return text

    def clean_province(self) -> str:
        letters = provinces.today(self.cleaned_data["province"], self.cleaned_data.get("postcode", ""))
        if letters not in provinces.LETTERS:
            raise ValidationError(gettext("This is not the code of an Italian province."), code="invalid")
        return letters

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        nowhere = not data.get("pec") and data.get("sdi_code") in ("", "0000000", None)
        if nowhere and "sdi_code" not in self.errors and "pec" not in self.errors:
            self.add_error("sdi_code", gettext("E-invoices need an SDI code or a PEC: give one of them."))
        if "fiscal_code" in data and not data["fiscal_code"] and data.get("vat_number"):
            data["fiscal_code"] = data["vat_number"]
        return data

    def company_data(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.COMPANY}


class SignupForm(CompanyFields, allauth_forms.SignupForm):
    """E-mail, password and company at once: user, company and membership come to be together or not at all."""

    contact = forms.CharField(
        label=_("Your name and surname"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("contact", "email", "password1", *CompanyFields.COMPANY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        self.fields["password1"].label = _("Password")
        self.fields["password1"].help_text = _("At least 10 characters, not a common one.")
        for name in ("email", "password1"):
            self.fields[name].widget.attrs.pop("placeholder", None)

    def clean_vat_number(self) -> str:
        """A number that somebody has begun to register, without having proven his address, is no error: the page would
        say whether the e-mail of that sign-up had an account. Its letter says what happened."""
        self.vat_number_begun = False
        try:
            return super().clean_vat_number()
        except ValidationError as error:
            # Asked after it was found: whoever commits in between is either seen by both questions or by none.
            number = self._checked("vat_number", taxids.vat_number)
            if error.code != VatNumberTaken.code or not company.is_begun(number):
                raise
        self.vat_number_begun = True
        return number

    def validate_unique_email(self, value: str) -> str:
        self.account_already_exists = User.objects.filter(email=value).exists()
        return value

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Whether the address has an account or not: the same page, the same work, one letter."""
        if not (self.account_already_exists or self.vat_number_begun):
            try:
                with transaction.atomic():
                    user = self.save(request)
                    user.name = self.cleaned_data["contact"]
                    user.language = getattr(request, "LANGUAGE_CODE", None) or user.language
                    user.save(update_fields=["name", "language"])
                    company.register(owner=user, data=self.company_data())
                return user, None
            except (VatNumberTaken, IntegrityError):  # taken between the check and the save
                pass
        else:
            make_password(self.cleaned_data["password1"])
        return None, prevent_enumeration(request, email=self.cleaned_data["email"])


class CompanyForm(CompanyFields, lines.ModelForm):
    class Meta:
        model = Dropshipper
        fields = CompanyFields.COMPANY

    def company_pk(self) -> int | None:
        return self.instance.pk


class ProfileForm(lines.ModelForm):
    class Meta:
        model = User
        fields = ("name", "language", "theme")
        labels = {"name": _("Name"), "language": _("Language"), "theme": _("Theme")}

    language = forms.ChoiceField(label=_("Language"), choices=[("it", "Italiano"), ("en", "English")])
    theme = forms.ChoiceField(
        label=_("Theme"), choices=[("auto", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))]
    )


class InvitationForm(lines.Form):
    """A colleague, invited by an owner."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Member.Role.choices, initial=Member.Role.ORDERS)


class PasswordForm(lines.Form):
    """The user's password, asked for once more; with allauth's brakes on guessing."""

    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise ValidationError(gettext("This is not the password of this account."), code="password")
        return password


class EmailForm(PasswordForm):
    """The address that a user wants to sign in with."""

    new = forms.EmailField(label=_("New e-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    field_order = ("new", "password")


class AcceptForm(lines.Form):
    """Who was invited: a name and a password."""

    name = forms.CharField(
        label=_("Your name and surname"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 10 characters, not a common one."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return password


class SometimesRequired(forms.CharField):
    """A text that one of a form's buttons needs and another does not: its label does not say "(optional)"."""

    sometimes_required = True


class DecisionForm(lines.Form):
    """The staff's word on a company; the act says when a reason is needed."""

    reason = SometimesRequired(label=_("Reason (the reseller reads it)"), max_length=200, required=False)
