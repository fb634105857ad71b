"""Bodies of the API: JSON alone, by strict rules (core/strict.py): a limit on bytes and on depth, no name twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import IO, Any, ClassVar

from django.conf import settings
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from core import strict
from core.api.problems import Problem

MAX_DEPTH = 20
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_BOM = b"\xef\xbb\xbf"  # RFC 8259, 8.1: may be passed over


class StrictJson(BaseParser):
    """Raises Problem: too_large, bad_json."""

    media_type = "application/json"
    most: ClassVar[int | None] = None  # bytes, where a body may be longer than usual: a file in it

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        most = self.most or settings.API_MAX_BYTES
        data = stream.read(most + 1)
        if len(data) > most:
            raise Problem(413, "too_large")
        try:
            found = strict.load_json(data.removeprefix(_BOM), max_bytes=most, max_depth=MAX_DEPTH)
        except strict.BadJson as error:
            raise Problem(400, "bad_json", detail=str(error)) from None
        if not isinstance(found, dict):
            raise Problem(400, "bad_json", detail="not an object")
        if _HALF.search(data) and not _is_whole(found):
            raise Problem(400, "bad_json", detail="half a character")
        return found


def _is_whole(found: Any) -> bool:
    """Half of a character (a lone surrogate) can neither be kept nor be told in the answer: RFC 7493, 2.1."""
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


class Json(JSONRenderer):
    charset = None


class OneForm(DefaultContentNegotiation):
    """There is one form alone, whatever the client says that it accepts: a client that names application/problem+json,
    or */* with an odd parameter, is not turned away."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)
