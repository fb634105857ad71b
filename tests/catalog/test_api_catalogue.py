"""The catalogue and the stock for programs: prices, pieces, and what changed without a gap."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from catalog import stock
from catalog.models import Product, Variant
from tests import cast
from tests.orders import stage
from tests.programs import Program

pytestmark = pytest.mark.django_db


def walked(program: Program, path: str, query: str = "") -> tuple[list[dict[str, Any]], str]:
    """All rows of a walk, two a page, and its version, which is the same on all pages."""
    rows: list[dict[str, Any]] = []
    versions, cursor = set(), ""
    while cursor is not None:
        page = program.get(f"{path}?limit=2{query}{f'&cursor={cursor}' if cursor else ''}").json()
        rows += page["data"]
        versions.add(page["version"])
        cursor = page["next_cursor"]
    (version,) = versions
    return rows, version


def test_an_article_is_given_with_what_it_costs(dropshipper: Any) -> None:
    sku = stage.variant(pieces=7).sku
    (product,) = Program(dropshipper, "catalogue:read").get("products").json()["data"]
    (variant,) = product["variants"]
    assert (variant["sku"], variant["net"], variant["vat_rate"], variant["gross"]) == (sku, "12.00", "22.00", "14.64")
    assert (variant["available"], variant["retail_gross"], product["on_sale"]) == (7, None, True)
    assert product["updated_at"].endswith("Z")


def test_articles_are_found_by_code(dropshipper: Any) -> None:
    sku = stage.variant().sku
    program = Program(dropshipper)
    found = program.get(f"variants?code={sku.lower()},NIENTE&fields=sku").json()
    assert found["data"] == [{"sku": sku}]
    assert program.get("variants").status_code == 400
    assert program.get(f"products/{sku.lower()}").json()["slug"] == sku.lower()
    assert program.get("products/nothing").status_code == 404


def test_of_a_walk_since_a_version_only_what_changed_is_given(dropshipper: Any) -> None:
    program = Program(dropshipper)
    variants = [stage.variant() for _ in range(5)]
    rows, version = walked(program, "stock")
    assert {row["sku"] for row in rows} == {variant.sku for variant in variants}
    stock.receive(variants[3].pk, 5, by=None)
    # In one transaction all of it is of one version: what was seen already may come again, but nothing is missed.
    changed, later = walked(program, "stock", f"&since_version={version}")
    assert {(row["sku"], row["available"]) for row in changed} >= {(variants[3].sku, 105)}
    assert int(later) >= int(version)


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_is_not_missed() -> None:
    """A transaction that began before a walk and ends after a later one: by the clock it would be passed over."""
    program = Program(cast.dropshipper())
    early, late = stage.variant(), stage.variant()
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                stock.receive(early.pk, 1, by=None)
                written.set()
                go_on.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(10)
    stock.receive(late.pk, 1, by=None)
    rows, version = walked(program, "stock")
    assert {row["sku"]: row["available"] for row in rows} == {early.sku: 100, late.sku: 101}
    go_on.set()
    thread.join()
    changed, after = walked(program, "stock", f"&since_version={version}")
    assert {row["sku"]: row["available"] for row in changed}[early.sku] == 101
    again = {row["sku"]: row["available"] for row in walked(program, "stock", f"&since_version={after}")[0]}
    assert again.items() <= {early.sku: 101, late.sku: 101}.items()


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_off_sale_and_what_costs_something_else_is_a_change() -> None:
    program = Program(cast.dropshipper())
    gone, dearer, same = (stage.variant() for _ in range(3))
    _rows, version = walked(program, "products")
    Product.objects.filter(pk=gone.product_id).update(active=False)
    Variant.objects.filter(pk=dearer.pk).update(net_price=Decimal("13.00"))
    changed, _later = walked(program, "products", f"&since_version={version}")
    # What others write meanwhile, in whatever database of the server, may bring rows again: none is ever missed.
    told = {row["slug"]: row["on_sale"] for row in changed}
    assert told.items() >= {gone.product.slug: False, dearer.product.slug: True}.items()
    pieces, _later = walked(program, "stock", f"&since_version={version}")
    left = {row["sku"]: (row["available"], row["on_sale"]) for row in pieces}
    assert left.items() >= {gone.sku: (0, False), dearer.sku: (100, True)}.items()
    assert left.get(same.sku, (100, True)) == (100, True)


def test_a_version_of_another_database_is_refused(dropshipper: Any) -> None:
    answer = Program(dropshipper).get("stock?since_version=4000000000000")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "?since_version")


def test_lists_cost_the_same_however_many_articles(dropshipper: Any, django_assert_num_queries: Any) -> None:
    program = Program(dropshipper)
    stage.variant()
    program.get("products")
    # The key, its limit, the log in its savepoint (3), the version; products, pictures, variants with their stock.
    with django_assert_num_queries(9):
        program.get("products")
    for _ in range(5):
        stage.variant()
    with django_assert_num_queries(9):
        program.get("products")
