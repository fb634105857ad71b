"""`manage.py demo_logins`: who can sign in to the demo."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import User
from demo.data.people import APP_SECRET, PASSWORD, RESELLERS, STAFF, SUPPLIER, shows_demo_code


class Command(BaseCommand):
    help = "Prints who can sign in to the demo, if it was loaded."

    def handle(self, *args: Any, **options: Any) -> None:
        people = [*SUPPLIER, *(login for reseller in RESELLERS for login in reseller.people)]
        # A demo that was loaded by an older version has fewer people, and its staff no app.
        known = {user.email: user for user in User.objects.filter(email__in=[login.email for login in people])}
        if STAFF not in known:
            return
        width = max(len(email) for email in known)
        self.stdout.write(f"Sign in with the password {PASSWORD} as")
        for login in people:
            if login.email in known:
                self.stdout.write(f"  {login.email:<{width}}  {login.told}")
        staff = [known[login.email] for login in SUPPLIER if login.email in known]
        if all(shows_demo_code(user) for user in staff):
            self.stdout.write(f"Staff are asked for a code of an app too: its secret is {APP_SECRET},")
            self.stdout.write("or let `make demo-code` say the code of this half minute.")
        else:
            self.stdout.write(
                "This demo is of an older version: staff set up an app of their own at the first sign-in."
            )
            self.stdout.write("`make reset` and `make run` load it anew, with everybody that the README names.")
