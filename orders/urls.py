from django.urls import URLPattern, URLResolver, path

from orders import desk, entry_views, landed_views, question_views, runs, views

app_name = "orders"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.list_orders, name="list"),
    path("export.csv", views.export_orders, name="export"),
    path("new/", entry_views.new, name="new"),
    path("preview/", entry_views.preview, name="preview"),
    path("landed-cost/", landed_views.landed_cost, name="landed_cost"),
    path("plan/", runs.plan_page, name="plan"),
    path("runs/", runs.start, name="start"),
    path("runs/<uuid:key>/", runs.run, name="run"),
    path("runs/<uuid:key>/stop/", runs.run_stop, name="run_stop"),
    path("runs/<uuid:key>/results.csv", runs.run_export, name="run_export"),
    path("desk/", desk.desk, name="desk"),
    path("desk/ship/", desk.ship_many, name="ship_many"),
    path("desk/<int:pk>/", desk.desk_order, name="desk_order"),
    path("desk/<int:pk>/pack/", desk.pack, name="pack"),
    path("desk/<int:pk>/ship/", desk.ship, name="ship"),
    path("desk/<int:pk>/deliver/", desk.deliver, name="deliver"),
    path("desk/<int:pk>/remit/", desk.remit, name="remit"),
    path("desk/<int:pk>/cancel/", desk.staff_cancel, name="staff_cancel"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", entry_views.edit, name="edit"),
    path("<int:pk>/duplicate/", views.duplicate, name="duplicate"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/sync/", runs.sync, name="sync"),
    path("<int:pk>/payment/", views.payment, name="payment"),
    path("<int:pk>/seen/", question_views.seen, name="seen"),
    path("<int:pk>/answer/", question_views.answer, name="answer"),
    path("<int:pk>/take/", question_views.take, name="take"),
    path("<int:pk>/lower-collect/", question_views.lower_collect, name="lower_collect"),
    path("<int:pk>/method/", views.method, name="method"),
]
