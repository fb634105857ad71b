from django.urls import URLPattern, URLResolver, path

from accounts import company_views, desk, email_views, invitation_views, member_views, views

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("account/language/", views.language, name="language"),
    path("account/theme/", views.theme, name="theme"),
    path("account/waiting/", views.waiting, name="waiting"),
    path("account/email/", email_views.email, name="email"),
    path("account/email/withdraw/", email_views.email_withdraw, name="email_withdraw"),
    path("account/email/confirm/<str:token>/", email_views.email_confirm, name="email_confirm"),
    path("account/email/stop/<str:token>/", email_views.email_stop, name="email_stop"),
    path("account/invitation/<str:token>/", invitation_views.invitation, name="invitation"),
    path("settings/", views.settings_page, name="settings"),
    path("settings/company/withdraw/", company_views.company_change_withdraw, name="company_change_withdraw"),
    path("settings/members/", member_views.members, name="members"),
    path("settings/members/<int:pk>/role/", member_views.member_role, name="member_role"),
    path("settings/members/<int:pk>/remove/", member_views.member_remove, name="member_remove"),
    path("settings/invitations/<int:pk>/withdraw/", invitation_views.invitation_withdraw, name="invitation_withdraw"),
    path("staff/dropshippers/", desk.dropshippers, name="dropshippers"),
    path("staff/dropshippers/<int:pk>/", desk.dropshipper, name="dropshipper"),
    path("staff/company-changes/", company_views.company_changes_desk, name="company_changes"),
    path("staff/company-changes/<int:pk>/", company_views.company_change, name="company_change"),
]
