"""Orders by a program: created, priced, sent, tracked and cancelled by a key, as the pages would."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import ApiAnswer
from orders.dispatch import plan
from orders.fulfilment import parcels
from orders.models import DispatchRun, Order
from shipping.models import Shipment
from tests import cast, dump
from tests.orders import stage
from tests.programs import Program
from wallet.models import Entry
from wallet.queries import balances

pytestmark = pytest.mark.django_db

RECIPIENT = {
    "name": "Giulia Rossi",
    "street": "Via Garibaldi 12",
    "postcode": "10122",
    "city": "Torino",
    "province": "TO",
    "phone": "+393331234567",
}
LEFT_ALONE = {"accounts_apirequest", "core_throttle", "accounts_apikey"}  # that something was asked is noted


def body(sku: str, **more: Any) -> dict[str, Any]:
    lines = [{"sku": sku, "quantity": 1}]
    return {"recipient": RECIPIENT, "lines": lines, "sale_total": "39.90", **more}


@pytest.fixture
def method(db: None) -> Any:
    return stage.method()


@pytest.fixture
def sku(db: None) -> str:
    return str(stage.variant().sku)


@pytest.fixture
def program(dropshipper: Any) -> Program:
    return Program(dropshipper)


def kept(before: dict[str, str]) -> list[str]:
    """The tables that changed, but for the notes that something was asked."""
    return sorted(set(dump.changed(before)) - LEFT_ALONE)


def test_an_order_is_created_priced_sent_and_tracked_by_a_key_alone(
    dropshipper: Any, owner: Any, program: Program, method: Any, sku: str, client_for: Any
) -> None:
    stage.money(dropshipper, "100.00")
    wanted = body(sku, channel="ebay", reference="12-34567-89012", method_id=str(method.pk))
    made = program.post("orders", wanted)
    assert made.status_code == 201, made.json()
    receipt = made.json()
    assert (receipt["state"], receipt["refusal"], receipt["problems"]) == ("ready", None, [])
    assert receipt["price"]["gross"] == receipt["price"]["wallet_need"] == "20.74"
    order = program.get(made["Location"]).json()
    assert (order["channel"], order["reference"]) == ("eBay", "12-34567-89012")
    assert order["recipient"]["city"] == "Torino"
    assert order["placed_at"].endswith("Z")
    assert balances(dropshipper.pk).available == Decimal("100.00")
    price = program.get(f"orders/{order['id']}/price").json()
    sent = program.post(f"orders/{order['id']}/send", {"figures": price["price"]["figures"]})
    assert sent.status_code == 200, sent.json()
    assert (sent.json()["state"], sent.json()["already"]) == ("dispatched", False)
    wallet = program.get("wallet").json()
    assert wallet == {"available": "79.26", "spendable": "79.26", "held": "0.00", "cod_due": "0.00"}
    page = client_for(owner).get(reverse("wallet:overview")).content.decode()
    assert "79,26" in page
    row = program.get("wallet/movements").json()["data"][0]
    assert (row["amount"], row["balance_after"], row["reference"]) == ("-20.74", "79.26", order["number"])
    stored = Order.objects.get()
    parcels.mark_packed(stored.pk, by=None)
    parcels.mark_shipped(stored.pk, tracking_number="BRT0123456789", by=None)
    found = program.get(f"orders/{order['id']}").json()
    assert (found["shipment"]["state"], found["shipment"]["tracking"]) == ("shipped", "BRT0123456789")
    parcel = program.get(f"shipments/{found['shipment']['id']}").json()
    assert (parcel["order_id"], parcel["number"], parcel["cod_amount"]) == (order["id"], order["number"], "0.00")
    steps = program.get(f"shipments/{parcel['id']}/tracking").json()["data"]
    assert "shipped" in [step["after"] for step in steps if step["axis"] == "state"]
    codes = [event["code"] for event in program.get(f"orders/{order['id']}/events").json()["data"]]
    assert codes[0] == "created"
    assert {"dispatched", "charged", "packed", "shipped"} <= set(codes)


def test_what_a_program_is_told_is_what_the_page_would_charge(program: Program, method: Any, sku: str) -> None:
    receipt = program.post("orders", body(sku, method_id=str(method.pk), payment="cod")).json()
    row = plan.plan([int(receipt["id"])], dropshipper_id=program.row.dropshipper_id, alone=True).rows[0]
    assert row.price is not None
    assert receipt["price"]["figures"] == row.price.figures
    assert receipt["price"]["collect"] == "39.90"
    assert row.refusal is not None
    assert receipt["refusal"]["code"] == row.refusal.code


def test_the_same_request_again_gives_the_same_answer_and_one_order(program: Program, sku: str) -> None:
    first = program.post("orders", body(sku), key="k-1")
    again = program.post("orders", {**dict(reversed(body(sku).items()))}, key="k-1")  # members in another order
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert again["Location"] == first["Location"]
    assert Order.objects.count() == 1


def test_the_same_key_with_other_content_is_refused_and_leaves_nothing(program: Program, sku: str) -> None:
    program.post("orders", body(sku), key="k-1")
    before = dump.digests()
    other = program.post("orders", body(sku, note="piano terra"), key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert kept(before) == []


def test_a_key_is_its_companys_own(program: Program, sku: str, other_dropshipper: Any) -> None:
    other = Program(other_dropshipper)
    assert [one.post("orders", body(sku), key="k-1").status_code for one in (program, other)] == [201, 201]
    assert Order.objects.count() == 2


def test_a_write_without_a_key_is_refused(program: Program, sku: str) -> None:
    answer = program.client.post(
        "/api/v1/orders",
        body(sku),
        content_type="application/json",
        headers={"Authorization": f"Bearer {program.text}"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert not Order.objects.exists()


def test_what_did_not_begin_is_not_kept_and_may_be_mended_with_the_same_key(program: Program, sku: str) -> None:
    wrong = program.post("orders", body(sku, recipient=RECIPIENT | {"name": ""}), key="k-1")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid")
    assert wrong.json()["errors"][0]["pointer"] == "/recipient/name"
    assert not ApiAnswer.objects.exists()
    assert program.post("orders", body(sku), key="k-1").status_code == 201


def test_what_broke_is_not_given_again(program: Program, sku: str, monkeypatch: Any) -> None:
    from orders.api import orders

    with monkeypatch.context() as patch:
        patch.setattr(orders, "receipt", lambda _order: 1 / 0)
        broken = program.post("orders", body(sku), key="k-1")
    assert (broken.status_code, broken.json()["code"]) == (500, "fault")
    assert "ZeroDivision" not in broken.content.decode()
    assert not Order.objects.exists()
    assert program.post("orders", body(sku), key="k-1").status_code == 201


def test_a_number_of_a_channel_is_here_once_and_who_sends_it_again_is_told_where(program: Program, sku: str) -> None:
    first = program.post("orders", body(sku, channel="eBay", reference="12-1")).json()
    before = dump.digests()
    again = program.post("orders", body(sku, channel="EBAY", reference="#12-1"))
    assert (again.status_code, again.json()["code"]) == (409, "order_exists")
    assert (again.json()["existing"], again.json()["existing_number"]) == (first["id"], first["number"])
    assert set(kept(before)) <= {"accounts_apianswer"}
    assert program.post("orders", body(sku, channel="Amazon", reference="12-1")).status_code == 201


def test_validating_keeps_nothing(program: Program, sku: str, method: Any) -> None:
    before = dump.digests()
    found = program.post("orders/validate", body(sku, method_id=str(method.pk)))
    assert found.status_code == 200, found.json()
    assert (found.json()["id"], found.json()["price"]["gross"]) == ("", "20.74")
    wrong = program.post("orders/validate", body("NIENTE"))
    assert wrong.json()["errors"][0]["pointer"] == "/lines/0/sku"
    assert kept(before) == []


def test_a_quote_prices_each_way_and_keeps_nothing(program: Program, sku: str, method: Any) -> None:
    before = dump.digests()
    asked = {"lines": [{"sku": sku}, {"sku": "NIENTE"}], "destination": RECIPIENT}
    found = program.post("prices/quote", asked).json()
    assert found["unknown"] == ["NIENTE"]
    assert [(one["method_id"], one["price"]["gross"]) for one in found["offers"]] == [(str(method.pk), "20.74")]
    assert kept(before) == []


def test_another_price_than_the_one_that_was_seen_is_not_charged(
    dropshipper: Any, program: Program, sku: str, method: Any
) -> None:
    stage.money(dropshipper, "100.00")
    order = program.post("orders", body(sku, method_id=str(method.pk))).json()
    method.rates.update(net=Decimal("9.00"))
    before = dump.digests()
    sent = program.post(f"orders/{order['id']}/send", {"figures": order["price"]["figures"]}, key="k-2")
    assert (sent.status_code, sent.json()["code"]) == (422, "price_changed")
    assert (sent.json()["before"], sent.json()["now"]) == ("20.74", "25.62")
    assert set(kept(before)) <= {"accounts_apianswer", "orders_dispatchrun", "orders_dispatchitem"}
    assert program.post(f"orders/{order['id']}/send", {"figures": "x"}).status_code == 422
    now = program.post(f"orders/{order['id']}/send", {"figures": sent.json()["figures"]}, key="k-3")
    assert now.json()["state"] == "dispatched"
    assert balances(dropshipper.pk).available == Decimal("74.38")


def test_a_refused_send_stays_refused_though_the_money_came_meanwhile(
    dropshipper: Any, program: Program, sku: str, method: Any
) -> None:
    order = program.post("orders", body(sku, method_id=str(method.pk))).json()
    asked = {"figures": order["price"]["figures"]}
    refused = program.post(f"orders/{order['id']}/send", asked, key="k-2")
    assert refused.status_code == 422
    assert refused.json()["missing"] == "20.74"
    stage.money(dropshipper, "100.00")
    again = program.post(f"orders/{order['id']}/send", asked, key="k-2")
    assert again.status_code == 422
    assert again["Idempotency-Replayed"] == "true"
    ApiAnswer.objects.all().delete()  # after 30 days
    assert program.post(f"orders/{order['id']}/send", asked, key="k-2").status_code == 422
    assert balances(dropshipper.pk).available == Decimal("100.00")
    assert program.post(f"orders/{order['id']}/send", asked, key="k-3").status_code == 200
    assert program.post(f"orders/{order['id']}/send", asked, key="k-4").json()["already"] is True
    assert Entry.objects.filter(kind="sale").count() == 1


def test_an_order_is_cancelled_and_the_money_is_back(dropshipper: Any, program: Program, sku: str, method: Any) -> None:
    stage.money(dropshipper, "100.00")
    order = program.post("orders", body(sku, method_id=str(method.pk))).json()
    program.post(f"orders/{order['id']}/send", {"figures": order["price"]["figures"]})
    meanwhile = program.post(f"orders/{order['id']}/cancel", {"only_if_open": True})
    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "sent_meanwhile")
    done = program.post(f"orders/{order['id']}/cancel").json()
    assert (done["state"], done["done"], done["given_back"]) == ("cancelled", True, "20.74")
    again = program.post(f"orders/{order['id']}/cancel").json()
    assert (again["done"], again["state"]) == (False, "cancelled")
    assert balances(dropshipper.pk).available == Decimal("100.00")


def test_a_parcel_that_is_packed_is_not_cancelled(dropshipper: Any, program: Program, sku: str, method: Any) -> None:
    stage.money(dropshipper, "100.00")
    order = program.post("orders", body(sku, method_id=str(method.pk))).json()
    program.post(f"orders/{order['id']}/send", {"figures": order["price"]["figures"]})
    parcels.mark_packed(int(order["id"]), by=None)
    before = dump.digests()
    answer = program.post(f"orders/{order['id']}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_late")
    assert set(kept(before)) <= {"accounts_apianswer"}
    assert "cancel" not in program.get(f"orders/{order['id']}").json()["allowed_actions"]


def test_an_open_order_is_edited_by_its_version(program: Program, sku: str) -> None:
    order = program.post("orders", body(sku)).json()
    edited = program.patch(f"orders/{order['id']}", {"version": order["version"], "recipient": {"street": "Via Po 1"}})
    assert edited.status_code == 200, edited.json()
    found = program.get(f"orders/{order['id']}").json()
    assert (found["recipient"]["street"], found["recipient"]["name"]) == ("Via Po 1", "Giulia Rossi")
    assert found["sale_total"] == "39.90"
    stale = program.patch(f"orders/{order['id']}", {"version": order["version"], "note": "x"})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_edit")
    more = {"version": edited.json()["version"], "lines": [{"sku": sku, "quantity": 3}]}
    assert program.patch(f"orders/{order['id']}", more).status_code == 200
    assert [line["quantity"] for line in program.get(f"orders/{order['id']}").json()["lines"]] == [3]


def test_a_draft_may_lack_anything_and_becomes_an_order(program: Program, sku: str) -> None:
    draft = program.post("orders", body(sku, recipient={}, draft=True)).json()
    assert draft["state"] == "draft"
    asked = {"version": draft["version"], "recipient": RECIPIENT, "draft": False}
    assert program.patch(f"orders/{draft['id']}", asked).json()["state"] == "ready"


@pytest.mark.parametrize("draft", [True, False, None])
def test_an_order_that_is_edited_becomes_no_draft_again(program: Program, sku: str, draft: bool | None) -> None:
    """Its history says so too: a reseller who reads "draft saved" sends it once more."""
    made = program.post("orders", body(sku)).json()
    said = {"version": made["version"], "note": "Citofonare Rossi"} | ({} if draft is None else {"draft": draft})
    answer = program.patch(f"orders/{made['id']}", said)
    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    told = [event["code"] for event in program.get(f"orders/{made['id']}/events").json()["data"]]
    assert (told.count("edited"), told.count("draft_saved")) == (1, 0)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"sale_total": 39.9}, "/sale_total"),
        ({"sale_total": "39,90"}, "/sale_total"),
        ({"sale_total": "-1.00"}, "/sale_total"),
        ({"sale_totl": "39.90"}, "/sale_totl"),
        ({"lines": []}, "/lines"),
        ({"lines": [{"sku": "X", "quantity": "1"}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "X", "quantity": 1.0}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "X", "quantity": 0}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "X", "quantity": True}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": 7}]}, "/lines/0/sku"),
        ({"lines": [{"sku": "a\u0000b"}]}, "/lines/0/sku"),
        ({"payment": "review"}, "/payment"),
        ({"payment": "cod", "sale_total": None}, "/to_collect"),
        ({"payment": "cod", "sale_total": "5000.00"}, "/to_collect"),
        ({"recipient": RECIPIENT | {"country": "XX"}}, "/recipient/country"),
        ({"recipient": "Giulia"}, "/recipient"),
        ({"method_id": "999999"}, "/method_id"),
        ({"method_id": "x"}, "/method_id"),
        ({"draft": "maybe"}, "/draft"),
    ],
)
def test_what_is_not_as_it_should_be_is_pointed_at_and_nothing_is_kept(
    program: Program, sku: str, change: dict[str, Any], pointer: str
) -> None:
    before = dump.digests()
    answer = program.post("orders", body(sku) | change)
    assert answer.status_code == 422, answer.json()
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]
    assert all(one["code"] and one["pointer"] is not None for one in answer.json()["errors"])
    assert kept(before) == []


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ("{", 400, "bad_json"),
        ("[]", 400, "bad_json"),
        ("[" * 20_000, 400, "bad_json"),
        ('{"a":' * 30 + "1" + "}" * 30, 400, "bad_json"),
        ('{"note": "a", "note": "b"}', 400, "bad_json"),
        ('{"sale_total": NaN}', 400, "bad_json"),
        (b'{"note": "\xff"}', 400, "bad_json"),
        ('{"note": "' + "x" * 300_000 + '"}', 413, "too_large"),
    ],
)
def test_a_body_that_is_no_good_json_is_a_problem_and_no_fault(
    program: Program, sent: Any, status: int, code: str
) -> None:
    answer = program.post("orders", sent)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code


def test_a_form_is_no_json(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.text}", "Idempotency-Key": "k"}
    answer = program.client.post("/api/v1/orders", {"note": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_no_answer_that_is_kept_names_a_customer(program: Program, sku: str, method: Any) -> None:
    program.post("orders", body(sku, method_id=str(method.pk)))
    program.post("orders", body(sku, recipient=RECIPIENT | {"phone": "", "street": "Via Garibaldi"}))
    assert ApiAnswer.objects.exists()
    for text in ("Giulia", "Garibaldi", "333123"):
        places = dump.places(text).get(text, set())
        assert not {place for place in places if "api" in str(place)}, places


def test_of_the_list_each_page_goes_on_where_the_last_one_ended(program: Program, dropshipper: Any, sku: str) -> None:
    for _ in range(5):
        stage.order(dropshipper, (sku, 1))
    found, cursor = [], ""
    while cursor is not None:
        page = program.get(f"orders?limit=2&fields=id{f'&cursor={cursor}' if cursor else ''}").json()
        found += [int(one["id"]) for one in page["data"]]
        cursor = page["next_cursor"]
    assert found == sorted(Order.objects.values_list("pk", flat=True), reverse=True)


@pytest.mark.parametrize(
    "query",
    ["cursor=x", "cursor=", "limit=0", "limit=101", "limit=x", "tab=x", "payment=x", "since=x", "since=0001-01-01",
     "fields=x", "unknown=1", "since=2026-1-1"],
)  # fmt: skip
def test_a_parameter_that_is_none_is_refused_and_not_left_out(program: Program, query: str) -> None:
    assert program.get(f"orders?{query}").status_code == 400


def test_lists_cost_the_same_however_many_rows(
    program: Program, dropshipper: Any, sku: str, method: Any, django_assert_num_queries: Any
) -> None:
    stage.order(dropshipper, (sku, 1), method=method)
    program.get("orders")
    # The key, its limit, when it was used (once a minute), the log in its savepoint (3); orders, lines, their
    # articles, problems.
    with django_assert_num_queries(9):
        program.get("orders")
    for _ in range(10):
        stage.order(dropshipper, (sku, 1), method=method)
    with django_assert_num_queries(9):
        assert len(program.get("orders").json()["data"]) == 11


def test_who_may_write_may_not_send_and_who_may_read_may_not_write(dropshipper: Any, sku: str, method: Any) -> None:
    stage.money(dropshipper, "100.00")
    writer, reader = Program(dropshipper, "orders:write"), Program(dropshipper, "orders:read")
    order = writer.post("orders", body(sku, method_id=str(method.pk))).json()
    sent = writer.post(f"orders/{order['id']}/send", {"figures": order["price"]["figures"]})
    assert (sent.status_code, sent.json()["code"]) == (403, "scope_missing")
    assert 'scope="orders:send"' in sent["WWW-Authenticate"]
    assert writer.get(f"orders/{order['id']}").status_code == 403
    assert reader.get("wallet").status_code == 403
    assert reader.post("orders", body(sku)).status_code == 403
    assert not Shipment.objects.exists()
    assert not DispatchRun.objects.exists()


def test_an_order_of_another_is_not_there_in_any_way(program: Program, other_dropshipper: Any, sku: str) -> None:
    theirs = stage.order(other_dropshipper, (sku, 1))
    before = dump.digests()
    for way in ("", "/events", "/price"):
        assert program.get(f"orders/{theirs.pk}{way}").status_code == 404
    for way, sent in (("/send", {"figures": "1.00/0.00/0.00"}), ("/cancel", {})):
        assert program.post(f"orders/{theirs.pk}{way}", sent).status_code == 404
    assert program.patch(f"orders/{theirs.pk}", {"version": 1, "note": "x"}).status_code == 404
    assert program.get("orders").json()["data"] == []
    assert kept(before) == []


def test_the_author_of_what_a_program_did_is_who_made_its_key(dropshipper: Any, sku: str) -> None:
    person = cast.member(dropshipper)
    program = Program(dropshipper, by=person)
    program.post("orders", body(sku))
    assert Order.objects.get().events.get(code="created").by == person


def test_what_is_an_order_is_not_made_less_by_the_word_draft(program: Program, sku: str) -> None:
    made = program.post("orders", body(sku)).json()
    said = {"version": made["version"], "lines": [{"sku": "NOBODY", "quantity": 1}]}
    for more in ({}, {"draft": True}):
        assert program.patch(f"orders/{made['id']}", said | more).status_code == 422
    order = Order.objects.get(pk=made["id"])
    assert (order.state, order.version) == ("ready", made["version"])
