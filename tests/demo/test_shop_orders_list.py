"""GET /orders of the fake shop: filters, paging and its traps, as they were observed on a real one."""

import datetime as dt
from http.client import HTTPException
from typing import Any

import pytest

from demo.shops.woocommerce import FakeShop

from .conftest import KEY, SECRET, Client

# 2026-11-23T21:16:02Z is 22:16:02 on the shop's wall.
MODIFIED = dt.datetime(2026, 11, 23, 21, 16, 2, tzinfo=dt.UTC)
TIMEZONE_TABLE = [
    ("2026-11-23T21:16:01", True, True),
    ("2026-11-23T21:16:02", True, False),
    ("2026-11-23T21:16:03", True, False),
    ("2026-11-23T21:16:01.000000", True, True),
    ("2026-11-23T21:16:01Z", True, False),  # the trap: an hour is missed
    ("2026-11-23T21:16:01+00:00", True, False),
    ("2026-11-23T22:16:01+01:00", True, False),
    ("2026-11-23T20:16:01Z", True, True),
    ("2026-11-23T20:16:03Z", True, False),
    ("2026-11-23T21:16:01", False, True),
    ("2026-11-23T22:15:02", False, True),
    ("2026-11-23T22:16:01", False, True),
    ("2026-11-23T22:16:03", False, False),
    ("2026-11-23T21:16:01Z", False, True),
    ("2026-11-23T21:16:03Z", False, False),
    ("2026-11-23T22:16:01+01:00", False, True),
    ("2026-11-23T22:16:03+01:00", False, False),
]


def ids(orders: list[dict[str, Any]]) -> list[int]:
    return [order["id"] for order in orders]


def minutes(n: int) -> dt.datetime:
    return MODIFIED + dt.timedelta(minutes=n)


@pytest.mark.parametrize(("value", "gmt", "found"), TIMEZONE_TABLE)
def test_modified_after_reads_zones_as_the_real_shop_does(
    shop: FakeShop, call: Client, value: str, gmt: bool, found: bool
) -> None:
    order = shop.place_order(at=MODIFIED, silent=True)
    params = {"modified_after": value} | ({"dates_are_gmt": "true"} if gmt else {})
    assert ids(call.get("orders", **params)) == ([order["id"]] if found else [])


def test_page_two_of_orderby_modified_loses_an_order_when_page_one_changes(shop: FakeShop, call: Client) -> None:
    placed = [shop.place_order(at=minutes(n), silent=True)["id"] for n in range(7)]
    params = {"orderby": "modified", "order": "asc", "per_page": 3}
    assert ids(call.get("orders", page=1, **params)) == placed[:3]
    shop.orders.change(placed[0], {"customer_note": "drift"})
    assert ids(call.get("orders", page=2, **params)) == placed[4:]  # placed[3] was never seen


def test_page_two_of_the_default_order_repeats_one_when_a_new_order_comes(shop: FakeShop, call: Client) -> None:
    placed = [shop.place_order(at=minutes(n), silent=True)["id"] for n in range(7)]
    assert ids(call.get("orders", per_page=3, page=1)) == placed[:3:-1]
    shop.place_order(at=minutes(8), silent=True)
    assert ids(call.get("orders", per_page=3, page=2)) == placed[4:1:-1]  # placed[4] comes twice


def test_totals_and_links_are_those_of_the_whole_list(shop: FakeShop, call: Client) -> None:
    for n in range(5):
        shop.place_order(at=minutes(n), silent=True)
    answer = call("GET", "orders", per_page=2, page=2, status="processing,on-hold", _fields="id")
    assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("5", "3")
    base = f"{shop.url}/wp-json/wc/v3/orders?per_page=2&page={{}}&_fields=id"
    tail = "&status%5B0%5D=processing&status%5B1%5D=on-hold&dp=2&context=view"
    assert answer.headers["Link"] == (f'<{base.format(1)}{tail}>; rel="prev", <{base.format(3)}{tail}>; rel="next"')
    whole = call("GET", "orders", per_page=100)
    assert whole.headers["Link"] == f'<{shop.url}/wp-json/>; rel="https://api.w.org/"'


