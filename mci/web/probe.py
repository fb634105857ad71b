"""Whether the proxy before the portal keeps out what it must. WSGI names `X_Forwarded_For` and `X-Forwarded-For` alike,
and the web server tells us no more than that name: a header with `_` can be told from ours by the proxy alone. So it is
tried: a request goes through the proxy, and what arrived is asked for (`manage.py check_proxy`)."""

from __future__ import annotations

from collections.abc import Iterator

import requests
from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.inbound import client

SEEN = "X-MCI-Probe-Seen"
LIES = ("203.0.113.77", "203.0.113.78")  # addresses that nobody has
_SALT, _SECONDS = "mci.probe", 60
_TIMEOUT_S = 10


def answer(request: HttpRequest, response: HttpResponseBase) -> None:
    """To a probe that we signed: which address the request is taken to come from."""
    try:
        signing.TimestampSigner(salt=_SALT).unsign(request.META["HTTP_X_MCI_PROBE"], max_age=_SECONDS)
    except signing.BadSignature:
        return
    response.headers[SEEN] = client.address(request) or "nobody"


def troubles(url: str) -> Iterator[str]:
    """What is wrong with the way to `url`, in words. Raises requests.RequestException."""
    mark = signing.TimestampSigner(salt=_SALT).sign("probe")

    def seen(**headers: str) -> str | None:
        found = requests.get(f"{url}/healthz", headers=headers, timeout=_TIMEOUT_S, allow_redirects=False)
        return found.headers.get(SEEN)

    address = seen(**{"X-MCI-Probe": mark, "X-Forwarded-For": LIES[0]})
    if address is None:
        yield "The answer is not of this portal, or its SECRET_KEY is another."
        return
    if address in LIES:
        yield (
            "What a client says in X-Forwarded-For is believed: the proxy must add the address that it hears, and"
            f" TRUSTED_PROXIES ({settings.TRUSTED_PROXIES}) must be the number of proxies."
        )
    if seen(X_MCI_Probe=mark) is not None:
        yield (
            "Headers with _ in their names pass the proxy, and are taken for those with -: anybody can say where he"
            " comes from. The proxy must drop them (docs/operations.md)."
        )
