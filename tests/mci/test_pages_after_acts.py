"""Every page after each of its own acts: every form of every page is sent by each of its buttons as a person would, and
sent once more (two tabs, a second click); what follows, the page itself and its neighbours are visited again. Then all
acts one after the other from pages that are stale by then, and every page by every role."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction

from core.postgresql.owner import as_owner
from tests.mci import poison
from tests.mci.filled import Act, Reader, acts
from tests.mci.poison import route_of, some, turn
from tests.mci.test_pages_in_states import World, addresses, body, client_of, empty, one
from tests.mci.test_poison import first, world  # noqa: F401 - world is a fixture

pytestmark = pytest.mark.django_db
SIGNS_OUT = {"account_logout"}
SHELL = {"accounts:language", "accounts:theme"}  # on every page the same
MEANT = (200, 302, 303, 400, 403, 404, 405, 409, 413, 422, 429)
# What need not say what it did: it is seen at once, or nothing was to be done.
QUIET = {"accounts:language", "accounts:theme", "orders:new", "orders:edit", "orders:preview"}


@pytest.fixture(autouse=True)
def _no_log() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def sheets(client: Any, world: World, role: str) -> dict[tuple[str, str, str], Act]:  # noqa: F811
    """Each act once per page's route, address' route and shape."""
    found: dict[tuple[str, str, str], Act] = {}
    for name, address in turn(addresses(world), 3, role) if role in ("orders", "accounting") else addresses(world):
        answer = client.get(address)
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        for act in acts(address, body(answer)):
            route = route_of(act.action)
            if route and route not in SIGNS_OUT:
                found.setdefault(("" if route in SHELL else name, route, act.shape), act)
    return found


def plain(text: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken|name="key" value)[^>]*', "", text)


def follow(client: Any, answer: Any, wrong: list[str], where: str) -> str:
    """Where an answer leads, to its end; what is read there."""
    for _step in range(6):
        if answer.status_code not in MEANT:
            error = answer.exc_info[1] if getattr(answer, "exc_info", None) else None
            why = f"{error!r} {getattr(error, '__context__', None)!r}"[:400] if error else ""
            wrong.append(f"{where}: {answer.status_code} {why}")
            return ""
        if answer.status_code not in (302, 303):
            return body(answer)
        if answer.url.startswith("http"):
            return "elsewhere"
        where = f"{where} → {answer.url}"
        answer = client.get(answer.url)
    wrong.append(f"{where}: goes round in a circle")
    return ""


def send(client: Any, act: Act) -> Any:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{act.page}"} if act.htmx else {}
    return client.post(act.action, act.data, headers={"Referer": f"http://testserver{act.page}", **headers})


def says(text: str, before: str) -> bool:
    """Whether a reader learns what became of the act: a message, an error, or a page that is another now."""
    return "data-level=" in text or 'role="alert"' in text or plain(text) != plain(before)


@pytest.mark.long
@pytest.mark.parametrize("role", ["owner", "staff", "orders", "accounting"])
def test_every_page_stands_after_each_of_its_acts(world: World, role: str) -> None:  # noqa: F811
    client = client_of(world.people.get(role) or _colleague(world, role))
    wrong: list[str] = []
    silent: list[str] = []
    around = [address for _name, address in first(world).items() if client.get(address).status_code == 200]
    found = sheets(client, world, role)
    part = 1 if poison.DEEP else 3  # a colleague's pages are every third
    assert len(found) > {"owner": 80, "staff": 20, "orders": 20 // part, "accounting": 5 // part}[role], len(found)
    # The owner's buttons are his people's too: of those a part is tried, to see that it is refused as it should be.
    tried = turn(found.values(), 4, role) if role in ("owner", "staff") else some(list(found.values()), 12, role)
    for act in tried:
        cookies = deepcopy(client.cookies)
        with transaction.atomic():
            before = body(client.get(act.page))
            for time in ("", " again"):
                said = follow(client, send(client, act), wrong, f"{act}{time}")
                if not act.htmx and route_of(act.action) not in QUIET and said and not says(said, before):
                    silent.append(f"{act}{time}")
                for address in (act.page, *(some(around, 1, str(act)) if time else ())):
                    follow(client, client.get(address), wrong, f"{address} after {act}{time}")
            transaction.set_rollback(True)
        client.cookies = cookies
    assert not wrong, "\n".join(sorted(set(wrong))[:60])
    assert not silent, "says nothing:\n" + "\n".join(sorted(set(silent))[:60])


def _colleague(world: World, role: str) -> Any:  # noqa: F811
    from tests import cast

    with as_owner():
        return cast.member(cast.Dropshipper.objects.get(pk=world.has["seller"]), role=role)


STATES = {"empty": empty, "one": one}


@pytest.mark.long
@pytest.mark.parametrize("state", [*STATES, "whole"])
def test_every_page_stands_after_all_acts_in_any_order(state: str, request: Any, settings: Any) -> None:
    """All forms are read first and sent afterwards: each is stale by what the others did."""
    settings.MEDIA_ROOT = "/nonexistent"
    made: World = request.getfixturevalue("world") if state == "whole" else STATES[state]()
    wrong: list[str] = []
    roles = ("owner", "staff")
    clients = {role: client_of(made.people[role]) for role in roles}
    todo = [(role, act) for role in roles for act in sheets(clients[role], made, role).values()]
    random.Random(poison.seed).shuffle(todo)
    for role, act in turn(todo, 3, state):
        if re.search(r"session|password|factor|passkey|/email/", act.action):
            continue  # it ends the reader's own session
        follow(clients[role], send(clients[role], act), wrong, f"{role} {act}")
    for role, client in clients.items():
        for _name, address in turn(addresses(made), 3, f"{state} {role}"):
            follow(client, client.get(address), wrong, f"{role} {address} after all")
    assert not wrong, "\n".join(sorted(set(wrong))[:60])


def test_a_form_is_read_as_a_browser_sends_it() -> None:
    text = """<form method="post" action="/a/" id="f"><input name="a" value="1">
      <input type="checkbox" name="b" value="x">
      <input type="checkbox" name="c" checked><input name="amount" required><select name="s"><option value="">-</option>
      <option value="2">two</option></select><select name="t" required><option value="">-</option><option value="3">x
      </option></select><textarea name="n">due righe</textarea><button name="do" value="go">Go</button>
      <button type="button" name="no">No</button></form><button form="f" formaction="/b/">B</button>"""
    one, two = acts("/p/", text)
    assert one.data == {
        "a": ["1"], "amount": ["25,00"], "s": [""], "t": ["3"], "n": ["due righe"], "c": ["on"], "do": ["go"],
    }  # fmt: skip
    assert (one.action, two.action, two.data.get("do")) == ("/a/", "/b/", None)
    assert len(Reader("/", text).sheets) == 1
