from django.urls import URLPattern, URLResolver, path

from wallet import desk, views

app_name = "wallet"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.overview, name="overview"),
    path("statement.csv", views.statement, name="statement"),
    path("top-up/", views.top_up, name="top_up"),
    path("top-ups/", views.topups, name="topups"),
    path("top-ups/<int:pk>/", views.top_up_detail, name="top_up_detail"),
    path("top-ups/<int:pk>/sent/", views.top_up_sent, name="top_up_sent"),
    path("top-ups/<int:pk>/withdraw/", views.top_up_withdraw, name="top_up_withdraw"),
    path("desk/top-ups/", desk.topups_desk, name="topups_desk"),
    path("desk/adjustments/", desk.adjustments_desk, name="adjustments"),
    path("desk/second/<int:pk>/", desk.second, name="second"),
]
