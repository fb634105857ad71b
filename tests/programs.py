"""Programs that call the API: a client with a key, and what there is to call, from the URL list."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts.keys import keys
from accounts.models import Dropshipper, Member, User
from accounts.models.api import SCOPES
from tests import cast


class Program:
    """Speaks JSON with a key of `dropshipper`; each write has an Idempotency-Key of its own unless one is given."""

    def __init__(self, dropshipper: Dropshipper, *scopes: str, by: User | None = None, **how: Any) -> None:
        owner = Member.objects.filter(dropshipper=dropshipper, role="owner").select_related("user").first()
        person = by or (owner.user if owner else cast.member(dropshipper))
        self.row, self.text = keys.make(
            dropshipper, name=f"Gestionale {uuid.uuid4().hex[:6]}", scopes=scopes or SCOPES, by=person, **how
        )
        self.client = Client()

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("get", path, **headers)

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        return self.ask("post", path, {} if body is None else body, key=key, **headers)

    def patch(self, path: str, body: Any, *, key: str = "", **headers: str) -> Any:
        return self.ask("patch", path, body, key=key, **headers)

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        address = path if path.startswith("/") else f"/api/v1/{path}"
        sent = {
            "Authorization": f"Bearer {self.text}",
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        if method != "get":
            sent = {"Idempotency-Key": key or str(uuid.uuid4()), **sent}
            data = body if isinstance(body, str | bytes) else json.dumps(body)
            return getattr(self.client, method)(address, data, content_type="application/json", headers=sent)
        return self.client.get(address, headers=sent)


def routes() -> Iterator[tuple[str, set[str], Any]]:
    """(name, names of its arguments, view class) of every address of the API."""
    for entry in get_resolver().url_patterns:
        if getattr(entry, "namespace", None) == "api":
            for one in entry.url_patterns:  # type: ignore[union-attr]
                assert isinstance(one, URLPattern)
                yield str(one.name), set(one.pattern.converters), getattr(one.callback, "cls", None)
