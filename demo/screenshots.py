"""The pictures of README, taken from a running demo: `python -m demo.screenshots [http://localhost:8000]`."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from demo.data.people import BUSY, PASSWORD

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images"
PAGES = (
    ("inbox", "/inbox/woocommerce/", 1360, 900),
    ("order", "/orders/", 1360, 900),
    ("wallet", "/wallet/", 1360, 900),
    ("catalogue", "/catalog/", 1360, 900),
    ("inbox-phone", "/inbox/woocommerce/", 390, 800),
)
COLOURS = 192  # of a picture: flat pages need few, and README should load fast


def main(address: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(base_url=address, locale="it-IT").new_page()
        page.goto("/account/login/")
        page.fill("[name=login]", BUSY.people[0].email)
        page.fill("[name=password]", PASSWORD)
        page.locator("form.mci-card button[type=submit]").click()
        page.wait_for_url("**/")
        for name, url, width, height in PAGES:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(url)
            if name == "order":  # the newest that was sent: cost, margin and timeline
                page.goto("/orders/?tab=delivered&source=all")
                page.locator("tr[data-order] a[href^='/orders/']").first.click()
                page.wait_for_load_state("load")
            _take(page, name)
        browser.close()


def _take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = shot.quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(FOLDER / f"{name}.png", optimize=True)
    print(name, (FOLDER / f"{name}.png").stat().st_size // 1024, "kB")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
