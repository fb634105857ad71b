"""What every answer carries, whoever gave it; what is refused unread; what stands in no cache and in no line of log."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.test import Client, RequestFactory

from mci.operation.logs import OneLine
from mci.web import edge
from mci.web.bodies import Bodies
from tests import cast
from tests.mci.test_pages_in_states import World, addresses, client_of
from tests.mci.test_poison import first, world  # noqa: F401 - world is a fixture

ALWAYS = (*edge.HEADERS, "Content-Security-Policy")


def bare(answer: Any, is_public: bool = False) -> list[str]:
    """What an answer lacks."""
    found = [name for name in ALWAYS if not answer.headers.get(name)]
    if "default-src 'none'" not in answer.headers.get("Content-Security-Policy", ""):
        found.append("a policy that begins with nothing")
    if not is_public and "no-store" not in answer.headers.get("Cache-Control", ""):
        found.append("no-store")
    return found


@pytest.mark.long
@pytest.mark.django_db
def test_every_answer_of_every_address_has_its_headers(world: World) -> None:  # noqa: F811
    wrong, seen = [], set()
    for person in world.people.values():
        client = client_of(person)
        for name, address in first(world).items():
            for method in ("get", "post", "put", "options"):
                if name == "account_logout" and method == "post":
                    continue
                answer = getattr(client, method)(address)
                seen.add(answer.status_code)
                lacks = bare(answer, is_public=address.startswith(("/webhooks/", "/media/", "/static/")))
                if lacks:
                    wrong.append(f"{method} {address} {answer.status_code}: {lacks}")
    assert {200, 302, 400, 401, 403, 404, 405} <= seen
    assert not wrong, wrong[:10]


@pytest.mark.long
@pytest.mark.django_db
def test_pages_go_compressed_but_for_those_whose_length_must_say_nothing(world: World) -> None:  # noqa: F811
    """A page that shows a key beside what a stranger chose tells the key by its length (BREACH)."""
    squeezed, plain = set(), set()
    for person in world.people.values():
        client = client_of(person)
        for address in first(world).values():
            answer = client.get(address, headers={"Accept-Encoding": "gzip"})
            is_page = answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming
            if is_page and answer.status_code == 200 and len(answer.content) > 200:
                (squeezed if answer.headers.get("Content-Encoding") == "gzip" else plain).add(address)
    keys = re.compile(r"/account/|/shops/connect|/shops/\d+/reconnect/")
    assert {address for address in plain if not keys.match(address)} == set()
    assert {address for address in squeezed if keys.match(address)} == set()
    assert any(address.endswith("/reconnect/") for address in plain), "keys are typed there too"
    assert len(plain) > 8
    assert len(squeezed) > 40


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "path", "how"),
    [
        (200, "/healthz", {}),
        (400, "/orders/?q=%00", {}),
        (404, "/nowhere/", {}),
        (404, "/static/nothing.css", {}),
        (404, "/media/nothing.webp", {}),
        (200, "/static/mci/mci.css", {}),
        (401, "/webhooks/woocommerce/unknown/", {"method": "POST"}),
        (405, "/webhooks/woocommerce/unknown/", {}),
        (413, "/account/login/", {"method": "POST", "CONTENT_LENGTH": str(6 * 1024 * 1024)}),
        (413, "/webhooks/woocommerce/unknown/", {"method": "POST", "CONTENT_LENGTH": str(6 * 1024 * 1024)}),
        (411, "/account/login/", {"method": "POST", "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}),
    ],
)
def test_answers_of_every_layer_have_their_headers(status: int, path: str, how: dict[str, Any]) -> None:
    method = how.pop("method", "GET")
    answer = Client().generic(method, path, content_type="application/x-www-form-urlencoded", **how)
    assert answer.status_code == status
    assert not bare(answer, is_public=path.startswith(("/static/", "/media/", "/webhooks/")))


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["mci.pages.dashboard.dashboard", "accounts.middleware.TenantMiddleware.__call__"])
def test_a_fault_has_them_too(monkeypatch: Any, where: str) -> None:
    """In a view, and in a middleware outside of those that used to set them."""
    owner = cast.member(cast.dropshipper())
    client = client_of(owner)
    module, _dot, name = where.rpartition(".")

    def broken(*args: Any, **kwargs: Any) -> HttpResponse:
        raise RuntimeError

    if name == "__call__":
        from accounts.middleware import TenantMiddleware

        monkeypatch.setattr(TenantMiddleware, "__call__", broken)
    else:
        from mci.pages import dashboard

        monkeypatch.setattr(dashboard, "figures", None)
    answer = client.get("/")
    assert answer.status_code == 500, module
    assert not bare(answer)
    assert "script-src 'self'" in answer["Content-Security-Policy"]  # it is a page


def test_without_the_edge_they_are_missing() -> None:
    """The negative control: what the health check answers by itself."""
    assert bare(HttpResponse("ok\n", content_type="text/plain"))


def test_https_is_said_to_last_in_production(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    headed = edge.EdgeMiddleware(lambda _request: HttpResponse())
    said = headed(RequestFactory().get("/healthz", HTTP_X_FORWARDED_PROTO="https"))
    assert "Strict-Transport-Security" in said.headers
    assert "Strict-Transport-Security" not in headed(RequestFactory().get("/healthz")).headers


@pytest.mark.django_db
def test_what_lies_in_media_is_never_a_page_of_ours(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    for name in ("x.html", "x.svg", "x.xhtml", "x", "x.js"):
        (tmp_path / name).write_text("<script>alert(1)</script>")
        answer = Client().get(f"/media/{name}")
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"] == "attachment"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
    (tmp_path / "x.webp").write_bytes(b"RIFF")
    answer = Client().get("/media/x.webp")
    assert answer["Content-Type"] == "image/webp"
    assert "no-store" not in answer.get("Cache-Control", "")


@pytest.mark.long
@pytest.mark.django_db
def test_files_of_a_reseller_stand_in_no_cache(world: World) -> None:  # noqa: F811
    client = client_of(world.people["owner"])
    files = 0
    for _name, address in addresses(world):
        answer = client.get(address)
        if "attachment" in answer.headers.get("Content-Disposition", ""):
            files += 1
            assert "no-store" in answer["Cache-Control"], address
            name = answer["Content-Disposition"]
            assert "\n" not in name, name
            assert name.count('"') in (0, 2), name
    assert files > 5


@pytest.mark.django_db
def test_a_form_that_is_too_large_has_a_page_that_says_so(monkeypatch: Any) -> None:
    answer = Client(headers={"Accept-Language": "it"}).post("/account/login/", CONTENT_LENGTH=str(10**9))
    assert answer.status_code == 413
    monkeypatch.setattr("django.http.request.HttpRequest.body", property(_too_big))
    answer = Client().post("/account/login/", {"login": "x" * 100}, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413


def _too_big(request: Any) -> bytes:
    raise RequestDataTooBig


# Bodies, as granian hands them over


def gathered(path: str, body: bytes, **environ: Any) -> tuple[dict[str, Any], bytes | None]:
    """The environment that Django gets, and what it reads; None for a body that broke off."""
    got: dict[str, Any] = {}

    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        got.update(environ)
        try:
            got["read"] = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        except OSError:
            got["read"] = None
        return []

    given = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
    Bodies(application)({**given, **environ}, lambda *_args: None)
    return got, got["read"]


def test_a_webhook_in_pieces_is_read_whole() -> None:
    got, read = gathered("/webhooks/woocommerce/key/", b"x" * 1000)
    assert (got["CONTENT_LENGTH"], read) == ("1000", b"x" * 1000)


def test_of_a_webhook_in_pieces_no_more_than_the_limit_is_read(settings: Any) -> None:
    settings.WEBHOOK_MAX_BYTES = 100
    stream = io.BytesIO(b"x" * 10_000)
    got, _read = gathered("/webhooks/woocommerce/key/", b"", **{"wsgi.input": stream})
    assert got["CONTENT_LENGTH"] == "101"
    assert stream.tell() == 101


def test_elsewhere_a_body_of_no_length_is_not_read() -> None:
    stream = io.BytesIO(b"x" * 10_000)
    got, _read = gathered("/orders/new/", b"", **{"wsgi.input": stream})
    assert "CONTENT_LENGTH" not in got
    assert stream.tell() == 0


def test_half_a_body_is_none() -> None:
    assert gathered("/orders/plan/", b"order=1&order=2", CONTENT_LENGTH="15")[1] == b"order=1&order=2"
    assert gathered("/orders/plan/", b"order=1&or", CONTENT_LENGTH="15")[1] is None


# Lines of log


def test_nobody_outside_writes_a_line_of_log() -> None:
    said = logging.LogRecord(
        "mci", logging.WARNING, __file__, 1, "Not Found: %s", ("/x\n2026 ERROR mci paid\x1b[2K\u2028",), None
    )
    line = OneLine("%(levelname)s %(message)s").format(said)
    assert line == "WARNING Not Found: /x\\x0a2026 ERROR mci paid\\x1b[2K\\x2028"


def test_nor_by_the_words_of_an_error() -> None:
    try:
        raise ValueError("bad\n2026 ERROR mci paid")
    except ValueError as error:
        said = logging.LogRecord("mci", logging.ERROR, __file__, 1, "no", (), (type(error), error, error.__traceback__))
    lines = OneLine("%(levelname)s %(message)s").format(said).splitlines()
    assert [line for line in lines if not line.startswith("  ")] == ["ERROR no"]
