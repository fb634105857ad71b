"""The second step of the sign-in, and the form that confirms a new app. allauth uses them (settings.MFA_FORMS)."""

from __future__ import annotations

import time
from typing import Any

from allauth.core import context
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.sign_in import mfa, security_log
from core import lines, sealed
from core.errors import DomainError

PENDING = "mci_app_secret"
PENDING_SECONDS = 1800
CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}


class SecondStepForm(lines.Form):
    """A code of the app or a recovery code, after the password."""

    code = forms.CharField(
        label=_("Code of your app, or a recovery code"), max_length=40, widget=forms.TextInput(attrs=CODE)
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not any(row.type == mfa.Type.TOTP for row in mfa.factors_of(user)):
            self.fields["code"].label = _("Recovery code")

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            self.authenticator = mfa.accept_code(self.user, code)
        except DomainError as error:
            security_log.note(self.user, "factor_failed")
            raise ValidationError(str(error), code=error.code) from error
        return code

    def save(self) -> None:
        post_authentication(context.request, self.authenticator)


class _Poisoned:
    """What is no credential at all is a wrong one, and no error of ours."""

    def clean_credential(self) -> Authenticator:
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        except (TypeError, ValueError, KeyError, AttributeError):
            raise ValidationError(_("This passkey is not known here."), code="unknown_passkey") from None
        return found


class SecondStepPasskeyForm(_Poisoned, lines.OneLine, AuthenticateWebAuthnForm):
    """A passkey, after the password."""

    credential = lines.JSONField(widget=forms.HiddenInput)

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except ValidationError:
            security_log.note(self.user, "factor_failed")
            raise


class PasskeySignInForm(_Poisoned, lines.OneLine, LoginWebAuthnForm):
    """A passkey alone."""

    credential = lines.JSONField(widget=forms.HiddenInput)


class AppForm(lines.Form):
    """Confirms that the app shows our codes. The secret waits in the session, sealed, until it does."""

    code = forms.CharField(
        label=_("The 6 digits that the app shows now"), max_length=20, widget=forms.TextInput(attrs=CODE)
    )

    def __init__(self, request: HttpRequest, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context = f"session:{user.pk}:app_secret"
        self.request = request
        self.secret = self._waiting() or self._new()

    def _waiting(self) -> str:
        sealed_secret, at = self.request.session.get(PENDING, ("", 0))
        if not sealed_secret or time.time() - at > PENDING_SECONDS:
            return ""
        try:
            return sealed.open_sealed(bytes.fromhex(sealed_secret), context=self.context)
        except sealed.SecretUnreadable:
            return ""

    def _new(self) -> str:
        secret: str = generate_totp_secret()
        self.request.session[PENDING] = (sealed.seal(secret, context=self.context).hex(), time.time())
        return secret

    def clean_code(self) -> str:
        code: str = "".join(self.cleaned_data["code"].split())
        counter = mfa.matching_counter(self.secret, code)
        if counter is None:
            raise ValidationError(
                _("This is not the code that the app shows now. Try the next one."), code="wrong_code"
            )
        self.counter = counter
        return code

    def done(self) -> None:
        self.request.session.pop(PENDING, None)


class PasskeyForm(lines.Form):
    """A new passkey, as the browser made it."""

    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    credential = lines.JSONField(widget=forms.HiddenInput)

    def clean_credential(self) -> Any:
        credential = self.cleaned_data["credential"]
        wrong = ValidationError(_("The browser made no passkey that we can use. Try again."), code="no_passkey")
        try:
            webauthn.parse_registration_response(credential)
            webauthn.complete_registration(credential)
        except (ValidationError, TypeError, ValueError, KeyError, AttributeError):
            raise wrong from None
        return credential

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split()) or str(
            mfa.SealedAdapter().generate_authenticator_name(context.request.user, Authenticator.Type.WEBAUTHN)
        )
