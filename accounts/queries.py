"""What the pages of accounts read."""

from __future__ import annotations

from django.db.models import Count, Prefetch, QuerySet
from django.http import Http404

from accounts.models import Dropshipper, Member


def members_of(dropshipper: Dropshipper) -> QuerySet[Member]:
    """The people of a company, owners first (1 query)."""
    return dropshipper.members.select_related("user").order_by("-role", "user__name", "id")


def access_member(dropshipper: Dropshipper, pk: int) -> Member:
    """The one door for a member's id from outside; a stranger's is a 404."""
    member = dropshipper.members.select_related("user", "dropshipper").filter(pk=pk).first()
    if member is None:
        raise Http404
    return member


def companies(status: str = "", text: str = "") -> QuerySet[Dropshipper]:
    """For staff: companies in a state, by name, VAT number or a member's e-mail; newest first."""
    rows = Dropshipper.objects.prefetch_related(
        Prefetch("members", Member.objects.select_related("user").order_by("id"))
    )
    if status:
        rows = rows.filter(status=status)
    if text:
        by_name = rows.filter(name__icontains=text)
        rows = by_name | rows.filter(vat_number__startswith=text) | rows.filter(members__user__email__istartswith=text)
        rows = rows.distinct()
    return rows


def companies_by_status() -> dict[str, int]:
    found = dict(Dropshipper.objects.values_list("status").annotate(Count("id")).order_by())
    return {status: found.get(status, 0) for status in Dropshipper.Status.values}


def access_company(pk: int) -> Dropshipper:
    """For staff. 404 when there is none."""
    dropshipper = (
        Dropshipper.objects.select_related("status_by")
        .prefetch_related(Prefetch("members", Member.objects.select_related("user").order_by("id")))
        .filter(pk=pk)
        .first()
    )
    if dropshipper is None:
        raise Http404
    return dropshipper
