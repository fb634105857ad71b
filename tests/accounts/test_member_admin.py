"""A clerk who works for a reseller too cannot put that aside for as long as a click on its wallet takes."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation
from django.utils.html import escape

from accounts.errors import OwnMatter
from accounts.models import Dropshipper, Member, SecurityEvent, User
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    return cast.staff("Responsabile")


def save(client: Any, company: Dropshipper, *, gone: User | None = None, new: User | None = None) -> Any:
    """The company's page in the administration, with one person taken out or one put in."""
    rows = list(Member.objects.filter(dropshipper=company).order_by("pk"))
    names = ("name", "vat_number", "fiscal_code", "sdi_code", "pec", "phone", "street", "postcode", "city", "province")
    data: dict[str, Any] = {name: getattr(company, name) for name in names}
    data |= {"members-TOTAL_FORMS": len(rows) + bool(new), "members-INITIAL_FORMS": len(rows)}
    for number, row in enumerate(rows):
        head = f"members-{number}"
        data |= {f"{head}-id": row.pk, f"{head}-dropshipper": company.pk, f"{head}-user": row.user_id}
        data[f"{head}-role"] = row.role
        if gone is not None and row.user_id == gone.pk:
            data[f"{head}-DELETE"] = "on"
    if new:
        head = f"members-{len(rows)}"
        data |= {f"{head}-id": "", f"{head}-dropshipper": company.pk, f"{head}-user": new.pk, f"{head}-role": "owner"}
    return client.post(f"/admin/accounts/dropshipper/{company.pk}/change/", data)


def test_nobody_unties_himself(dropshipper: Any, manager: User, client_for: Any) -> None:
    cast.member(dropshipper)
    Member.objects.create(user=manager, dropshipper=dropshipper, role="accounting")
    answer = save(client_for(manager), dropshipper, gone=manager)
    assert answer.status_code == 200
    with translation.override("it"):
        assert escape(str(OwnMatter())) in answer.content.decode()
    assert Member.objects.filter(user=manager).exists()


def test_nobody_ties_himself(dropshipper: Any, manager: User, client_for: Any) -> None:
    save(client_for(manager), dropshipper, new=manager)
    assert not Member.objects.filter(user=manager).exists()


def test_others_he_may_and_they_read_it(dropshipper: Any, manager: User, client_for: Any) -> None:
    """The negative control."""
    other, new = cast.member(dropshipper), cast.user()
    cast.member(dropshipper)
    client = client_for(manager)
    assert save(client, dropshipper, gone=other).status_code == 302
    assert save(client, dropshipper, new=new).status_code == 302
    assert set(Member.objects.filter(dropshipper=dropshipper).values_list("user_id", flat=True)) >= {new.pk}
    assert not Member.objects.filter(user=other).exists()
    said = dict(SecurityEvent.objects.filter(dropshipper=dropshipper).values_list("code", "user_id"))
    assert said == {"member_removed": other.pk, "member_added": new.pk}
