"""Who connects a shop stands in the log of the account, and its owners read it."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import SecurityEvent
from tests.connectors.conftest import Ticking
from tests.connectors.test_connect import begin, keys_form

pytestmark = pytest.mark.django_db


def test_who_connected_a_shop_and_connected_it_again_is_in_the_log(owner: Any, fake: Ticking) -> None:
    begin(keys_form(fake), owner)
    event = SecurityEvent.objects.get()
    assert (event.user, event.dropshipper, event.code) == (owner, owner.member.dropshipper, "shop_connected")
    begin(keys_form(fake), owner)
    assert SecurityEvent.objects.order_by("id").last().code == "shop_reconnected"
