"""Requests the shop makes itself (webhooks, pings, the keys of wc-auth), with the headers in the order given."""

import http.client
import ipaddress
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """Status of the answer, or 0 and why there was none. `headers` keys are lower case."""

    status: int
    error: str = ""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_refused_by_wordpress(url: str) -> bool:
    """wp_http_validate_url(): private or loopback hosts, and ports other than 80, 443 and 8080, are not called."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        private = not ipaddress.ip_address(host).is_global
    except ValueError:
        private = host == "localhost"
    return private or (parts.port or 80) not in (80, 443, 8080)


def post(url: str, headers: list[tuple[str, str]], body: bytes, timeout: float) -> Answer:
    """One POST. Redirects are never followed. Host goes first and Content-Length last, as seen on the wire."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        if is_loopback(host):  # a certificate made on a laptop for the laptop itself cannot be checked
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.putrequest("POST", target, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        received = response.read(1_000_000)
        return Answer(
            response.status, body=received, headers={name.lower(): value for name, value in response.getheaders()}
        )
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, type(error).__name__)
    finally:
        connection.close()
