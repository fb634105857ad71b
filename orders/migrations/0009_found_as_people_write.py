import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    """Customers are found by their names without accents, by telephone and by e-mail."""

    dependencies = [
        ("catalog", "0003_search"),
        ("orders", "0008_half_typed"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["phone"], name="orders_order_phone", condition=models.Q(("phone__gt", ""))
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                django.db.models.functions.text.Upper("email"),
                name="orders_order_email",
                condition=models.Q(("email__gt", "")),
            ),
        ),
        migrations.RunSQL(
            "CREATE INDEX orders_order_folded_trgm ON orders_order USING gin (catalog_fold(name) gin_trgm_ops);",
            "DROP INDEX orders_order_folded_trgm;",
        ),
    ]
