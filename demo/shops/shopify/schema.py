"""The schema the store answers by: our own SDL (schema/*.graphql), or Shopify's whole one when its file is given."""

import gzip
import json
from functools import lru_cache
from pathlib import Path

from graphql import GraphQLSchema, build_client_schema, build_schema

HERE = Path(__file__).with_name("schema")


@lru_cache
def load(real: Path | None = None) -> GraphQLSchema:
    """Our types only, which is fast; `real` is an introspection result (admin_2026-10.json.gz) of 3,500 types."""
    if real is not None:
        data = json.loads(gzip.decompress(real.read_bytes()))["data"]
        return build_client_schema(data, assume_valid=True)  # it deprecates fields that its interfaces do not
    return build_schema("\n".join(path.read_text(encoding="utf-8") for path in sorted(HERE.glob("*.graphql"))))
