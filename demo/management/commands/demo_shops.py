"""`manage.py demo_shops`: the demo's shops at the addresses where `make run` serves them."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand

from demo.data import more_shops


class Command(BaseCommand):
    help = "Brings the demo's shops up to date with the addresses in the environment; connects the missing ones."

    def handle(self, *args: Any, **options: Any) -> None:
        more_shops.bring_up_to_date(os.environ)
