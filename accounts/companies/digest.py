"""What the staff hears by e-mail of companies that ask for an account: the first at once, the others together, one
letter an hour. A flood of sign-ups is one letter, and all of them wait on the desk."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import Dropshipper
from accounts.people import letters
from core.errors import TooManyTries
from core.inbound import throttles

MOST_NAMED = 20


def tell_staff() -> int:
    """Sends what is due; how many companies the letter is about. Outside of transactions."""
    waiting = Dropshipper.objects.filter(status=Dropshipper.Status.PENDING, staff_told_at=None).order_by("pk")
    waiting = waiting.exclude(members__user__emailaddress__verified=False)  # made up, for all we know
    if not waiting.exists():
        return 0
    try:
        throttles.take("letter to staff", "sign-ups", limit=1, seconds=3600)
    except TooManyTries:
        return 0
    found = list(waiting)
    # Noted before it is sent: who dies in between costs a letter, and not one letter each minute.
    Dropshipper.objects.filter(pk__in=[company.pk for company in found]).update(staff_told_at=timezone.now())
    letters.signed_up(found[:MOST_NAMED], count=len(found))
    return len(found)
