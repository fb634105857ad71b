"""Every page by its reader, with the addresses that show its states; and the addresses that are no pages."""

from __future__ import annotations

# What each reader sees: the name of the page, and its addresses. Names in braces are of the world below.
SELLER: dict[str, list[str]] = {
    "mci:dashboard": ["/"],
    "connectors:inbox": [
        "/inbox/woocommerce/?tab=all",
        "/inbox/woocommerce/?run={run}",
        "/inbox/woocommerce/?tab=delivered",
        "/inbox/woocommerce/?q=xyzzy",
    ],
    "connectors:payment": ["/inbox/woocommerce/{transfer}/payment/", "/inbox/woocommerce/{sent}/payment/"],
    "connectors:shops": ["/shops/"],
    "connectors:choose": ["/shops/connect/"],
    "connectors:connect": ["/shops/connect/woocommerce/", "/shops/connect/wordpress/", "/shops/connect/shopify/"],
    "connectors:match": ["/shops/match/"],
    "connectors:bulk_match": ["/shops/{shop}/bulk-match/", "/shops/{broken}/bulk-match/"],
    "connectors:shop": ["/shops/{shop}/", "/shops/{broken}/"],
    "connectors:shop_rules": ["/shops/{shop}/rules/", "/shops/{shop}/rules/?new=1"],
    "connectors:payment_rules": ["/shops/{shop}/payments/"],
    "connectors:reconnect": ["/shops/{broken}/reconnect/"],
    "connectors:disconnect": ["/shops/{shop}/disconnect/"],
    "connectors:listings": [
        "/shops/{shop}/products/",
        "/shops/{shop}/products/?show=drifted",
        "/shops/{broken}/products/?show=off",
    ],
    "connectors:prices": ["/shops/{shop}/prices/", "/shops/{broken}/prices/"],
    "connectors:price_rule": ["/shops/{shop}/prices/{rule}/"],
    "connectors:price_rule_new": ["/shops/{broken}/prices/new/"],
    "connectors:publish": [
        "/publish/?product={goods}&shop={shop}",
        "/publish/?product={goods}&shop={broken}",
        "/publish/",
    ],
    "connectors:publish_run": ["/publish/{publish_run}/", "/publish/{publish_waiting}/"],
    "connectors:proofs": ["/shops/{shop}/proofs/"],
    "connectors:returned": ["/connect/woocommerce/return/?attempt={attempt}&success=0"],
    "accounts:settings": ["/settings/"],
    "accounts:members": ["/settings/members/"],
    "catalog:list": [
        "/catalog/",
        "/catalog/?view=table",
        "/catalog/?q=lampda",
        "/catalog/?q=xyzzy&price_from=abc",
    ],
    "catalog:product": ["/catalog/mci-0001/", "/catalog/lampada/", "/catalog/maglia/?sku=MAG-L", "/catalog/tostapane/"],
    "orders:list": ["/orders/", "/orders/?q=xyzzy"],
    "orders:new": ["/orders/new/?sku=MCI-0001"],
    "orders:edit": ["/orders/{draft}/edit/", "/orders/{unknown}/edit/"],
    "orders:detail": [
        "/orders/{ready}/",
        "/orders/{sent}/",
        "/orders/{unknown}/",
        "/orders/{cancelled}/",
        "/orders/{asked}/",
    ],
    "orders:landed_cost": ["/orders/landed-cost/?sku=MCI-0001&postcode=10122&price=30"],
    "orders:plan": ["/orders/plan/?order={ready},{sold_out},{typed}", "/orders/plan/"],
    "orders:run": ["/orders/runs/{run}/", "/orders/runs/{waiting_run}/"],
    "shipping:list": ["/shipments/", "/shipments/?q=xyzzy", "/shipments/?tab=back"],
    "shipping:detail": [
        "/shipments/{shipment}/",
        "/shipments/{on_its_way}/",
        "/shipments/{held}/",
        "/shipments/{paid}/",
    ],
    "wallet:overview": [
        "/wallet/",
        "/wallet/?account=held&days=365",
        "/wallet/?first=2020-01-01&last=2020-01-02&type=top_up",
    ],
    "wallet:top_up": ["/wallet/top-up/"],
    "wallet:topups": ["/wallet/top-ups/"],
    "wallet:top_up_detail": [
        f"/wallet/top-ups/{{top_up_{state}}}/" for state in ("open", "sent", "credited", "rejected")
    ],
    "account_email": ["/account/email/"],
    "account_change_password": ["/account/password/change/"],
    "account_logout": ["/account/logout/"],
}
FRESH: dict[str, list[str]] = {  # the first day: everything is empty
    "mci:dashboard": ["/"],
    "connectors:inbox": ["/inbox/woocommerce/"],
    "connectors:shops": ["/shops/"],
    "connectors:match": ["/shops/match/"],
    "connectors:publish": ["/publish/"],
    "orders:list": ["/orders/"],
    "orders:new": ["/orders/new/"],
    "shipping:list": ["/shipments/"],
    "wallet:overview": ["/wallet/"],
    "wallet:topups": ["/wallet/top-ups/"],
}
WAITING: dict[str, list[str]] = {"accounts:waiting": ["/account/waiting/"]}
STAFF: dict[str, list[str]] = {
    "mci:dashboard": ["/"],
    "orders:desk": ["/orders/desk/", "/orders/desk/?q=xyzzy"],
    "orders:desk_order": ["/orders/desk/{sent}/", "/orders/desk/{shipped}/"],
    "accounts:dropshippers": ["/staff/dropshippers/"],
    "accounts:dropshipper": ["/staff/dropshippers/{seller}/", "/staff/dropshippers/{pending}/"],
    "wallet:topups_desk": ["/wallet/desk/top-ups/", "/wallet/desk/top-ups/?show=decided"],
}
NOBODY: dict[str, list[str]] = {
    "account_login": ["/account/login/"],
    "account_signup": ["/account/signup/"],
    "account_inactive": ["/account/inactive/"],
    "account_email_verification_sent": ["/account/confirm-email/"],
    "account_confirm_email": ["/account/confirm-email/unknown/"],
    "account_reset_password": ["/account/password/reset/"],
    "account_reset_password_done": ["/account/password/reset/done/"],
    "account_reset_password_from_key": ["/account/password/reset/key/0-0/"],
    "account_reset_password_from_key_done": ["/account/password/reset/key/done/"],
}
READERS = {"seller": SELLER, "fresh": FRESH, "waiting": WAITING, "staff": STAFF, "nobody": NOBODY}
# Addresses that are no pages, and why.
OTHERS = {
    "hooks:webhook": "for shops",
    "hooks:callback": "for shops",
    "hooks:install": "leads to connectors:connect",
    "connectors:export": "a file",
    "connectors:package": "a file",
    "connectors:listings_export": "a file",
    "connectors:publish_export": "a file",
    "connectors:bulk_match_export": "a file",
    "connectors:match_search": "a part of a page",
    "catalog:images": "a file",
    "orders:export": "a file",
    "orders:run_export": "a file",
    "shipping:export": "a file",
    "shipping:courier_file": "a file",
    "wallet:statement": "a file",
    "account_reauthenticate": "asked for before a change that is not offered yet",
    "account_set_password": "everyone has a password",
    "account_confirm_login_code": "no sign-in by code",
    "media": "files",
}
