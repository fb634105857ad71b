"""`manage.py demo_logins`: who can sign in to the demo."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import User
from demo.data.people import APP_SECRET, PASSWORD, RESELLERS, STAFF, SUPPLIER


class Command(BaseCommand):
    help = "Prints who can sign in to the demo, if it was loaded."

    def handle(self, *args: Any, **options: Any) -> None:
        if not User.objects.filter(email=STAFF).exists():
            return
        people = [*SUPPLIER, *(login for reseller in RESELLERS for login in reseller.people)]
        width = max(len(login.email) for login in people)
        self.stdout.write(f"Sign in with the password {PASSWORD} as")
        for login in people:
            self.stdout.write(f"  {login.email:<{width}}  {login.told}")
        self.stdout.write(f"Staff are asked for a code of an app too: its secret is {APP_SECRET},")
        self.stdout.write("or let `make demo-code` say the code of this half minute.")
