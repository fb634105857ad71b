"""The doors: allauth's views, by name, those that we use and no others. What is not here (a second address, a password
without the old one, sign-in by a code) answers 404."""

from allauth.account import views
from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, path, re_path

from accounts.pages import doors
from accounts.sign_in.reauth import recently_proven

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),
    path("confirm-email/", views.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", doors.confirm_email, name="account_confirm_email"),
    path(
        "password/change/",
        login_required(recently_proven(doors.PasswordChangeView.as_view())),
        name="account_change_password",
    ),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[-\w]+)/$",
        doors.PasswordResetFromKeyView.as_view(),
        name="account_reset_password_from_key",
    ),
]
