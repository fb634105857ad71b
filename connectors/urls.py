from django.urls import path

from connectors import listing_views, match_views, order_views, proof_views, shop_views, views, wizard_views

app_name = "connectors"
urlpatterns = [
    path("inbox/<slug:platform>/", views.inbox, name="inbox"),
    path("inbox/<slug:platform>/selection/", views.selection, name="selection"),
    path("inbox/<slug:platform>/sync/", views.sync, name="sync"),
    path("inbox/<slug:platform>/shipping/", views.choose_shipping, name="choose_shipping"),
    path("inbox/<slug:platform>/export.csv", views.export_orders, name="export"),
    path("inbox/<slug:platform>/fetch/", views.fetch, name="fetch"),
    path("inbox/<slug:platform>/<int:pk>/shipping/", order_views.shipping, name="shipping"),
    path("inbox/<slug:platform>/<int:pk>/payment/", order_views.payment, name="payment"),
    path("inbox/<slug:platform>/<int:pk>/sync/", order_views.sync_order, name="sync_order"),
    path("shops/", shop_views.shops, name="shops"),
    path("shops/connect/", wizard_views.choose, name="choose"),
    path("shops/connect/<slug:platform>/", wizard_views.connect, name="connect"),
    path("shops/match/", match_views.match, name="match"),
    path("shops/match/search/", match_views.match_search, name="match_search"),
    path("shops/match/<int:pk>/forget/", match_views.forget, name="forget"),
    path("shops/<int:pk>/", shop_views.shop, name="shop"),
    path("shops/<int:pk>/match/", match_views.accept, name="accept"),
    path("shops/<int:pk>/rules/", shop_views.shop_rules, name="shop_rules"),
    path("shops/<int:pk>/pause/", shop_views.pause, name="pause"),
    path("shops/<int:pk>/resume/", shop_views.resume, name="resume"),
    path("shops/<int:pk>/reconnect/", wizard_views.reconnect, name="reconnect"),
    path("shops/<int:pk>/disconnect/", shop_views.disconnect, name="disconnect"),
    path("shops/<int:pk>/products/", listing_views.listings, name="listings"),
    path("shops/<int:pk>/products/compare/", listing_views.compare, name="compare"),
    path("shops/<int:pk>/proofs/", proof_views.proofs, name="proofs"),
    path("shops/<int:pk>/proofs/now/", proof_views.prove, name="prove"),
    path("shops/<int:pk>/tell/", shop_views.tell, name="tell"),
    path("shops/<int:pk>/check/", shop_views.check, name="check"),
    path("shops/deliveries/<int:pk>/replay/", shop_views.replay, name="replay"),
    path("connect/<slug:platform>/return/", wizard_views.returned, name="returned"),
]
