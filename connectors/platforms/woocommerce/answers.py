"""What an answer of a WooCommerce shop means, whoever gave it: the shop, a plugin, or something that stands before it.
Pure. Codes are looked at, never sentences: those are in the shop's language."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.platforms.errors import PageInstead, ShopBlocked, ShopBusy, ShopUnreachable
from connectors.platforms.woocommerce.errors import (
    ApiClosed,
    ApiMissing,
    KeyOwnerDemoted,
    KeyRefused,
    KeyUnknown,
    Moved,
)
from core import http
from core.strict import BadJson, load_json

PATH = "/wp-json/wc/"  # what a firewall or a cache must let through
_BOM = b"\xef\xbb\xbf"
_CODE = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True, slots=True)
class Reply:
    """A decoded answer of the shop."""

    status: int
    data: Any
    body: bytes = field(repr=False)
    total: int | None = None  # X-WP-Total


class NotFound(Exception):
    """404 for a thing (not for the whole API)."""


def judge(answer: http.Answer) -> Reply:
    """The data of a good answer. Raises NotFound, and what else it may mean: see woocommerce/errors.py."""
    status = answer.status
    refuse_redirect(answer)
    if status in (200, 201):
        total = answer.headers.get("x-wp-total", "")
        return Reply(status, decode(answer), answer.body, int(total) if total.isdigit() and len(total) < 10 else None)
    code, wait = error_code(answer), retry_after(answer)
    if code.startswith("woocommerce_rest_"):
        if status == 401:
            raise (KeyRefused if "authentication" in code else KeyUnknown)(reason=code)
        if status == 403:
            raise KeyOwnerDemoted(reason=code)
    if status == 404 and code.endswith("invalid_id"):
        raise NotFound
    if status == 429:
        raise ShopBusy(after=wait)
    refuse_page(answer)
    if status in (401, 403):
        raise ApiClosed(reason=code)
    if status in (404, 410):  # rest_no_route: WooCommerce is off, perhaps only while it is updated
        raise ApiMissing(reason=code or f"HTTP {status}")
    if status == 503 and wait:
        raise ShopBusy(after=wait)
    raise ShopUnreachable(reason=f"HTTP {status} {code}".strip(), after=wait)


def decode(answer: http.Answer) -> Any:
    """The JSON of an answer. Raises PageInstead, ShopUnreachable."""
    body = answer.body.removeprefix(_BOM).lstrip()
    try:
        return load_json(body, max_bytes=http.MAX_BYTES)
    except BadJson as error:
        if body[:1] == b"<":
            raise PageInstead(reason=f"HTTP {answer.status}, HTML", path=PATH) from None
        raise ShopUnreachable(reason=f"JSON: {error}") from None


def refuse_page(answer: http.Answer) -> None:
    """Raises ShopBlocked, PageInstead or ApiMissing for an error that no WordPress has written."""
    if error_code(answer):
        return
    status, wait = answer.status, retry_after(answer)
    if status in (401, 403, 405, 406, 418, 444, 451):  # a firewall, a security plugin, a password before the shop
        raise ShopBlocked(reason=f"HTTP {status}", path=PATH)
    is_page = answer.body.lstrip()[:1] == b"<"
    if status == 503 and is_page:
        raise PageInstead(reason=f"HTTP {status}", path=PATH, after=wait)
    if status in (404, 410) and is_page:
        raise ApiMissing(reason=f"HTTP {status}")


def refuse_redirect(answer: http.Answer) -> None:
    """A lasting redirect is a shop that moved; a passing one leads to a login or a page of maintenance."""
    if not 300 <= answer.status < 400:
        return
    target = urlsplit(answer.headers.get("location", ""))
    where = f"HTTP {answer.status} → {target.scheme}://{target.netloc}"[:120]
    if answer.status in (301, 308):
        raise Moved(reason=where)
    raise PageInstead(reason=where, path=PATH)


def error_code(answer: http.Answer) -> str:
    """The code of an error that WordPress, WooCommerce or a plugin wrote as JSON; "" for anything else."""
    try:
        data = load_json(answer.body.removeprefix(_BOM))
    except BadJson:
        return ""
    code = data.get("code") if isinstance(data, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def skew(answer: http.Answer) -> dt.timedelta | None:
    """How far the shop's clock is ahead of ours, by the Date of an answer that no cache gave; None: it does not say."""
    try:
        then = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return None
    if then.tzinfo is None or "age" in answer.headers:
        return None
    return then - dt.datetime.now(dt.UTC)


def retry_after(answer: http.Answer) -> dt.timedelta | None:
    """Retry-After in seconds, between a second and an hour; None for a date or nonsense."""
    text = answer.headers.get("retry-after", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return dt.timedelta(seconds=min(max(int(text), 1), 3600))
