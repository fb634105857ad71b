"""`manage.py reset_factors EMAIL`: for the last administrator who lost phone and recovery codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.sign_in import mfa


class Command(BaseCommand):
    help = "Takes all second factors of a person away and ends the sessions; staff set one up at the next sign-in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError("Nobody has this address.")
        mfa.reset(user, by="manage.py")
        self.stdout.write(f"{user.email} has no second factor any more, and was told by e-mail.")