def test_a_page_past_the_end_is_empty_and_says_zero(shop: FakeShop, call: Client) -> None:
    shop.place_order(silent=True)
    answer = call("GET", "orders", per_page=5, page=999)
    assert (answer.status, answer.json) == (200, [])
    assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("0", "0")


def test_trash_and_drafts_are_left_out_unless_asked_for(shop: FakeShop, call: Client) -> None:
    kept = shop.place_order()["id"]
    draft = shop.place_order(status="checkout-draft")["id"]
    gone = shop.place_order()["id"]
    call("DELETE", f"orders/{gone}")
    assert ids(call.get("orders")) == [kept]
    assert ids(call.get("orders", status="checkout-draft")) == [draft]
    assert ids(call.get("orders", status="trash")) == [gone]
    assert call.get(f"orders/{gone}")["status"] == "trash"


def test_include_reads_a_set_and_leaves_out_what_is_not_there(shop: FakeShop, call: Client) -> None:
    placed = [shop.place_order(at=minutes(n), silent=True)["id"] for n in range(3)]
    assert ids(call.get("orders", include=f"{placed[0]},{placed[2]},999999")) == [placed[2], placed[0]]


def test_fields_are_cut_also_nested_and_one_order_keeps_its_links(shop: FakeShop, call: Client) -> None:
    order = shop.place_order(silent=True)["id"]
    assert call.get("orders", _fields="id,billing.email") == [
        {"id": order, "billing": {"email": "giulia.dangelo@example.it"}}
    ]
    assert list(call.get(f"orders/{order}", _fields="id,number")) == ["id", "number", "_links"]


def test_head_has_the_totals_and_no_body(shop: FakeShop, call: Client) -> None:
    shop.place_order(silent=True)
    answer = call("HEAD", "orders", per_page=1)
    assert (answer.status, answer.text, answer.headers["X-WP-Total"]) == (200, "", "1")


def test_cod_is_paid_only_when_completed_and_set_paid_completes_it(shop: FakeShop, call: Client) -> None:
    cod = shop.place_order(payment="cod")
    assert (cod["status"], cod["date_paid"]) == ("processing", None)
    done = call("PUT", f"orders/{cod['id']}", {"status": "completed"}).json
    assert done["date_paid_gmt"] is not None
    assert done["date_completed_gmt"] is not None
    made = call("POST", "orders", {"payment_method": "cod", "set_paid": True, "line_items": [{"sku": "OWN-77"}]})
    assert (made.status, made.json["status"]) == (201, "completed")
    third_party = shop.place_order(payment="contrassegno")
    assert (third_party["status"], third_party["date_paid"] is not None) == ("processing", True)


def test_bank_transfer_waits_and_is_paid_by_hand_without_a_transaction(shop: FakeShop, call: Client) -> None:
    order = shop.place_order(payment="bacs")
    assert (order["status"], order["date_paid"], order["needs_payment"]) == ("on-hold", None, False)
    paid = call("PUT", f"orders/{order['id']}", {"status": "processing"}).json
    assert (paid["date_paid"] is not None, paid["transaction_id"]) == (True, "")


def test_a_put_takes_an_order_out_of_the_trash(shop: FakeShop, call: Client) -> None:
    order = shop.place_order()["id"]
    call("DELETE", f"orders/{order}")
    assert call("PUT", f"orders/{order}", {"status": "processing"}).json["status"] == "processing"


def test_notes_change_no_date_and_meta_does(shop: FakeShop, call: Client) -> None:
    now = [MODIFIED]
    shop.clock = lambda: now[0]
    order = shop.place_order()
    now[0] = minutes(5)
    note = call("POST", f"orders/{order['id']}/notes", {"note": "Spedito con BRT", "customer_note": True})
    assert (note.status, note.json["author"], note.json["customer_note"]) == (201, "WooCommerce", True)
    assert [n["note"] for n in call.get(f"orders/{order['id']}/notes", type="customer")] == ["Spedito con BRT"]
    assert call.get(f"orders/{order['id']}")["date_modified_gmt"] == order["date_modified_gmt"]
    meta = [{"key": "_mci_order_id", "value": "MCI-1"}, {"key": "tracking", "value": {"number": "12"}}]
    for _ in range(2):
        changed = call("PUT", f"orders/{order['id']}", {"meta_data": meta}).json
    assert changed["date_modified_gmt"] != order["date_modified_gmt"]
    kept = {m["key"]: m["value"] for m in changed["meta_data"]}
    assert (kept["_mci_order_id"], kept["tracking"], len(changed["meta_data"])) == ("MCI-1", {"number": "12"}, 3)


