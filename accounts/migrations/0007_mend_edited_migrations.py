"""Until this migration landed, migrations that had landed were edited in place, and a database that had run them before
never heard of it: `migrate` had nothing to apply while tables, columns, constraints, indexes and triggers were missing.

This one looks at what is there, compares it with what the applied migrations say today, and adds what the edits skipped.
It does nothing on a new database and on a whole one. It serves every database since the commit that brought
catalog/0003_search; an older one is refused by Django itself, whose orders/0001 now depends on it.

It belongs to `accounts` for one reason alone: of all rooms it is migrated first, so that what is still to apply
(connectors/0002 and others) meets the tables that it counts on. `tests/mci/test_old_databases.py` holds it to that.
"""

from typing import Any

from django.db import migrations
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import CharField, TextField, UUIDField
from django.db.models.fields import NOT_PROVIDED

from core.places import city_key
from core.schema_mend import PER_ROW, mend
from core.schema_wanted import schema_after

# All that had landed by then. A database that has run others already is younger than the last edit.
LANDED = {
    ("catalog", "0001_extensions"),
    ("catalog", "0002_initial"),
    ("catalog", "0003_search"),
    ("connectors", "0001_initial"),
    ("connectors", "0002_what_a_shop_says"),
    ("connectors", "0003_prices_and_stock_as_shown"),
    ("core", "0001_initial"),
    ("core", "0002_throttles"),
    ("core", "0003_cache"),
    ("core", "0004_outages"),
    ("orders", "0001_initial"),
    ("orders", "0002_what_a_shop_says"),
    ("orders", "0003_figures_seen"),
    ("shipping", "0001_initial"),
    ("shipping", "0002_courier_text"),
    ("wallet", "0001_initial"),
    ("wallet", "0002_guards"),
    ("wallet", "0003_cod_amendment"),
}
ROOMS = {app for app, _name in LANDED}

# What is still to come of COD orders, by reference: kept by a trigger since the table exists, summed up for before.
OPEN_ITEMS = """
SET LOCAL mci.ledger_maintenance = 'on';
INSERT INTO wallet_openitem (account_id, reference, amount, since)
SELECT p.account_id, e.reference, sum(p.amount), min(e.at)
  FROM wallet_posting p JOIN wallet_account a ON a.id = p.account_id AND a.kind = 'cod_due'
  JOIN wallet_entry e ON e.id = p.entry_id
 GROUP BY p.account_id, e.reference HAVING sum(p.amount) <> 0
ON CONFLICT DO NOTHING;
SET LOCAL mci.ledger_maintenance = 'off';
"""


def forwards(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    applied = {key for key in MigrationRecorder(connection).applied_migrations() if key[0] in ROOMS}
    if not applied or not applied <= LANDED:
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # an index over all orders takes its time
    wanted, models = schema_after(connection, applied, in_public=["0001_extensions"])
    fields = {
        (model._meta.db_table, field.column): field for model in models.get_models() for field in model._meta.local_fields
    }

    def fill(table: str, column: str, kind: str) -> Any:
        field = fields[table, column]
        if isinstance(field, UUIDField) and field.unique:
            return PER_ROW
        if field.default is NOT_PROVIDED and isinstance(field, (CharField, TextField)):
            return ""
        return field.get_db_prep_save(field.get_default(), connection)

    found = mend(connection, wanted, fill=fill)
    with connection.cursor() as cursor:
        if any(one.part == "tables" and one.name == "wallet_openitem" for one in found):
            cursor.execute(OPEN_ITEMS)
        if any(one.name == "city_key" for one in found):
            cursor.execute("SELECT DISTINCT city FROM core_place")
            for (city,) in cursor.fetchall():
                cursor.execute("UPDATE core_place SET city_key = %s WHERE city = %s", [city_key(city), city])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_desk_rights")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
