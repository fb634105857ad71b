"""The imitations in a thread, and what the couriers are told of our contract with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def world() -> Iterator[Any]:
    from demo.couriers import FakeCouriers
    from shipping.couriers.poste import client

    client._tokens.clear()  # of the imitation before
    with FakeCouriers() as world:
        yield world


@pytest.fixture
def brt(world: Any) -> Any:
    from tests.shipping.couriers import contracts

    return contracts.brt(world)


@pytest.fixture
def gls(world: Any) -> Any:
    from tests.shipping.couriers import contracts

    return contracts.gls(world)


@pytest.fixture
def poste(world: Any) -> Any:
    from tests.shipping.couriers import contracts

    return contracts.poste(world)
