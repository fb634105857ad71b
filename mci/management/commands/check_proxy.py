"""`manage.py check_proxy`: try, from outside, what the proxy before the portal lets through."""

from __future__ import annotations

from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mci.web import probe


class Command(BaseCommand):
    help = "Sends two requests to the portal through its proxy and says whether a client could lie about his address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", nargs="?", default=settings.SITE_URL, help="by default SITE_URL")

    def handle(self, *args: Any, **options: Any) -> None:
        url = options["url"].rstrip("/")
        try:
            found = list(probe.troubles(url))
        except requests.RequestException as error:
            raise CommandError(f"{url} could not be reached: NOTHING WAS CHECKED. ({error})") from None
        if found:
            raise CommandError("\n".join(found))
        print(f"{url}: the proxy keeps out what it must.")
