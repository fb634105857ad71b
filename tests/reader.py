"""Pages as a test reads them: one line, and of the whitespace that only lays out a template nothing. So an assertion is
about what a page says, not about where its template breaks its lines."""

from __future__ import annotations

import re
from typing import Any

_KEPT = re.compile(r"(<(textarea|pre|script|style)\b.*?</\2>)", re.DOTALL | re.IGNORECASE)
# Only those that a template breaks or spaces out: calling something for every tag of every page is minutes of a run.
_TAG = re.compile(r"""<(?=/?[a-zA-Z][^>\n]*(?:\n|[ ]{2}|[ ]/?>))/?[a-zA-Z](?:"[^"]*"|'[^']*'|[^"'<>])*>""")
_PART = re.compile(r"""\s*("[^"]*"|'[^']*')|\s+""")
_CLASSES = re.compile(r"""(\sclass=")([^"]*)(")""")


def one_line(html: str) -> str:
    """Attributes are one space apart; a line break beside a tag is nothing, a line break in a text is a space. What is
    shown as it is written stays: `pre`, `textarea`, scripts."""
    parts = _KEPT.split(html)
    # text, kept element, its name, text, …
    return "".join(part if n % 3 == 1 else "" if n % 3 == 2 else _laid_out(part) for n, part in enumerate(parts))


def _laid_out(html: str) -> str:
    html = _TAG.sub(lambda tag: _tag(tag.group()), html)
    html = re.sub(r">\s*\n\s*", ">", html)
    html = re.sub(r"\s*\n\s*<", "<", html)
    return re.sub(r"\s*\n\s*", " ", html)


def _tag(tag: str) -> str:
    tag = _PART.sub(lambda part: part.group(1) or " ", tag)
    tag = _CLASSES.sub(lambda match: f"{match[1]}{' '.join(match[2].split())}{match[3]}", tag)
    return re.sub(r" (/?>)$", r"\1", tag)


def install() -> None:
    """From now on Django's test client gives every page in one line."""
    from django.test.client import Client

    answer = Client.request

    def request(self: Client, **asked: Any) -> Any:
        response = answer(self, **asked)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page and not response.streaming and not response.has_header("Content-Encoding"):
            response.content = one_line(response.content.decode()).encode()
        return response

    Client.request = request  # type: ignore[method-assign]
