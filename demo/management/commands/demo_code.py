"""`manage.py demo_code`: the code that the demo staff's authenticator app would show now."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand

from accounts.sign_in.mfa import current_code
from demo.data.people import APP_SECRET


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Prints the code that the demo staff type as second step; each works once."

    def handle(self, *args: Any, **options: Any) -> None:
        left = 30 - int(time.time()) % 30
        self.stdout.write(f"{current_code(APP_SECRET)} (for {left} s, and it works once)")
