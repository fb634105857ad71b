from django.db import migrations, models

# The transaction that wrote a row last, whoever writes: a program that asks for what changed misses nothing that was
# committed late, which a moment of the clock would let through.
FOLLOWED = """
CREATE FUNCTION catalog_followed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.changed_in := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END $$;
CREATE TRIGGER followed BEFORE INSERT OR UPDATE ON catalog_product
  FOR EACH ROW EXECUTE FUNCTION catalog_followed();
CREATE TRIGGER followed BEFORE INSERT OR UPDATE ON catalog_variant
  FOR EACH ROW EXECUTE FUNCTION catalog_followed();
CREATE TRIGGER followed BEFORE INSERT OR UPDATE ON catalog_stock
  FOR EACH ROW EXECUTE FUNCTION catalog_followed();
"""
BACK = """
DROP TRIGGER followed ON catalog_product;
DROP TRIGGER followed ON catalog_variant;
DROP TRIGGER followed ON catalog_stock;
DROP FUNCTION catalog_followed();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0004_shelves'),
    ]

    operations = [
        migrations.AddField(
            model_name='product',
            name='changed_in',
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='stock',
            name='changed_in',
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='variant',
            name='changed_in',
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.RunSQL(FOLLOWED, BACK),
    ]
