"""The table of who pays as it begins: by whose fault it was. The staff change it on its page; rows are only added."""

from django.db import migrations

ALL = ("goods", "goods_unpaid", "way_out", "way_back", "storage", "handling")
SUPPLIERS = dict.fromkeys(ALL, "supplier")
COURIERS = dict.fromkeys(ALL, "courier")
# A COD parcel that nobody paid costs the reseller the ways alone, which the guarantee holds.
RESELLERS = dict.fromkeys(ALL, "reseller") | {"goods_unpaid": "supplier"}
BY_FAULT = {"supplier": SUPPLIERS, "courier": COURIERS, "reseller": RESELLERS, "customer": RESELLERS}
USUAL = {
    ("refused", "customer"): {},
    ("refused", "reseller"): {},
    ("refused", "supplier"): {},
    ("refused", "courier"): {},
    ("unknown_address", "reseller"): {},
    ("unknown_address", "customer"): {},
    ("not_home", "customer"): {},
    ("not_home", "courier"): {},
    ("wrong_goods", "supplier"): {"window_days": 14},
    ("wrong_goods", "reseller"): {"window_days": 14},
    # Couriers take a damage for 8 days, a loss for 30.
    ("damaged", "courier"): {"claim_days": 8, "window_days": 8},
    ("damaged", "supplier"): {"window_days": 8},
    ("damaged", "customer"): {},
    ("lost", "courier"): {"claim_days": 30},
    # 14 days to withdraw, and 14 to send it back (art. 52 and 57 Codice del consumo).
    ("change_of_mind", "customer"): {"window_days": 28},
    ("warranty", "supplier"): {"window_days": 730},
    ("warranty", "customer"): {},
}
COLUMNS = (*ALL, "claim_days", "window_days")


def _row(reason, fault, more):
    values = BY_FAULT[fault] | more
    said = [f"'{values[name]}'" if name in ALL else str(values.get(name, "NULL")) for name in COLUMNS]
    return f"('{reason}', '{fault}', date '2000-01-01', 0, 50, 'at_once', now(), {', '.join(said)})"


# Where there is none yet.
RULES = (
    "INSERT INTO orders_whopays"  # noqa: S608 - our own words
    f" (reason, fault, since, handling_net, second_choice, credit, at, {', '.join(COLUMNS)})"
    f" SELECT * FROM (VALUES {', '.join(_row(*key, more) for key, more in USUAL.items())}) AS usual"
    " WHERE NOT EXISTS (SELECT 1 FROM orders_whopays)"
)


class Migration(migrations.Migration):

    dependencies = [("orders", "0011_who_pays_and_cases")]

    operations = [migrations.RunSQL(RULES, migrations.RunSQL.noop)]
