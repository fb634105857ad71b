"""Calls to the outside: the only module that imports requests. Public https only, one address per name looked up and
checked, no redirects, no proxies, an absolute deadline, a cap on the answer, never while a transaction is open, and
never by the thread that answers a request.

Who wants to know which calls were made within a block of code sets `watching`; who has only so much time for all of
them sets a `deadline`."""

from __future__ import annotations

import ipaddress
import logging
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

import requests
from django.conf import settings
from django.db import connections
from django.utils.translation import gettext_lazy as _
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES

from core.errors import NeedsHand, TryLater
from core.outbound import breaker, caches, names
from core.outbound.socket_watch import Watch

log = logging.getLogger(__name__)

CONNECT_S, READ_S, DEADLINE_S = 3.0, 15.0, 30.0
MAX_BYTES = 10 * 1024 * 1024
PORTS = (443, 8443)
_LEAST_S = 0.05  # with less time left no call is begun
_CHUNK = 64 * 1024
# What Python calls public and is not, and what it calls so by the version.
_BLOCKED = (
    *EXTRA_BLOCKED_NET_RANGES,
    *map(ipaddress.ip_network, ("::/96", "::ffff:0:0:0/96", "fec0::/10")),
)
_FAIR_S = 5.0  # who had less time to answer is not said to be away
_NOBODY = ("DNS", "TLS", "timeout", "connection")  # nobody answered; other reasons are answers of a kind


class NoAnswer(TryLater):
    """`reason` is a word that needs no translation: DNS, TLS, timeout, connection, size, encoding."""

    code = "no_answer"
    message = _("The other side does not answer (%(reason)s).")


class LeftAlone(NoAnswer):
    """So many calls found nobody that this one was not made (core/outbound/breaker.py)."""

    code = "left_alone"
    message = _("The other side did not answer several times in a row: it is asked again in a few minutes.")


class AddressRefused(NeedsHand):
    code = "address_refused"
    message = _("This address cannot be called: %(reason)s")


class RequestThread(RuntimeError):
    """A bug: a page would wait for as long as somebody else likes, and with it all that share its thread."""


