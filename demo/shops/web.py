"""A request and a response as the fake shops see them."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl


@dataclass
class Request:
    """One HTTP request. `path` has no prefix of the public URL and no `/index.php`; `full_path` is as it was sent."""

    method: str
    path: str
    full_path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes = b""
    https: bool = False
    loopback: bool = True

    def param(self, name: str, default: str = "") -> str:
        for key, value in reversed(self.query):
            if key == name:
                return value
        return default

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def cookie(self, name: str) -> str:
        for part in self.header("Cookie").split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                return value
        return ""


@dataclass
class Response:
    status: int = 200
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)


def html(text: str, status: int = 200) -> Response:
    return Response(status, text.encode(), [("Content-Type", "text/html; charset=UTF-8")])


def redirect(location: str, status: int = 302) -> Response:
    return Response(status, b"", [("Location", location)])
