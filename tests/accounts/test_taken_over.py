"""An account that was in a stranger's hands and came back stays with its owner, whatever letters the stranger has."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import EmailChange, User
from tests import cast
from tests.accounts.test_emails import address, ask, link

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, SECOND = "thief@evil.example", "thief.too@evil.example"


@pytest.fixture
def ada(dropshipper: Any) -> User:
    return cast.member(dropshipper, email="ada@bottega.example")


def taken(client: Client) -> tuple[str, str]:
    """The thief moves the account twice; the links to stop it that the owner and the thief got."""
    for new in (FIRST, SECOND):
        ask(client, new)
        client.post(link(new, "email/confirm"))
    return link("ada@bottega.example", "email/stop"), link(FIRST, "email/stop")


def test_the_thief_s_own_link_does_not_take_it_back(client_for: Any, ada: User) -> None:
    owners, thiefs = taken(client_for(ada))
    assert address(ada) == SECOND
    Client().post(owners)
    assert address(ada) == "ada@bottega.example"
    sent = len(mail.outbox)

    Client().post(thiefs)

    assert address(ada) == "ada@bottega.example"
    assert [letter.to for letter in mail.outbox[sent:] if "ada@bottega.example" not in letter.to] == []
    assert set(EmailChange.objects.values_list("state", flat=True)) == {"stopped"}


def test_nor_where_he_was_faster(client_for: Any, ada: User) -> None:
    """His link moves it back to his first address; the owner's is about an earlier one and counts for more."""
    owners, thiefs = taken(client_for(ada))
    Client().post(thiefs)
    assert address(ada) == FIRST
    Client().post(owners)
    assert address(ada) == "ada@bottega.example"
    Client().post(thiefs)
    assert address(ada) == "ada@bottega.example"


def test_control_with_the_later_change_left_standing_he_takes_it_back(client_for: Any, ada: User) -> None:
    owners, thiefs = taken(client_for(ada))
    later = EmailChange.objects.get(new=SECOND)
    Client().post(owners)
    EmailChange.objects.filter(pk=later.pk).update(state="confirmed")
    Client().post(thiefs)
    assert address(ada) == FIRST


def test_what_the_owner_changes_afterwards_is_his(client_for: Any, ada: User) -> None:
    owners, thiefs = taken(client_for(ada))
    Client().post(owners)
    ada.refresh_from_db()
    ada.set_password("correct horse")
    ada.save()
    client = client_for(ada)
    ask(client, "ada@nuova.example")
    client.post(link("ada@nuova.example", "email/confirm"))
    Client().post(thiefs)
    Client().post(owners)
    assert address(ada) == "ada@nuova.example"
