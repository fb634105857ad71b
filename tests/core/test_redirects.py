"""A form leads back to a page of ours, whatever stands in `next`."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from core.inbound import redirects


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("/orders/?tab=ready", "/orders/?tab=ready"),
        ("http://testserver/orders/", "http://testserver/orders/"),
        ("", "/home/"),
        ("orders:list", "/home/"),
        ("-1", "/home/"),
        ("<script>", "/home/"),
        ("\u0663", "/home/"),
        ("//evil.example/", "/home/"),
        ("https://evil.example/", "/home/"),
        ("/\\evil.example", "/home/"),
        ("javascript:alert(1)//", "/home/"),
        ("/a\r\nSet-Cookie: x=1", None),
    ],
)
def test_where_it_leads(target: str, leads: str | None) -> None:
    answer = redirects.back(RequestFactory().post("/x/", {"next": target}), "/home/")
    assert answer.status_code == 302
    assert "\n" not in answer["Location"]
    assert leads is None or answer["Location"] == leads
