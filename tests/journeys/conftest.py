"""What a journey needs: a browser whose console must stay clean, a real web server, a real Celery worker."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import processes

# What a window has besides the page and no journey looks at: pages of Chromium's own for its address bar, twice as
# costly as the page itself, and a process in reserve. Playwright switches off features too, and of two such lists
# only the last counts: those of its list that matter here stand here as well.
_FEATURES_OFF = [
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "InitialWebUI",
    "LensOverlay",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "PreloadTopChromeWebUI",
    "SpareRendererForSitePerProcess",
    "ThirdPartyStoragePartitioning",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    "WebUIOmniboxSimplification",
    "WebUIReloadButton",
    "WebUIToolbar",
]
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--disable-features={','.join(_FEATURES_OFF)}",
]
USUAL_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
USUAL_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/snap/bin/chromium",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.journey)


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM", "")
    if named:
        return named
    return next((path for name in USUAL_NAMES if (path := shutil.which(name))), None) or next(
        (place for place in USUAL_PLACES if os.path.exists(place)), None
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium, once for the session. Skips when there is none."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium found at the usual places; install one or set CHROMIUM to its path")
    # Playwright runs an event loop in this thread, which makes Django refuse synchronous queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def _web(django_db_setup: None) -> Iterator[str]:
    with processes.web_server(processes.free_port()) as url:
        yield url


@pytest.fixture
def web(_web: str, transactional_db: None) -> str:
    """The address of a granian that serves the live test database."""
    return _web


@pytest.fixture(scope="session")
def worker_forks(_web: str) -> Iterator[Any]:
    with processes.celery_workers(SITE_URL=_web) as work:
        yield work


@pytest.fixture
def celery_worker_process(transactional_db: None, worker_forks: Any) -> Iterator[None]:
    """A real worker and beat, gone before the database is emptied. It tells shops where the portal is."""
    with worker_forks():
        yield


# htmx tells these, as errors, of a request that a newer one replaced (hx-sync); one that failed says more.
_REPLACED = ("htmx:sendAbort,", "htmx:afterRequest,")


class Console(list[str]):
    """What the browser complained of. `expect(…)` takes back what a test provokes on purpose."""

    def expect(self, part: str) -> None:
        found = [line for line in self if part in line]
        assert found, f"no complaint about {part!r} among {list(self)}"
        for line in found:
            self.remove(line)


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def new_page(browser: Any, web: str, console: Console) -> Iterator[Callable[..., Any]]:
    """`new_page(width=390, java_script_enabled=False, …)`: pages of contexts of their own, with a clean console."""
    contexts: list[Any] = []

    def make(*, width: int = 1440, height: int = 900, **options: Any) -> Any:
        context = browser.new_context(
            base_url=web, locale=options.pop("locale", "it-IT"), viewport={"width": width, "height": height}, **options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                message.type == "error" and not message.text.startswith(_REPLACED) and console.append(message.text)
            ),
        )
        page.on("pageerror", lambda error: console.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not console, f"the browser's console is not clean: {list(console)}"


@pytest.fixture
def browser_page(new_page: Callable[..., Any]) -> Any:
    """A page at 1440 × 900."""
    return new_page()


@pytest.fixture
def sign_in() -> Callable[[Any, Any], None]:
    """`sign_in(page, user)`: gives the page's context a session of that user, without the login form."""

    def do(page: Any, user: Any) -> None:
        from django.conf import settings
        from django.test import Client

        from tests import cast

        client = Client()
        cast.sign_in(client, user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/"}])

    return do
