"""A courier is one folder: a copy of one under another name does all that a courier does, nothing else is touched."""

from __future__ import annotations

import importlib
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import shipping.couriers
from shipping.couriers import NoSuchCourier, courier, slugs
from shipping.couriers.base import State
from tests.shipping.couriers import contracts, test_contract
from tests.shipping.couriers.contracts import cod

pytestmark = pytest.mark.django_db
SOURCE = Path(shipping.couriers.__file__).parent / "gls"


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Any]:
    """The folder of GLS, copied to another place as `toy`: its own slug and name."""
    home = tmp_path / "couriers"
    copy = home / "toy"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for path in copy.rglob("*.py"):
        path.write_text(path.read_text().replace("shipping.couriers.gls", "shipping.couriers.toy"))
    entry = copy / "__init__.py"
    text, found = re.subn(r'(slug: ClassVar\[str\] = )"gls"', r'\1"toy"', entry.read_text())
    assert found == 1
    entry.write_text(text)
    shipping.couriers.__path__.append(str(home))
    importlib.invalidate_caches()
    yield courier("toy")
    shipping.couriers.__path__.remove(str(home))
    for name in [name for name in sys.modules if name.startswith("shipping.couriers.toy")]:
        del sys.modules[name]
    vars(shipping.couriers).pop("toy", None)


def test_it_is_there_as_soon_as_its_folder_is(toy: Any) -> None:
    assert toy.slug == "toy"
    assert "toy" in slugs()
    test_contract.test_every_folder_keeps_the_contract()


def test_it_is_gone_with_its_folder() -> None:
    assert "toy" not in slugs()
    with pytest.raises(NoSuchCourier):
        courier("toy")


def test_from_the_booking_to_the_return(toy: Any, world: Any) -> None:
    access = contracts.gls(world)
    booked = toy.book(access, cod("39.90"))
    assert toy.manifest(access, [booked.known]).missed == []
    world.gls.shelf.push(booked.number, "905")
    world.gls.shelf.push(booked.number, "906", back=True)
    assert toy.events(access, [booked.known])[0].state == State.RETURNED
