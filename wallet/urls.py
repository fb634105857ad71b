from django.urls import URLPattern, URLResolver, path

from wallet.pages import desk, overview, statement, topups

app_name = "wallet"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.overview, name="overview"),
    path("statement/", statement.statement_page, name="statement"),
    path("statement.csv", statement.statement_file, name="statement_file"),
    path("statement-verifiable.csv", statement.proof_file, name="proof"),
    path("statement-verify.py", statement.checker, name="checker"),
    path("top-up/", topups.top_up, name="top_up"),
    path("top-ups/", topups.topups, name="topups"),
    path("top-ups/<int:pk>/", topups.top_up_detail, name="top_up_detail"),
    path("top-ups/<int:pk>/sent/", topups.top_up_sent, name="top_up_sent"),
    path("top-ups/<int:pk>/unsent/", topups.top_up_unsent, name="top_up_unsent"),
    path("top-ups/<int:pk>/reopen/", topups.top_up_reopen, name="top_up_reopen"),
    path("top-ups/<int:pk>/withdraw/", topups.top_up_withdraw, name="top_up_withdraw"),
    path("desk/top-ups/", desk.topups_desk, name="topups_desk"),
    path("desk/adjustments/", desk.adjustments_desk, name="adjustments"),
    path("desk/second/<int:pk>/", desk.second, name="second"),
]
