"""A program uploads a file, sees what is wrong, imports what is valid, and never another company's."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from orders.imports import work
from orders.models import Import, Order
from tests.orders.imports.files import amazon, amazon_id, row
from tests.orders.imports.world import shelves
from tests.programs import Program

pytestmark = pytest.mark.django_db


def content(data: bytes) -> dict[str, str]:
    return {"name": "ordini.txt", "content": base64.b64encode(data).decode()}


def test_a_file_is_uploaded_read_and_imported_by_a_program(dropshipper: Any, other_dropshipper: Any) -> None:
    shelves()
    program, stranger = Program(dropshipper), Program(other_dropshipper)
    body = content(amazon(row(1), row(2, sku="boh")))
    made = program.ask("post", "imports", body)
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert made["Location"] == f"/api/v1/imports/{pk}"
    work.advance(int(pk))
    assert program.get(f"imports/{pk}").json()["rows"] == {"valid": 1, "error": 1}
    wrong = program.get(f"imports/{pk}/rows?state=error").json()["data"]
    assert [(one["reference"], one["issues"][0]["code"]) for one in wrong] == [(amazon_id(2), "unknown_sku")]
    assert stranger.get(f"imports/{pk}").status_code == 404
    assert stranger.ask("post", f"imports/{pk}/start", {}).status_code == 404

    assert program.ask("post", f"imports/{pk}/start", {}).json()["state"] == "importing"
    work.advance(int(pk))
    order = Order.objects.get()
    done = program.get(f"imports/{pk}/rows?state=created").json()["data"]
    assert [one["order_id"] for one in done] == [str(order.pk)]
    assert program.ask("post", "imports", body).json()["id"] == pk  # the same file is the same import
    assert Import.objects.count() == 1
    large = content(amazon(*(row(number) for number in range(1, 2001))))
    assert len(large["content"]) > 300_000
    assert program.ask("post", "imports", large).status_code == 201


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": "no base64!"}, "invalid"),
        (content(b"\r\n"), "import_empty"),
        (content(b"amazon-order-id\torder-status\tfulfillment-channel\tx\n1\t2\t3\t4\n"), "import_wrong_report"),
    ],
)
def test_what_cannot_be_read_is_a_problem_and_leaves_no_trace(
    dropshipper: Any, body: dict[str, str], code: str
) -> None:
    answer = Program(dropshipper).ask("post", "imports", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Import.objects.exists()
