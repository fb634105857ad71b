from django.urls import URLPattern, URLResolver, path

from accounts.pages import company, desk, email, invitation, kept, members, security, sessions, settings

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("account/language/", settings.language, name="language"),
    path("account/theme/", settings.theme, name="theme"),
    path("account/session/", kept.session, name="session"),
    path("account/kept/<str:handle>/", kept.kept_form, name="kept"),
    path("account/waiting/", settings.waiting, name="waiting"),
    path("account/email/", email.email, name="email"),
    path("account/email/withdraw/", email.email_withdraw, name="email_withdraw"),
    path("account/email/confirm/<str:token>/", email.email_confirm, name="email_confirm"),
    path("account/email/stop/<str:token>/", email.email_stop, name="email_stop"),
    path("account/invitation/<str:token>/", invitation.invitation, name="invitation"),
    path("account/security/", security.security, name="security"),
    path("account/security/enrol/", security.enrol, name="enrol"),
    path("account/security/prove/", security.prove, name="prove"),
    path("account/security/app/", security.app, name="app"),
    path("account/security/passkey/", security.passkey, name="passkey"),
    path("account/security/factors/<int:pk>/remove/", security.factor_remove, name="factor_remove"),
    path("account/security/codes/", security.codes, name="codes"),
    path("account/security/codes.txt", security.codes_file, name="codes_file"),
    path("account/security/sessions/", sessions.open_sessions, name="sessions"),
    path("account/security/sessions/others/end/", sessions.sessions_end_others, name="sessions_end_others"),
    path("account/security/sessions/<int:pk>/end/", sessions.session_end, name="session_end"),
    path("account/security/activity/", sessions.activity, name="activity"),
    path("settings/", settings.settings_page, name="settings"),
    path("settings/company/withdraw/", company.company_change_withdraw, name="company_change_withdraw"),
    path("settings/members/", members.members, name="members"),
    path("settings/members/<int:pk>/role/", members.member_role, name="member_role"),
    path("settings/members/<int:pk>/remove/", members.member_remove, name="member_remove"),
    path("settings/invitations/<int:pk>/withdraw/", invitation.invitation_withdraw, name="invitation_withdraw"),
    path("staff/dropshippers/", desk.dropshippers, name="dropshippers"),
    path("staff/dropshippers/<int:pk>/", desk.dropshipper, name="dropshipper"),
    path("staff/company-changes/", company.company_changes_desk, name="company_changes"),
    path("staff/company-changes/<int:pk>/", company.company_change, name="company_change"),
]
