from django.urls import URLPattern, URLResolver, path

from wallet import desk, statement_views, topup_views, views

app_name = "wallet"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.overview, name="overview"),
    path("statement/", statement_views.statement_page, name="statement"),
    path("statement.csv", statement_views.statement_file, name="statement_file"),
    path("statement-verifiable.csv", statement_views.proof_file, name="proof"),
    path("statement-verify.py", statement_views.checker, name="checker"),
    path("top-up/", topup_views.top_up, name="top_up"),
    path("top-ups/", topup_views.topups, name="topups"),
    path("top-ups/<int:pk>/", topup_views.top_up_detail, name="top_up_detail"),
    path("top-ups/<int:pk>/sent/", topup_views.top_up_sent, name="top_up_sent"),
    path("top-ups/<int:pk>/unsent/", topup_views.top_up_unsent, name="top_up_unsent"),
    path("top-ups/<int:pk>/reopen/", topup_views.top_up_reopen, name="top_up_reopen"),
    path("top-ups/<int:pk>/withdraw/", topup_views.top_up_withdraw, name="top_up_withdraw"),
    path("desk/top-ups/", desk.topups_desk, name="topups_desk"),
    path("desk/adjustments/", desk.adjustments_desk, name="adjustments"),
    path("desk/second/<int:pk>/", desk.second, name="second"),
]