def test_sums_add_up_to_the_cent_in_a_mixed_basket(shop: FakeShop) -> None:
    lines = [("A", "88.90", 1), ("B", "12.00", 2), ("C", "7.00", 1), ("D", "19.99", 1), ("E", "24.50", 1)]
    items = [{"sku": sku, "price": price, "quantity": quantity} for sku, price, quantity in lines]
    order = shop.place_order(items)  # the recorded rest-order-cod-mixed-basket
    assert (order["total"], order["total_tax"], order["cart_tax"]) == ("172.30", "31.07", "29.64")
    assert [line["price"] for line in order["line_items"]] == [72.868852, 9.8360655, 5.737705, 16.385246, 20.081967]


def test_a_line_shows_the_sku_of_now_and_none_when_the_product_is_gone(shop: FakeShop) -> None:
    order = shop.place_order([("SCN-00001", 1)])
    product = order["line_items"][0]["product_id"]
    shop.products.change(product, {"sku": "NEW-1"})
    assert shop.orders[order["id"]]["line_items"][0]["sku"] == "NEW-1"
    shop.products.remove(product)
    line = shop.orders[order["id"]]["line_items"][0]
    assert (line["product_id"], line["sku"], line["name"] != "") == (0, None, True)


def test_the_block_checkout_stores_entities_and_the_classic_one_does_not(shop: FakeShop) -> None:
    billing = {"company": "Caffè & C."}
    assert shop.place_order(billing=billing, created_via="store-api")["billing"]["company"] == "Caffè &amp; C."
    assert shop.place_order(billing=billing)["billing"]["company"] == "Caffè & C."


def test_refunds_leave_the_total(shop: FakeShop) -> None:
    order = shop.place_order(payment="stripe")
    shop.orders.refund(order["id"], "10.00", "Sconto")
    after = shop.orders[order["id"]]
    assert (after["total"], after["status"]) == (order["total"], "processing")
    assert after["refunds"][0]["total"] == "-10.00"
    shop.orders.refund(order["id"], str(float(order["total"]) - 10))
    assert shop.orders[order["id"]]["status"] == "refunded"


def test_faults_answer_instead_of_the_shop_as_often_as_asked(shop: FakeShop, call: Client) -> None:
    shop.place_order(silent=True)
    shop.faults.add("orders", status=429, times=2, retry_after=7)
    shop.faults.add("orders", body="html")
    shop.faults.add("orders", body="truncated")
    first = call("GET", "orders")
    assert (first.status, first.headers["Retry-After"]) == (429, "7")
    assert call.get("products")
    assert call("GET", "orders").status == 429
    assert call("GET", "orders").headers["Content-Type"].startswith("text/html")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        _ = call("GET", "orders").json
    assert call("GET", "orders").status == 200
    shop.faults.add("*", drop=True)
    with pytest.raises((OSError, HTTPException)):
        call("GET", "orders")


def test_the_shop_keeps_its_orders_and_webhooks_in_a_file(tmp_path: Any) -> None:
    file = tmp_path / "shop.sqlite"
    with FakeShop(data=file) as first:
        first.provision(key=KEY, secret=SECRET, deliver_to=f"{first.url}/hook/", webhook_secret="s")
        order = first.place_order()
    with FakeShop(data=file, public_url=first.public_url) as again:
        again.provision(key=KEY, secret=SECRET, deliver_to=f"{first.url}/hook/", webhook_secret="s")
        assert again.orders[order["id"]] == order
        assert len(again.webhooks.all()) == 4
        assert again.place_order()["id"] > order["id"]
        assert len(again.products.all()) == 13
