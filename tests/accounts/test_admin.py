"""Users in the administration: who may change people may not give rights, nor take over who has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Permission

from accounts.models import User
from tests import cast

pytestmark = pytest.mark.django_db
RIGHTS = {"is_active": "on", "is_staff": "on", "is_superuser": "on"}


def clerk() -> User:
    """One of the staff who looks after users, and no more."""
    made = cast.user(is_staff=True)
    made.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user", "add_user"]))
    return made


def change(client: Any, user: User, **fields: Any) -> Any:
    data = {"email": user.email, "name": "Changed", "language": "it", "theme": "auto", "is_active": "on"}
    return client.post(f"/admin/accounts/user/{user.pk}/change/", data | fields)


def test_a_clerk_changes_resellers_people_but_gives_no_rights(client_for: Callable[[Any], Any]) -> None:
    someone = cast.user()
    money = Permission.objects.get(codename="credit_topup")

    assert change(client_for(clerk()), someone, user_permissions=[money.pk], **RIGHTS).status_code == 302

    someone.refresh_from_db()
    assert (someone.name, someone.is_staff, someone.is_superuser) == ("Changed", False, False)
    assert not someone.user_permissions.exists()


def test_a_clerk_does_not_touch_the_supplier_s_people_himself_included(client_for: Callable[[Any], Any]) -> None:
    me, boss = clerk(), cast.staff()
    client = client_for(me)
    for user in (me, boss, cast.user(is_staff=True)):
        before = User.objects.filter(pk=user.pk).values().get()
        assert change(client, user, **RIGHTS).status_code == 403
        password = {"password1": "una-parola-lunga-9", "password2": "una-parola-lunga-9", "usable_password": "true"}
        assert client.post(f"/admin/accounts/user/{user.pk}/password/", password).status_code == 403
        assert User.objects.filter(pk=user.pk).values().get() == before


def test_a_clerk_adds_no_staff_and_the_boss_does(client_for: Callable[[Any], Any]) -> None:
    for by, is_staff in ((clerk(), False), (cast.staff(), True)):
        email = f"new-{by.pk}@example.com"
        data = {"email": email, "name": "New", "language": "it", "is_staff": "on"}
        assert client_for(by).post("/admin/accounts/user/add/", data).status_code == 302
        assert User.objects.get(email=email).is_staff is is_staff


def test_the_boss_gives_rights(client_for: Callable[[Any], Any]) -> None:
    someone = cast.user()
    money = Permission.objects.get(codename="credit_topup")
    data = {"is_staff": "on", "user_permissions": [money.pk]}
    assert change(client_for(cast.staff()), someone, **data).status_code == 302
    assert User.objects.get(pk=someone.pk).has_perm("wallet.credit_topup")


def test_the_administration_has_no_doors_of_others() -> None:
    """A library's own pages change what an act of ours should: its log, its letter and the ends of sessions are left
    out (allauth's addresses and second factors were)."""
    ours = {config.label for config in apps.get_app_configs() if (settings.BASE_DIR / config.label).is_dir()}
    foreign = {kind._meta.label for kind in admin.site._registry if kind._meta.app_label not in ours}
    assert foreign == {"auth.Group"}
