"""The schema that the code wants, kept in mci/schema.json (`make schema` writes it from the migrations), and what the
connected database lacks of it. /readyz and `manage.py verify` ask here."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.db import connection

from core.schema import Schema, describe
from core.schema_compare import differences
from mci.database import fence

FILE = Path(__file__).with_name("schema.json")


@cache
def wanted() -> Schema:
    found: Schema = json.loads(FILE.read_text())
    return found


def text_of(schema: Schema) -> str:
    """As it is kept: sorted and a definition a line, so that a landing shows what it changes."""
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def findings() -> list[str]:
    """In words, what is missing or other in the database that we are connected to; nothing when all is well."""
    found = [str(difference) for difference in differences(describe(connection), wanted())]
    return found + [f"table {table} has no fence between tenants" for table in fence.missing(connection)]
