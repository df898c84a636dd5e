"""What Django cannot say: the cache table, and counters that need no write-ahead log."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_outbox_keys_and_approvals")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE kernel_ratecounter SET UNLOGGED",
            "ALTER TABLE kernel_ratecounter SET LOGGED",
        ),
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE kernel_cache (
                cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
            CREATE INDEX kernel_cache_expires ON kernel_cache (expires);
            """,
            "DROP TABLE kernel_cache",
        ),
    ]
