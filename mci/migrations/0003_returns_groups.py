"""Who takes in what comes back, who settles it, who decides: rights of the four groups. Only added, as before."""

from django.db import migrations

OWN = {
    "orders.case": {
        "see_returns": "Can see the desk of the returns",
        "take_return": "Can take in what comes back",
        "settle_return": "Can settle returns and lost parcels",
        "decide_case": "Can approve the cases of resellers",
        "pursue_claim": "Can pursue claims with couriers",
    },
    "orders.whopays": {"edit_who_pays": "Can change who pays for returns"},
}
GROUPS = {
    "Magazzino": ("see_returns", "take_return"),
    "Contabilità": ("see_returns", "settle_return", "pursue_claim"),
    "Assistenza": ("see_returns", "decide_case", "pursue_claim"),
    "Responsabile": (*OWN["orders.case"], "edit_who_pays"),
}


def give(apps, schema_editor):
    ContentType, Permission = apps.get_model("contenttypes", "ContentType"), apps.get_model("auth", "Permission")
    rows = {}
    for place, named in OWN.items():
        room, model = place.split(".")
        kind, _made = ContentType.objects.get_or_create(app_label=room, model=model)
        for codename, name in named.items():
            rows[codename], _made = Permission.objects.get_or_create(
                content_type=kind, codename=codename, defaults={"name": name}
            )
    for name, wanted in GROUPS.items():
        group = apps.get_model("auth", "Group").objects.filter(name=name).first()
        if group is not None:
            group.permissions.add(*(rows[codename] for codename in wanted))


class Migration(migrations.Migration):

    dependencies = [
        ("mci", "0002_staff_groups"),
        ("orders", "0012_usual_who_pays"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
