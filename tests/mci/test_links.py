"""Only addresses of the web become links: whatever a shop, a clerk or an address bar says."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from core import strict
from tests.mci.poison import Page
from tests.mci.test_pages_in_states import World, body, client_of
from tests.mci.test_poison import first, world  # noqa: F401 - world is a fixture

pytestmark = pytest.mark.django_db
RUN = "javascript:alert(1)//{tracking}"
EVIL = (RUN, "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>", "\tjavascript:alert(1)", "vbscript:x")
HARMLESS = {"", "http", "https", "mailto", "tel"}


def running(page: Page) -> list[tuple[str, str, str]]:
    """Links that a browser would run, or show as a page of ours; pictures may be data."""
    found = []
    for tag, name, link in page.links:
        scheme = urlsplit("".join(link.split()).lower()).scheme if ":" in link else ""
        if scheme not in HARMLESS and not (tag == "img" and link.startswith("data:image/")):
            found.append((tag, name, link))
    return found


def test_the_crawl_would_see_one() -> None:
    """The negative control."""
    assert running(Page("/", '<a href=" java\nscript:alert(1)">x</a><form action="data:text/html,x"></form>'))
    assert not running(Page("/", '<a href="https://a.example/?q=javascript:x">x</a><a href="?q=a:b">y</a>'))


@pytest.mark.long
@pytest.mark.parametrize("evil", EVIL[:3:2])  # each on every second page
def test_no_page_leads_to_a_script(world: World, evil: str) -> None:  # noqa: F811
    from connectors.models import ConnectAttempt, Listing, PublishItem, Shop
    from shipping.models import Courier

    for name in ("shop", "broken"):
        Shop.objects.filter(pk=world.has[name]).update(address=f"{evil}{name}")
    Listing.objects.update(url=evil, off_at=None)
    PublishItem.objects.update(url=evil)
    ConnectAttempt.objects.update(address=evil)
    Courier.objects.update(tracking_url=evil)
    found = []
    for role in ("owner", "staff"):
        client: Client = client_of(world.people[role])
        for address in list(first(world).values())[EVIL.index(evil) == 0 :: 2]:
            for how in (
                {"query_params": dict.fromkeys(("next", "address", "q", "back", "url"), evil)},
                {"headers": {"HX-Request": "true", "HX-Current-URL": evil.strip(), "Referer": evil.strip()}},
            ):
                answer = client.get(address, **how)
                if "text/html" in answer.headers.get("Content-Type", ""):
                    found += [(address, *link) for link in running(Page(address, body(answer)))]
                if urlsplit(answer.headers.get("Location", "")).scheme not in HARMLESS:
                    found.append((address, "Location", answer.headers["Location"], ""))
    assert not found, found[:10]


@pytest.mark.parametrize(
    "evil", [*EVIL, "//evil.example", "https://", "https://[", "ftp://a.example", "x" * 600, None, 7]
)
def test_what_is_no_address_of_the_web_is_none(evil: Any) -> None:
    assert strict.web(evil) == ""


def test_an_address_of_the_web_stays_as_it_is() -> None:
    assert strict.web("https://bottega.example/prodotto/è?a=1") == "https://bottega.example/prodotto/è?a=1"