class TransactionOpen(RuntimeError):
    """A bug: a call to the outside would hold locks for as long as somebody else likes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer; `headers` keys are lower case. The status is for the caller to judge (3xx is not followed)."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Made:
    """A call that was made, for a log: without query, headers and bodies. `result`: the status, or why there was no
    answer (NoAnswer's reason). `cached`: what shows that a cache answered in the place of the other side."""

    label: str
    result: str
    ms: int
    cached: str = ""


answering: ContextVar[bool] = ContextVar("answering", default=False)  # a request: core/requests.py
watching: ContextVar[Callable[[Made], None] | None] = ContextVar("watching", default=None)


_until: ContextVar[float | None] = ContextVar("until", default=None)  # monotonic seconds


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """All calls within end in this time; each has its own deadline or what is left of this one, the smaller. A block
    within a block can only have less."""
    now, known = time.monotonic(), _until.get()
    token = _until.set(now + seconds if known is None else min(known, now + seconds))
    try:
        yield
    finally:
        _until.reset(token)


def left() -> float:
    """Seconds until the deadline of the block, 0 when it has passed; infinite without one."""
    until = _until.get()
    return float("inf") if until is None else max(0.0, until - time.monotonic())


def _tell(label: str, result: object, started: float, cached: str = "") -> None:
    told = watching.get()
    if told is not None:
        told(Made(label, str(result), round((time.monotonic() - started) * 1000), cached))


class _Watched(HTTPAdapter):
    """Gives each new connection's socket to the watch."""

    watch: Watch

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        watch, plain = self.watch, pool.ConnectionCls

        class Connection(plain):  # type: ignore[misc, valid-type]
            def _new_conn(self) -> socket.socket:
                sock = cast(socket.socket, super()._new_conn())
                watch.add(sock)
                return sock

        pool.ConnectionCls = Connection
        return pool


class _Pinned(_Watched):
    """Calls the address that the name was found to have, and none that it may have a moment later; certificate and Host
    are the name's."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = f"[{address}]" if ":" in address else address

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        name, port = host["host"], host["port"]
        request.headers["Host"] = f"{name}:{port}" if port else name
        return {**host, "host": self._address}, {**pool, "assert_hostname": name, "server_hostname": name}


def _is_own(parts: SplitResult) -> bool:
    """Is this one of the few hosts of settings.EGRESS_ALLOW (the demo shop, tests), named as host or host:port?"""
    return parts.hostname in settings.EGRESS_ALLOW or f"{parts.hostname}:{parts.port}" in settings.EGRESS_ALLOW


def _is_literal(host: str) -> bool:
    try:
        socket.inet_aton(host)  # also the short, octal and hexadecimal forms
    except OSError:
        return ":" in host
    return True


def _check_address(url: str) -> tuple[SplitResult, bool]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused(reason="URL") from None
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise AddressRefused(reason="URL")
    if _is_own(parts) and parts.scheme in ("http", "https"):
        return parts, True
    if parts.scheme != "https":
        raise AddressRefused(reason="https")
    if (port or 443) not in PORTS:
        raise AddressRefused(reason=f"port {port}")
    if _is_literal(parts.hostname):
        raise AddressRefused(reason="IP")
    return parts, False


def _assert_no_request(label: str) -> None:
    if answering.get():
        log.error("A call within a request was refused: %s", label)
        raise RequestThread(label)


def _assert_no_transaction() -> None:
    for connection in connections.all(initialized_only=True):
        # The transaction that a test case wraps around itself is not ours.
        if any(not getattr(block, "_from_testcase", False) for block in getattr(connection, "atomic_blocks", ())):
            raise TransactionOpen(connection.alias)


_PLAIN_HTTP = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")  # OpenSSL's names of it


def _reason(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        # Plain http on that port is no bad certificate.
        return "no https" if any(word in str(error) for word in _PLAIN_HTTP) else "TLS"
    if isinstance(error, requests.exceptions.Timeout):
        return "timeout"
    if isinstance(error, socket.gaierror) or "resolve" in str(error).lower():
        return "DNS"
    return "connection"


def call(
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    max_bytes: int = MAX_BYTES,
    deadline_s: float = DEADLINE_S,
    label: str = "",
) -> Answer:
    """One request and its whole answer, whatever the status. `label`: what the call is for, in the log of calls; else
    method and path. Raises NoAnswer, AddressRefused."""
    _assert_no_request(label or method)
    _assert_no_transaction()
    parts, own = _check_address(url)
    started, label = time.monotonic(), label or f"{method} {parts.path}"
    failures, left_alone = breaker.known_trouble(parts.netloc)
    try:
        if left_alone is not None:
            raise LeftAlone(reason="left alone", after=left_alone)
        deadline_s = min(deadline_s, left())
        if deadline_s < _LEAST_S:
            raise NoAnswer(reason="timeout")
        answer = _call(method, url, parts, own, params, headers, body, max_bytes, deadline_s)
    except (NoAnswer, AddressRefused) as error:
        if error.params["reason"] in _NOBODY and deadline_s >= _FAIR_S:
            breaker.failed(parts.netloc)
        _tell(label, error.params["reason"], started)
        raise
    if failures:
        breaker.worked(parts.netloc)
    where = f"{parts.netloc}{parts.path}"
    cached = caches.answered(where, answer.headers, answer.body) if method == "GET" else ""
    _tell(label, answer.status, started, cached)
    return answer


def _address(parts: SplitResult, within_s: float) -> str:
    assert parts.hostname
    try:
        return names.public_address(parts.hostname, parts.port or 443, blocked=_BLOCKED, within_s=within_s)
    except names.NotPublic:
        raise AddressRefused(reason="IP") from None
    except TimeoutError:
        raise NoAnswer(reason="timeout") from None
    except OSError:
        raise NoAnswer(reason="DNS") from None


def _call(
    method: str,
    url: str,
    parts: SplitResult,
    own: bool,
    params: Mapping[str, str] | None,
    headers: Mapping[str, str] | None,
    body: bytes | None,
    max_bytes: int,
    deadline_s: float,
) -> Answer:
    started = time.monotonic()
    adapter = _Watched() if own else _Pinned(_address(parts, deadline_s))
    session = requests.Session()
    session.trust_env = False
    with Watch(max(0.0, deadline_s - (time.monotonic() - started))) as watch, session:
        adapter.watch = watch
        session.mount(f"{parts.scheme}://", adapter)
        try:
            with session.request(
                method,
                url,
                params=params,
                headers={"User-Agent": "MCI", "Accept-Encoding": "identity", **(headers or {})},
                data=body,
                timeout=(CONNECT_S, READ_S),
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.headers.get("Content-Encoding", "identity") not in ("identity", ""):
                    raise NoAnswer(reason="encoding")
                received = bytearray()
                for chunk in response.iter_content(_CHUNK):
                    received += chunk
                    if len(received) > max_bytes:
                        raise NoAnswer(reason="size")
        except (requests.RequestException, OSError, ValueError) as error:
            # The exception's text may hold the address with its query, and so a secret: it is not passed on.
            reason = "timeout" if watch.fired else _reason(error)
            log.info("%s %s%s: %s", method, parts.netloc, parts.path, reason)
            raise NoAnswer(reason=reason) from None
        if watch.fired:  # a socket shut by the watch reads like a clean end
            raise NoAnswer(reason="timeout")
    seconds = time.monotonic() - started
    log.info("%s %s%s: %s in %.2f s", method, parts.netloc, parts.path, response.status_code, seconds)
    return Answer(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=bytes(received),
        seconds=seconds,
    )
