"""`manage.py demo_pictures`: the pictures of README, taken from a running demo. Needs the requirements of the tests."""

from __future__ import annotations

import io
import os
import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from PIL import Image

from demo.data.people import BUSY, PASSWORD

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--lang=it-IT"]
# Name, page, a link to follow there, width and height.
PAGES = (
    ("inbox", "/inbox/woocommerce/", "", 1440, 900),
    ("wallet", "/wallet/", "", 1440, 900),
    ("catalogue", "/catalog/", "", 1440, 900),
    ("order", "/orders/?tab=delivered", "tr[data-order] a[href^='/orders/']", 1440, 900),
    ("inbox-phone", "/inbox/woocommerce/", "", 390, 800),
)


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Takes the pictures of README from a running demo, with Chromium."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=settings.SITE_URL)
        parser.add_argument("--folder", type=Path, default=Path(settings.BASE_DIR) / "docs" / "images")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from playwright.sync_api import sync_playwright
        except ImportError:
            raise CommandError("Playwright is not installed: pip install -r requirements-dev.txt") from None
        path = shutil.which("chromium") or shutil.which("google-chrome")
        options["folder"].mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            # The browser writes dates in its own fields as its language does, where it has it.
            language: dict[str, str | float | bool] = {**os.environ, "LANGUAGE": "it"}
            browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM, env=language)
            page = browser.new_context(base_url=options["url"], locale="it-IT").new_page()
            page.goto("/account/login/")
            page.fill("[name=login]", BUSY.people[0].email)
            page.fill("[name=password]", PASSWORD)
            page.locator("form.mci-card button[type=submit]").click()
            page.wait_for_url("**/")
            for name, address, link, width, height in PAGES:
                page.set_viewport_size({"width": width, "height": height})
                page.goto(address)
                if link:
                    page.goto(page.locator(link).first.get_attribute("href") or address)
                page.wait_for_load_state("networkidle")
                shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
                file = options["folder"] / f"{name}.png"
                shot.save(file, optimize=True)
                self.stdout.write(f"{file.name} {file.stat().st_size // 1024} kB")
            browser.close()
