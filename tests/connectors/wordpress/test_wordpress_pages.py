"""The pages that only a platform with a plugin has: the code with its steps, the download, the plugin that is old."""

from __future__ import annotations

import html
import io
import re
import zipfile
from typing import Any

import pytest
from django.urls import reverse

from connectors.connect import attempts
from connectors.models import ConnectAttempt, Shop
from connectors.platforms.wordpress import package
from demo.shops.wordpress import FakeShop
from tests.connectors.wordpress.conftest import PORTAL, pair

pytestmark = pytest.mark.django_db
CONNECT = "/shops/connect/wordpress/"
DOWNLOAD = "/shops/plugin/wordpress/"


def test_the_wizard_shows_the_code_the_link_and_the_plugin_and_goes_on_when_the_shop_has_answered(
    wp: FakeShop, owner: Any, client_for: Any
) -> None:
    client = client_for(owner)
    here = client.post(CONNECT, {"address": wp.url})["Location"]
    attempts.advance_due()
    page = client.get(here).content.decode()
    code = ConnectAttempt.objects.get().token
    assert re.search(r"<code[^>]* data-code>([^<]+)</code>", page)[1] == code  # type: ignore[index]
    assert f'data-mci-copy="{code}"' in page
    link = html.unescape(re.search(r'id="approve" href="([^"]+)"', page)[1])  # type: ignore[index]
    assert link == f"{wp.url}/wp-admin/admin.php?page=mci-connector&mci_code={code}"
    assert f'href="{DOWNLOAD}"' in page
    assert package.version() in page
    back = html.unescape(re.search(r'hx-get="([^"]+)"', page)[1])  # type: ignore[index]
    assert client.get(back, headers={"HX-Request": "true"}).status_code == 204  # nothing new
    assert owner.member.dropshipper.name in html.unescape(page)  # whom the plugin must name
    assert pair(wp, code) == ""
    polled = client.get(back, headers={"HX-Request": "true"})
    assert polled.status_code == 286
    assert polled["HX-Redirect"] == f"{reverse('connectors:shop_rules', args=[Shop.objects.get().pk])}?new=1"


def test_trouble_in_the_shop_is_shown_and_the_page_goes_on_waiting(wp: FakeShop, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    here = client.post(CONNECT, {"address": wp.url})["Location"]
    attempts.advance_due()
    attempt = ConnectAttempt.objects.get()
    wp.faults.add("mci/prove", times=2, status=403, body="firewall")
    wp.pair(attempt.token, PORTAL)
    attempts.advance_due()
    polled = client.get(here, headers={"HX-Request": "true"}).content.decode()
    assert "403" in polled
    assert "hx-get" in polled


def test_an_address_without_a_shop_is_said_in_its_place(owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    here = client.post(CONNECT, {"address": "http://127.0.0.1:9"})["Location"]
    attempts.advance_due()
    assert 'role="alert"' in client.get(here).content.decode()


def test_the_plugin_is_a_download_for_members_alone(owner: Any, client_for: Any, client: Any, staff: Any) -> None:
    answer = client_for(owner).get(DOWNLOAD)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert f"mci-connector-{package.version()}.zip" in answer["Content-Disposition"]
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
    again = client_for(owner).get(DOWNLOAD, headers={"If-None-Match": answer["ETag"]})
    assert again["ETag"] == answer["ETag"]
    assert client.get(DOWNLOAD).status_code in (302, 404)
    assert client_for(owner).get("/shops/plugin/woocommerce/").status_code == 404
    assert client_for(owner).get("/shops/plugin/os/").status_code == 404
    assert client_for(staff).get(DOWNLOAD).status_code != 200


def test_an_old_plugin_has_its_download_on_the_shops_page(wp_shop: Shop, owner: Any, client_for: Any) -> None:
    trouble = {"code": "plugin_outdated", "installed": "0.9.0", "newest": "1.0.0"}
    Shop.objects.update(facts={"troubles": [trouble], "plugin": "0.9.0", "woocommerce": "11.0.1"})
    page = client_for(owner).get(reverse("connectors:shop", args=[wp_shop.pk])).content.decode()
    assert f'href="{DOWNLOAD}"' in page
    assert "0.9.0" in page
