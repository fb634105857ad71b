"""The look of a reseller's papers: their logo and their line, looked at before they are kept."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from shipping.models import PaperStyle
from shipping.papers.logo import logo

KEEP = None  # of `save`: the logo that is there stays


def style_of(dropshipper_id: int) -> PaperStyle:
    """The reseller's own; an empty one, not saved, of who chose nothing."""
    return PaperStyle.objects.filter(dropshipper_id=dropshipper_id).first() or PaperStyle(dropshipper_id=dropshipper_id)


@transaction.atomic
def save(dropshipper_id: int, *, line: str, picture: bytes | None = KEEP, by: int) -> PaperStyle:
    """Keeps the line and, unless it is KEEP, the picture; b"" takes the logo away. Raises BadLogo: nothing is kept."""
    changed: dict[str, object] = {"line": line, "by_id": by, "at": timezone.now()}
    if picture is not KEEP:
        if picture:
            logo(picture)
        changed["logo"] = picture
    style, _made = PaperStyle.objects.update_or_create(dropshipper_id=dropshipper_id, defaults=changed)
    return style
