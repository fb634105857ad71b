"""The table of the cache (mci/cache.py), as `createcachetable` makes it."""

from django.db import migrations

TABLE = """
CREATE TABLE IF NOT EXISTS core_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS core_cache_expires ON core_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_throttles")]

    operations = [migrations.RunSQL(TABLE, "DROP TABLE IF EXISTS core_cache")]
