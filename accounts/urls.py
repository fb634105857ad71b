from django.urls import URLPattern, URLResolver, path

from accounts import desk, member_views, views

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("account/language/", views.language, name="language"),
    path("account/theme/", views.theme, name="theme"),
    path("account/waiting/", views.waiting, name="waiting"),
    path("settings/", views.settings_page, name="settings"),
    path("settings/members/", member_views.members, name="members"),
    path("settings/members/<int:pk>/role/", member_views.member_role, name="member_role"),
    path("settings/members/<int:pk>/remove/", member_views.member_remove, name="member_remove"),
    path("staff/dropshippers/", desk.dropshippers, name="dropshippers"),
    path("staff/dropshippers/<int:pk>/", desk.dropshipper, name="dropshipper"),
]
