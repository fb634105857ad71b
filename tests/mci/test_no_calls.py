"""Who answers a request calls nobody: whoever is slow outside would hold the threads that all pages share. The guard is
in core/http.py; every address, read and sent, shows that nothing meets it."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.test import Client, RequestFactory

from connectors.connect import acts
from connectors.models import ConnectAttempt, Shop
from core import http
from core.requests import NoCallsMiddleware
from demo.shops.woocommerce import FakeShop
from tests.connectors.conftest import KEY, SECRET, make_shop
from tests.mci.poison import turn
from tests.mci.test_pages_in_states import World, addresses, client_of, many
from tests.test_house import ROOT, imports, name, sources

pytestmark = pytest.mark.django_db
REFUSED = "A call within a request was refused"


def calls_out(fake: Any) -> Any:
    def view(_request: Any) -> HttpResponse:
        return HttpResponse(http.call("GET", f"{fake.url}/", label="front page").body)

    return view


def test_a_view_that_calls_out_is_stopped_before_anybody_is_called(caplog: pytest.LogCaptureFixture) -> None:
    with FakeShop() as fake:
        request = RequestFactory().get("/")
        with pytest.raises(http.RequestThread, match="front page"):
            NoCallsMiddleware(calls_out(fake))(request)
        assert REFUSED in caplog.text
        assert not fake.requests
        assert calls_out(fake)(request).status_code == 200  # the same without the guard, and after a request: a worker
        assert len(fake.requests) == 1


def test_the_guard_is_around_all_that_answers() -> None:
    assert django_settings.MIDDLEWARE[0] == "core.requests.NoCallsMiddleware"


@pytest.mark.long
def test_no_address_calls_anybody_whoever_reads_it_or_sends_to_it(
    settings: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what each form of a shop would send, and with nothing in it; a fault that swallows the guard is seen in the
    log all the same."""
    settings.MEDIA_ROOT = "/nonexistent"
    monkeypatch.setattr(acts, "MOST_BEGUN", 100)  # else what the world has begun already refuses the form
    world = many()
    live = make_shop(world.people["owner"].member.dropshipper, address="http://127.0.0.1:11")
    bodies: list[dict[str, Any]] = [{}, {"mode": "keys", "address": "http://127.0.0.1:12", "consumer_key": KEY}]
    bodies[1] |= {"consumer_secret": SECRET, "on": "on", "buffer": "0", "do": "off", "shop": live.pk, "next": "/"}
    broken = []
    for role in ("owner", "staff"):
        for _route, address in _each(world, live):
            client = client_of(world.people[role])  # some of what is sent ends the session
            for answer in [client.get(address), *(client.post(address, body) for body in bodies)]:
                if answer.status_code >= 500:
                    broken.append(f"{role} {address}: {answer.status_code}")
    assert broken == []
    assert REFUSED not in caplog.text
    assert Shop.objects.filter(pk=live.pk, state="gone").exists()  # its buttons were pressed
    begun = ConnectAttempt.objects.filter(address="http://127.0.0.1:12").values_list("tries", flat=True)
    assert set(begun) == {0}  # there are some, which nobody has tried


BEGINS = ("connectors:connect",)


def _each(world: World, live: Any) -> list[tuple[str, str]]:
    """Each address, those of a shop also for one that answers nobody; what ends it comes last, and the form that begins
    a connection first, before other acts have used up how often one may try."""
    known = world.has["shop"]
    more = {(route, at.replace(f"/{known}/", f"/{live.pk}/")) for route, at in addresses(world) if f"/{known}/" in at}
    each = dict(addresses(world))
    found = turn(sorted(set(each.items()) - more), 2, "addresses") + [(route, each[route]) for route in BEGINS]
    return sorted({*found, *more}, key=lambda one: ("disconnect" in one[0], one[0] not in BEGINS, one))


def test_shops_that_bring_an_answer_wait_for_nobody(caplog: pytest.LogCaptureFixture) -> None:
    for slug in django_settings.PLATFORMS:
        for body in ({"user_id": "x", "code": "x" * 30, "state": "x"}, {}):
            Client().post(f"/connect/{slug}/callback/", body, content_type="application/json")
            Client().post(f"/webhooks/{slug}/key/", body, content_type="application/json")
    assert REFUSED not in caplog.text


# Modules that call shops, for workers alone.
CALLERS = {"attempts", "establishing", "health", "proof", "adoption", "walks", "credentials"}


def test_no_view_has_a_module_at_hand_that_calls_shops() -> None:
    found = [
        f"{name(path)}: {module}"
        for path in sources("connectors")
        if path.stem.endswith("views") or path.stem in ("webhooks", "admin", "urls")
        for module in imports(path)
        if module.removeprefix("connectors.") in CALLERS
    ]
    assert found == []
    verbs = {"compare", "prove", "check", "do_due", "advance_due", "pull_due", "tell_due"}
    called = [
        f"{name(path)}:{node.lineno}"
        for path in sources("connectors")
        if path.stem.endswith("views")
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in verbs
    ]
    assert called == []
