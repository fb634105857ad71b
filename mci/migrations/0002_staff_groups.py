"""The supplier's people get rights: four groups for new ones, and what the old ones could do, to the letter.

Until now every desk was open to all staff. Whoever is staff already keeps exactly that, as permissions of his own that a
superuser sees and can exchange for a group: nobody is locked out, and nobody can do more than before. The acts that asked
for "change top-up" or "change dropshipper" follow those who had it, people and groups.

Permissions are usually made after all migrations; here they are needed before, so those that lack are made, as Django would.
What the staff change in a group later stays: no migration sets a group's permissions again.
"""

from django.conf import settings
from django.db import migrations

# "room.model": codename → its name, in the words of the models (later ones are left as they are).
OWN = {
    "orders.order": {
        "see_desk": "Can see the warehouse's desk",
        "pack_parcel": "Can pack parcels",
        "ship_parcel": "Can hand parcels to the courier",
        "deliver_parcel": "Can mark parcels delivered",
        "cancel_parcel": "Can cancel parcels that are still here",
        "remit_cash": "Can record the cash that a courier paid over",
    },
    "shipping.shipment": {"courier_file": "Can take the couriers' files with all recipients"},
    "wallet.topup": {"credit_topup": "Can credit top-ups", "reject_topup": "Can reject top-ups"},
    "wallet.entry": {"adjust": "Can adjust wallets"},
    "accounts.dropshipper": {
        "approve_dropshipper": "Can approve and reject dropshippers",
        "suspend_dropshipper": "Can suspend dropshippers and end a suspension",
    },
    "connectors.delivery": {"view_raw": "Can see bodies as the shops sent them"},
}


def _view(*models):
    return {f"{model} view" for model in models}


def _edit(*models):
    return {f"{model} {action}" for model in models for action in ("view", "add", "change")}


def _own(model, *codenames):
    return {f"{model} {codename}" for codename in codenames or OWN[model]}


GOODS = ("catalog.category", "catalog.maker", "catalog.product", "catalog.productimage", "catalog.variant")
SHOPS = ("connectors.shop", "connectors.delivery", "connectors.inboxorder", "connectors.shopcall")
BOOKS = ("wallet.entry", "wallet.account", "wallet.posting", "wallet.topup")
ORDERS = ("orders.order", "orders.orderline", "orders.problem", "orders.orderevent", "orders.dispatchrun",
          "orders.dispatchitem", "shipping.shipment", "shipping.shipmentevent")  # fmt: skip
TARIFFS = ("shipping.courier", "shipping.method", "shipping.rate", "shipping.zone", "shipping.zonearea")

DELETED = ("catalog.category", "catalog.maker", "catalog.productimage", "shipping.zone", "shipping.zonearea",
           "shipping.rate", "accounts.member")  # fmt: skip

WAREHOUSE = (
    _own("orders.order", "see_desk", "pack_parcel", "ship_parcel", "deliver_parcel")
    | _own("shipping.shipment")
    | _view(*GOODS, "shipping.shipment", "shipping.shipmentevent")
    | {"catalog.stock change"}
)
ACCOUNTING = (
    _own("orders.order", "see_desk", "remit_cash")
    | _own("wallet.topup")
    | _own("wallet.entry")
    | _view(*BOOKS, *TARIFFS, "accounts.dropshipper", "accounts.member")
    | {"accounts.dropshipper change"}
)
SUPPORT = (
    _own("orders.order", "see_desk", "cancel_parcel")
    | _view(*SHOPS, *ORDERS, *GOODS, *TARIFFS)
    | _view("wallet.topup", "accounts.dropshipper", "accounts.member", "accounts.user")
    | {"connectors.delivery change"}  # reads a message again
)
MANAGER = (
    WAREHOUSE
    | ACCOUNTING
    | SUPPORT
    | {permission for model in OWN for permission in _own(model)}
    | _edit(*GOODS, *TARIFFS, "accounts.dropshipper", "accounts.member", "accounts.user")
    | {f"{model} delete" for model in DELETED}
)
GROUPS = {"Magazzino": WAREHOUSE, "Contabilità": ACCOUNTING, "Assistenza": SUPPORT, "Responsabile": MANAGER}

# What every staff member could do.
BEFORE = (
    _own("orders.order", "see_desk", "pack_parcel", "ship_parcel", "deliver_parcel", "cancel_parcel")
    | _own("shipping.shipment")
    | _view("wallet.topup", "accounts.dropshipper")
)
# What those could do who had one of Django's own.
FOLLOWS = {
    "wallet.topup change": _own("wallet.topup") | _own("orders.order", "remit_cash"),
    "accounts.dropshipper change": _own("accounts.dropshipper"),
}


def _permissions(apps, wanted):
    """The rows of "room.model codename"; view, add, change and delete stand for Django's own codenames."""
    ContentType, Permission = apps.get_model("contenttypes", "ContentType"), apps.get_model("auth", "Permission")
    found = []
    for line in sorted(wanted):
        place, codename = line.split()
        room, model = place.split(".")
        name = OWN.get(place, {}).get(codename, f"Can {codename} {model}")
        if codename in ("view", "add", "change", "delete"):
            codename = f"{codename}_{model}"
        kind, _made = ContentType.objects.get_or_create(app_label=room, model=model)
        row, _made = Permission.objects.get_or_create(content_type=kind, codename=codename, defaults={"name": name})
        found.append(row)
    return found


def make_groups(apps):
    """The four groups; one of that name that is there already keeps what it has."""
    Group = apps.get_model("auth", "Group")
    for name, wanted in GROUPS.items():
        group, made = Group.objects.get_or_create(name=name)
        if made:
            group.permissions.set(_permissions(apps, wanted))


def keep(apps):
    """What people and groups may do now, they may do afterwards; no more."""
    User, Group = apps.get_model("accounts", "User"), apps.get_model("auth", "Group")
    for had, wanted in FOLLOWS.items():
        (permission,), rows = _permissions(apps, {had}), _permissions(apps, wanted)
        for user in User.objects.filter(user_permissions=permission):
            user.user_permissions.add(*rows)
        for group in Group.objects.filter(permissions=permission):
            group.permissions.add(*rows)
    staff = list(User.objects.filter(is_staff=True, is_superuser=False))
    if staff:
        rows = _permissions(apps, BEFORE)
        for user in staff:
            user.user_permissions.add(*rows)


def forward(apps, schema_editor):
    keep(apps)  # first: the new groups have "change dropshipper" too
    make_groups(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("mci", "0001_watch_and_sweeps"),
        ("accounts", "0006_desk_rights"),
        ("catalog", "0003_search"),
        ("connectors", "0003_prices_and_stock_as_shown"),
        ("orders", "0004_desk_rights"),
        ("shipping", "0003_desk_rights"),
        ("wallet", "0004_second_person"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
