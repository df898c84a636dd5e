from django.db import migrations


class Migration(migrations.Migration):
    """The log that axes kept of sign-ins held phones in clear; sessions and the audit trail say the same."""

    dependencies = [
        ("axes", "0010_accessattemptexpiration"),
        ("users", "0010_proofs_keep_prints"),
    ]

    operations = [migrations.RunSQL("TRUNCATE axes_accesslog", migrations.RunSQL.noop)]
