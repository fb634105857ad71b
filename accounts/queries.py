"""What the pages of accounts read."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404

from accounts.models import ApiKey, ApiRequest, CompanyChange, Dropshipper, Invitation, Member, User


def members_of(dropshipper: Dropshipper) -> QuerySet[Member]:
    """The people of a company, owners first (1 query)."""
    return dropshipper.members.select_related("user").order_by("-role", "user__name", "id")


def access_member(dropshipper: Dropshipper, pk: int) -> Member:
    """The one door for a member's id from outside; a stranger's is a 404."""
    member = dropshipper.members.select_related("user", "dropshipper").filter(pk=pk).first()
    if member is None:
        raise Http404
    return member


def unproven() -> Exists:
    """Of a company: somebody signed it up with an address that nobody has confirmed. Made up, for all we know."""
    return Exists(EmailAddress.objects.filter(user__member__dropshipper=OuterRef("pk"), verified=False))


def companies(status: str = "", text: str = "") -> QuerySet[Dropshipper]:
    """For staff: companies in a state, by name, VAT number or a member's e-mail; newest first."""
    rows = Dropshipper.objects.annotate(unproven=unproven()).prefetch_related(
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
        .annotate(unproven=unproven())
        .prefetch_related(Prefetch("members", Member.objects.select_related("user").order_by("id")))
        .filter(pk=pk)
        .first()
    )
    if dropshipper is None:
        raise Http404
    return dropshipper


def open_invitations(dropshipper: Dropshipper) -> QuerySet[Invitation]:
    """Those that nobody has answered, newest first; what has expired in the last days too (its row says so)."""
    return dropshipper.invitations.filter(state__in=["waiting", "expired"]).order_by("-pk")[:20]


def access_invitation(dropshipper: Dropshipper, pk: int) -> Invitation:
    """A stranger's is a 404."""
    invitation = dropshipper.invitations.filter(pk=pk).first()
    if invitation is None:
        raise Http404
    return invitation


def changes(*, decided: bool) -> QuerySet[CompanyChange]:
    """For staff: changed company data that wait, or that were decided."""
    waiting = CompanyChange.State.WAITING
    rows = CompanyChange.objects.select_related("dropshipper", "asked_by", "decided_by")
    return rows.exclude(state=waiting) if decided else rows.filter(state=waiting)


def changes_of(dropshipper: Dropshipper) -> QuerySet[CompanyChange]:
    """For staff: the last changes of one company's data."""
    return dropshipper.changes.select_related("asked_by").order_by("-pk")[:20]


def access_change(pk: int) -> CompanyChange:
    """For staff. 404 when there is none."""
    change = CompanyChange.objects.select_related("dropshipper", "asked_by", "decided_by").filter(pk=pk).first()
    if change is None:
        raise Http404
    return change


def last_change(dropshipper: Dropshipper) -> CompanyChange | None:
    """What the company asked for last and has not withdrawn, for its own page."""
    found = dropshipper.changes.exclude(state=CompanyChange.State.WITHDRAWN)
    return found.select_related("asked_by").order_by("-pk").first()


def rows_of_change(change: CompanyChange) -> list[tuple[str, str, str]]:
    """(label, old, new) of each field that changes, in the order of the form."""
    names = [field.name for field in Dropshipper._meta.fields if field.name in change.new]
    return [
        (str(Dropshipper._meta.get_field(name).verbose_name), change.old.get(name, ""), change.new[name])  # type: ignore[union-attr]
        for name in names
    ]


def works_for(user_id: int, dropshipper_id: int) -> bool:
    """Whether this person is one of the company's own: then its money and its approval are not for them to decide."""
    return Member.objects.filter(user_id=user_id, dropshipper_id=dropshipper_id).exists()


def staff_who_may(codename: str) -> QuerySet[User]:
    """The supplier's people who have a permission, by themselves, by a group, or as superusers."""
    may = Q(is_superuser=True) | Q(user_permissions__codename=codename) | Q(groups__permissions__codename=codename)
    return User.objects.filter(may, is_staff=True, is_active=True).order_by("pk").distinct()


def api_keys(dropshipper: Dropshipper) -> QuerySet[ApiKey]:
    """The company's keys, those that work first; old ones among the last 50 (1 query)."""
    rows = dropshipper.api_keys.select_related("made_by__member", "revoked_by")
    return rows.order_by(F("revoked_at").desc(nulls_first=True), "-pk")[:50]


def access_api_key(dropshipper: Dropshipper, pk: int) -> ApiKey:
    """A stranger's is a 404."""
    key = dropshipper.api_keys.select_related("dropshipper").filter(pk=pk).first()
    if key is None:
        raise Http404
    return key


def api_requests(dropshipper: Dropshipper) -> QuerySet[ApiRequest]:
    """What the company's programs asked, each with its key; without order."""
    return ApiRequest.objects.filter(dropshipper=dropshipper).select_related("api_key")
