from django.db import migrations


class Migration(migrations.Migration):
    """The form in which names are searched: lower case, without accents. unaccent() depends on a dictionary that could
    be changed, so PostgreSQL calls it stable; the wrapper promises that nobody does, and can be indexed."""

    dependencies = [("catalog", "0002_initial")]
    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION catalog_fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
            AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, $1)) $$;
            CREATE INDEX catalog_product_folded_trgm ON catalog_product
            USING gin (catalog_fold(name || ' ' || brand) gin_trgm_ops);
            """,
            "DROP INDEX catalog_product_folded_trgm; DROP FUNCTION catalog_fold(text);",
        )
    ]
