"""Every page, with data on it, meets what a page must: accessible in both themes, never wider than the window, a clean
console under the strict policy, one title and one heading, a way past the menu. A page without an entry here fails.

`MCI_SHOTS=folder` keeps a picture of each."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, resolve, reverse

from tests import cast
from tests.journeys import world
from tests.journeys.addresses import OTHERS, READERS
from tests.journeys.eyes import LAYOUT, NARROW, faults, menus, picture, settle, spilled, wider
from tests.mci import poison
from tests.mci.poison import turn

SAMPLES = {"int": 1, "slug": "woocommerce", "uuid": uuid.UUID(int=0), "str": "a", "path": "a"}


def addresses(resolver: Any, namespace: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, arguments that fit) of every address but the administration's own."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            known = getattr(entry.pattern, "converters", {})
            names = {type(converter).__name__: kind for kind, converter in _kinds().items()}
            arguments = {name: SAMPLES[names[type(converter).__name__]] for name, converter in known.items()}
            if entry.name is not None:
                yield (f"{namespace}:{entry.name}" if namespace else entry.name), arguments
        elif entry.namespace not in ("admin", "api"):  # programs: tests/api
            yield from addresses(entry, entry.namespace or namespace)


def _kinds() -> dict[str, Any]:
    from django.urls import converters

    return converters.get_converters()


@pytest.mark.django_db
def test_every_page_has_an_entry_here(client: Client) -> None:
    listed = set(OTHERS).union(*READERS.values())
    found = dict(addresses(get_resolver()))
    missing = [
        name
        for name, arguments in found.items()
        # What refuses a GET is no page.
        if name not in listed and client.get(reverse(name, kwargs=arguments)).status_code != 405
    ]
    assert missing == []
    assert [name for name in listed - {"media"} if name not in found] == []


def _look(page: Any, name: str, number: int = 0, opened: set[str] | None = None) -> list[str]:
    """What is wrong with the page that is open, the `number`-th of its list. `opened`: menus that were looked at."""
    wrong = []
    facts = page.evaluate(
        """() => ({lang: document.documentElement.lang, title: document.title,
            headings: [...document.querySelectorAll("h1")].map((node) => node.innerText.trim()),
            main: document.querySelectorAll("main").length})"""
    )
    if facts["lang"] != "it":
        wrong.append(f"language {facts['lang']}")
    if len(facts["title"].split("·")[0].strip()) < 2:
        wrong.append(f"title {facts['title']!r}")
    if len(facts["headings"]) != 1 or not facts["headings"][0] or facts["main"] != 1:
        wrong.append(f"headings {facts['headings']}, {facts['main']} main")
    if not page.evaluate(
        "document.activeElement?.closest('main, dialog')"
    ):  # a page may put the focus where it is needed
        page.keyboard.press("Tab")
        settle(page)
        skip = page.evaluate(
            """() => { const node = document.activeElement, box = node.getBoundingClientRect();
                return node.matches(".skip") && box.top >= 0 && box.left >= 0 && box.height > 20; }"""
        )
        if skip:
            page.keyboard.press("Enter")
        if not skip or page.evaluate("document.activeElement?.id") != "content":
            wrong.append("no way past the menu")
    opened = set() if opened is None else opened
    wrong += menus(page, opened, name)
    page.set_viewport_size({"width": 390, "height": 844})
    wrong += menus(page, opened, name)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true; })")
    for (width, height, scheme), rules in LOOKS[number % 2].items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        seen = [*spilled(page), *filter(None, [wider(page)])] if rules is NONE else faults(page, rules)
        wrong += [f"{width}, {scheme}: {fault}" for fault in seen]
        picture(page, f"{name}-{width}-{scheme}")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")
    return wrong


# Light and dark change places from one address to the next: what all pages share is seen in all four ways.
NONE: list[str] = []
LOOKS = (
    {(1440, 900, "light"): None, (390, 844, "dark"): LAYOUT, (320, 900, "dark"): NONE, (1024, 900, "dark"): NARROW},
    {(1440, 900, "dark"): LAYOUT, (390, 844, "light"): None, (320, 900, "light"): NONE, (1024, 900, "light"): NARROW},
)
# A reader's pages in parts, each with a world of its own, so that no test is much longer than the others.
PARTS = {
    "nobody": READERS["nobody"],
    "waiting": READERS["waiting"],
    "fresh": READERS["fresh"],
    "staff": READERS["staff"],
    **{
        f"seller-{part}": {name: paths for name, paths in READERS["seller"].items() if name.startswith(rooms)}
        for part, rooms in {
            "shops": ("connectors:", "catalog:"),
            "rest": ("orders:", "shipping:", "mci:", "accounts:", "account_", "wallet:"),
        }.items()
    },
}


def test_every_entry_is_looked_at() -> None:
    for reader, pages in READERS.items():
        parts = [part for name, part in PARTS.items() if name.partition("-")[0] == reader]
        assert set(pages) == set().union(*parts)


@pytest.mark.parametrize("part", list(PARTS))
def test_every_page_is_for_everyone(part: str, new_page: Any, sign_in: Any, console: Any) -> None:
    reader = part.partition("-")[0]
    person, made = world.build(reader)
    page = new_page()
    if person is not None:
        sign_in(page, person)
    found: dict[str, list[str]] = {}
    opened: set[str] = set()
    addresses = turn([(name, path) for name, paths in PARTS[part].items() for path in paths], 5, part)
    for number, (name, path) in enumerate(addresses):
        address = path.format(**made)
        assert resolve(address.split("?")[0]).view_name == name
        answer = page.goto(address)
        wrong = [] if (answer.status, page.url.endswith(address)) == (200, True) else [f"{answer.status} {page.url}"]
        wrong += _look(page, f"{reader}{path}", number + poison.seed, opened)
        wrong += [f"console: {line}" for line in console]
        console.clear()
        if wrong:
            found[address] = wrong
    assert not found, "\n".join(f"{address}: {fault}" for address, wrong in found.items() for fault in wrong)


def test_the_theme_of_the_settings_is_stronger_than_the_browser(new_page: Any, sign_in: Any) -> None:
    owner = cast.member(cast.dropshipper())
    page = new_page(color_scheme="light")
    sign_in(page, owner)
    backgrounds = {}
    for theme in ("auto", "light", "dark"):
        owner.theme = theme
        owner.save()
        page.goto("/orders/new/")
        assert faults(page) == [], theme
        backgrounds[theme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert backgrounds["auto"] == backgrounds["light"] != backgrounds["dark"]


def answers(**fields: Any) -> Any:
    """A route's handler that answers with what it is given."""

    def handle(route: Any) -> None:
        route.fulfill(**fields)

    return handle


