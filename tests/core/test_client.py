"""Where a request comes from."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from core.inbound import client


def asked(peer: str, forwarded: str | None = None) -> Any:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=peer, **headers)


@pytest.mark.parametrize(
    ("hops", "peer", "forwarded", "found"),
    [
        (0, "198.51.100.7", None, "198.51.100.7"),
        (0, "198.51.100.7", "203.0.113.9", "198.51.100.7"),  # nobody is believed
        (1, "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # the client's own word stands before
        (1, "10.0.0.1", "1.2.3.4,5.6.7.8 ,203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "10.0.0.1", "203.0.113.9", "10.0.0.1"),  # it did not come by both
        (1, "10.0.0.1", None, "10.0.0.1"),
        (1, "10.0.0.1", "nonsense", "10.0.0.1"),
        (1, "10.0.0.1", "203.0.113.9, ", "10.0.0.1"),
        (1, "10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        (0, "", None, ""),
    ],
)
def test_only_our_own_proxies_are_believed(settings: Any, hops: int, peer: str, forwarded: str, found: str) -> None:
    settings.TRUSTED_PROXIES = hops
    assert client.address(asked(peer, forwarded)) == found


def test_a_household_has_one_network_of_ipv6(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0
    assert client.network(asked("2001:db8:1:2:aaaa::1")) == client.network(asked("2001:db8:1:2:bbbb::2"))
    assert client.network(asked("2001:db8:1:2::1")) != client.network(asked("2001:db8:1:3::1"))
    assert client.network(asked("203.0.113.9")) == "203.0.113.9"
