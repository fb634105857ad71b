"""The migration that gives the staff rights: fresh databases get the groups, in old ones everybody keeps what he could
do and nobody gets more."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.utils import translation

from tests import cast

pytestmark = pytest.mark.django_db
migration = import_module("mci.migrations.0002_staff_groups")
BEFORE = {
    *(f"orders.{name}" for name in ("see_desk", "pack_parcel", "ship_parcel", "deliver_parcel", "cancel_parcel")),
    *("shipping.courier_file", "wallet.view_topup", "accounts.view_dropshipper"),
}


def test_a_fresh_database_has_the_four_groups_and_their_permissions_once() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {
        "Magazzino",
        "Contabilità",
        "Assistenza",
        "Responsabile",
    }
    rights = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    assert rights["Magazzino"] >= {"see_desk", "pack_parcel", "ship_parcel", "change_stock"}
    assert not rights["Magazzino"] & {"remit_cash", "credit_topup", "adjust", "approve_dropshipper", "change_user"}
    assert not rights["Contabilità"] & {"pack_parcel", "change_stock", "approve_dropshipper", "change_user"}
    assert not rights["Assistenza"] & {"credit_topup", "adjust", "remit_cash", "change_user", "view_raw"}
    assert rights["Responsabile"] >= rights["Magazzino"] | rights["Contabilità"] | rights["Assistenza"]
    names = list(Permission.objects.values_list("content_type__app_label", "content_type__model", "codename"))
    assert len(names) == len(set(names))


def test_the_permissions_of_the_migration_are_those_of_the_models() -> None:
    for place, own in migration.OWN.items():
        model = apps.get_model(*place.split("."))
        with translation.override("en"):
            assert {codename: str(name) for codename, name in model._meta.permissions} == own
    for wanted in (*migration.GROUPS.values(), migration.BEFORE):
        for line in wanted:
            place, codename = line.split()
            model = apps.get_model(*place.split("."))
            known = {name for name, _words in model._meta.permissions} | set(model._meta.default_permissions)
            assert codename in known, line


def test_who_was_staff_keeps_what_he_could_do_and_gets_nothing_more() -> None:
    plain, crediting, approving = cast.staff("-"), cast.staff("-"), cast.staff("-")
    crediting.user_permissions.add(cast.permission("change_topup"))
    approving.user_permissions.add(cast.permission("change_dropshipper"))
    reseller, boss = cast.member(cast.dropshipper()), cast.staff()

    migration.keep(apps)

    def may(person: cast.User) -> set[str]:
        return cast.User.objects.get(pk=person.pk).get_all_permissions()

    assert may(plain) == BEFORE
    money = {"wallet.change_topup", "wallet.credit_topup", "wallet.reject_topup", "orders.remit_cash"}
    assert may(crediting) == BEFORE | money
    word = {f"accounts.{name}_dropshipper" for name in ("change", "approve", "suspend")}
    assert may(approving) == BEFORE | word
    assert may(reseller) == set()
    assert not boss.user_permissions.exists()


def test_a_group_that_was_there_keeps_its_rights_and_what_its_people_could_do() -> None:
    Group.objects.all().delete()
    theirs = Group.objects.create(name="Magazzino")
    cashiers = Group.objects.create(name="Cassa")
    cashiers.permissions.add(cast.permission("change_topup"))

    migration.forward(apps, None)

    assert not theirs.permissions.exists()
    had = set(cashiers.permissions.values_list("codename", flat=True))
    assert had == {"change_topup", "credit_topup", "reject_topup", "remit_cash"}
    assert Group.objects.count() == 5


def test_what_the_staff_changed_in_a_group_stays() -> None:
    group = Group.objects.get(name="Magazzino")
    group.permissions.remove(cast.permission("pack_parcel"))
    before = set(group.permissions.all())
    migration.make_groups(apps)
    assert set(group.permissions.all()) == before


def test_it_makes_the_permissions_that_are_not_there_yet() -> None:
    """On an old database they are made only after all migrations."""
    Group.objects.all().delete()
    Permission.objects.filter(codename__in=["see_desk", "credit_topup", "view_topup"]).delete()
    person = cast.staff("-")

    migration.forward(apps, None)

    assert cast.User.objects.get(pk=person.pk).has_perm("orders.see_desk")
    rights = set(Group.objects.get(name="Contabilità").permissions.values_list("codename", flat=True))
    assert rights >= {"see_desk", "credit_topup", "view_topup"}