def test_every_error_page_is_for_everyone(new_page: Any, sign_in: Any, console: Any) -> None:
    from django.contrib.auth.models import AnonymousUser
    from django.template.loader import render_to_string

    from mci.web import errors

    page = new_page()
    found: dict[str, list[str]] = {}

    def look(name: str, status: int) -> None:
        answer = page.goto(f"/{name}/")
        assert answer.status == status
        wrong = _look(page, f"error-{name}-{status}")
        console.expect(str(status))
        wrong += [f"console: {line}" for line in console]
        console.clear()
        if wrong:
            found[f"{name} {status}"] = wrong

    look("nowhere", 404)
    sign_in(page, cast.member(cast.dropshipper(), role="accounting"))
    look("nowhere", 404)
    look("orders/new", 403)

    def plain(template: str) -> str:
        request: Any = RequestFactory().get("/")
        request.user, request.session = AnonymousUser(), {}
        return render_to_string(template, request=request)

    policy = page.goto("/settings/").headers["content-security-policy"]
    pages = {
        400: plain("400.html"),
        403: plain("403_csrf.html"),
        429: plain("429.html"),
        500: errors.server_error(RequestFactory().get("/")).content.decode(),
    }
    for status, body in pages.items():
        headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": policy}
        page.route(f"**/as-{status}/", answers(status=status, body=body, headers=headers))
        look(f"as-{status}", status)
    assert not found, "\n".join(f"{address}: {fault}" for address, wrong in found.items() for fault in wrong)
