"""`manage.py load_demo`: fills an empty database with the demo."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.test.utils import override_settings

from accounts.models import User
from demo.data import load
from demo.data.people import STAFF


class Command(BaseCommand):
    help = "Fills an empty database with the demo: supplier, goods, resellers, two months of orders. Once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-pictures", dest="pictures", action="store_false", help="leave out the drawings")
        parser.add_argument("--force", action="store_true", help="also into a database in which somebody works")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("This is production: the demo is not loaded here.")
        if User.objects.filter(email=STAFF).exists():
            self.stdout.write("The demo is there already.")
            if options["pictures"]:
                load.draw(say=self.stdout.write)  # those that an interrupted load left out
            return
        if User.objects.exists() and not options["force"]:
            raise CommandError("Somebody works in this database already. --force loads the demo beside him.")
        with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):  # its people are invented
            load.load(say=self.stdout.write)
        if options["pictures"]:
            load.draw(say=self.stdout.write)
