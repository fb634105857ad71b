from django.db import migrations


class Migration(migrations.Migration):
    """Parcels are found by their recipients' names without accents, in any order of the words."""

    dependencies = [
        ("catalog", "0003_search"),
        ("shipping", "0005_numbers_are_one_parcels"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX shipping_shipment_folded_trgm ON shipping_shipment"
            " USING gin (catalog_fold(name) gin_trgm_ops);",
            "DROP INDEX shipping_shipment_folded_trgm;",
        ),
    ]
