"""Every page of the portal speaks the reader's language: no English word on an Italian page, no Italian one on an
English page, in the states of the journeys' world, with each page's own errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from tests.mci.admin_pages import Said, tokens
from tests.mci.filled import acts
from tests.mci.poison import DEEP, route_of, turn
from tests.mci.test_admin_words import BOTH, _data, _english, _italian
from tests.mci.test_pages_in_states import World, addresses, body, client_of
from tests.mci.test_poison import _no_log, world  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
# The same in both languages; buttons, menus and rights as a platform writes them; what a person of the world typed.
NAMES = {"csv", "excel", "pin", "javascript", "spam", "tag", "hosting", "firewall", "computer", "python", "beat", "www"}
NAMES |= {"austria", "malta", "slovenia", "marino", "omnibus", "dropshipping", "connector", "conti"}
NAMES |= {"dpi", "logo"}
NAMES |= {"admin", "settings", "apps", "client", "secret", "consumer", "key", "redirect", "urls", "release", "versions"}
NAMES |= {"dashboard", "dev", "from", "start", "fulfillment", "inventory", "locations", "shpat", "myshop", "myshopify"}
NAMES |= {"statement", "verifiable", "verify"}  # names of files
NAMES |= {"application", "authorization", "bearer", "length", "idempotency", "ascii"}  # headers of the API
NAMES |= {"zero"}


TURNS = 1 if DEEP else 3  # a run reads every third page, in both languages


def foreign_words(world: World, role: str, language: str) -> list[str]:  # noqa: F811
    person = world.people[role]
    client = client_of(person) if person else Client(raise_request_exception=False)
    if person:
        person.language = language
        person.save()
    client.cookies["django_language"] = language
    foreign = _english() - _italian() if language == "it" else _italian() - _english()
    foreign -= BOTH | NAMES | _data(everything=True)
    wrong: dict[str, str] = {}

    def look(where: str, text: str) -> None:
        for part in Said(text).parts:
            if bad := tokens(part) & foreign:
                wrong.setdefault(f"{sorted(bad)} in {' '.join(part.split())[:90]!r}", where)

    pages = 0
    for _name, address in turn(addresses(world), TURNS, role) if role != "nobody" else addresses(world):
        answer = client.get(address)
        text = body(answer)
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        pages += 1
        look(address, text)
        for act in acts(address, text):
            if route_of(act.action).startswith(("account", "mfa")) or act.htmx:
                continue
            with transaction.atomic():
                empty = {
                    name: ["" for _v in values] if name in act.shown else values for name, values in act.data.items()
                }
                answer = client.post(act.action, empty)
                if answer.status_code == 422:
                    look(f"{address} refused", body(answer))
                transaction.set_rollback(True)
    assert pages > {"owner": 90 // TURNS, "staff": 25 // TURNS, "nobody": 5}[role], pages
    return [f"{words}: {place}" for words, place in sorted(wrong.items())]


@pytest.mark.long
@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("role", ["owner", "staff", "nobody"])
def test_no_word_of_another_language_on_any_page(world: World, role: str, language: str) -> None:  # noqa: F811
    assert not (found := foreign_words(world, role, language)), "\n".join(found)


def test_a_translator_of_the_browser_leaves_codes_alone() -> None:
    """A secret, a code of recovery or of pairing is copied letter by letter: a browser that translates pages would
    change the letters that happen to be a word."""
    templates = Path(settings.BASE_DIR, "templates").rglob("*.html")
    open_to_it = [
        f"{page.name}: {tag}"
        for page in templates
        for tag in re.findall(r"<(?:code|samp)\b[^>]*>", page.read_text())
        if 'translate="no"' not in tag
    ]
    assert not open_to_it
