"""Every document that we send is valid on Shopify's own schema, of today and of the version before, and cheap."""

from __future__ import annotations

import gzip
import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import TypeInfo, TypeInfoVisitor, Visitor, build_client_schema, parse, validate, visit

import connectors.platforms.shopify
from connectors.platforms.shopify import client, products, walk
from tests.connectors.shopify.stage import SHARED, needs_shared

FOLDER = Path(connectors.platforms.shopify.__file__).parent
NAMES = sorted(path.stem for path in (FOLDER / "documents").glob("*.graphql"))
SIZES = {"first": max(walk.PER_PAGE, products.PER_PAGE), "lines": walk.LINES, "variants": [{}] * 100}

pytestmark = needs_shared


@cache
def schema(version: str) -> Any:
    found = json.loads(gzip.decompress((SHARED / "schema" / f"admin_{version}.json.gz").read_bytes()))
    return build_client_schema(found["data"], assume_valid=True)


@pytest.mark.parametrize("version", [client.VERSION, "2026-07"])
def test_every_document_is_valid_and_uses_nothing_deprecated(version: str) -> None:
    assert len(NAMES) > 20
    deprecated = []
    for name in NAMES:
        document = parse(client.document(name))
        assert validate(schema(version), document) == [], name
        info = TypeInfo(schema(version))

        class Look(Visitor):
            def enter_field(self, *_args: Any, info: TypeInfo = info, name: str = name) -> None:
                field = info.get_field_def()
                if field is not None and field.deprecation_reason:
                    deprecated.append(name)

        visit(document, TypeInfoVisitor(info, Look()))
    assert deprecated == []


def test_no_document_costs_more_than_a_query_may() -> None:
    found = importlib.util.spec_from_file_location("query_cost", SHARED / "tools" / "query_cost.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    reckon = module.Cost(schema(client.VERSION))
    costs = {name: reckon.requested(client.document(name), SIZES) for name in NAMES}
    assert {name: cost for name, cost in costs.items() if cost >= 1000} == {}
    assert costs["orders"] < 400  # five pages from a full bucket of 2,000 without a wait


def test_the_version_is_pinned_in_one_place() -> None:
    found = [
        path.name
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in (".py", ".graphql") and f'"{client.VERSION}"' in path.read_text()
    ]
    assert found == ["client.py"]
