import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

import apps.kernel.fields


class Migration(migrations.Migration):
    """The trigger leaves the content out: it is sealed again when keys change, and its hash keeps the words."""

    dependencies = [
        ("payments", "0024_seal_words_of_other_banks"),
    ]

    operations = [
        migrations.RemoveField(model_name="bankfile", name="content_clear"),
        migrations.RemoveField(model_name="banknews", name="raw_clear"),
        migrations.AlterField(
            model_name="bankfile",
            name="content",
            field=apps.kernel.fields.EncryptedText(help_text="Whom it pays, in the bank's own words", row="message_id"),
        ),
        migrations.AlterField(
            model_name="banknews",
            name="raw",
            field=apps.kernel.fields.EncryptedText(help_text="Who paid and was paid, as they told it", row="sha256"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bankfile",
            trigger=pgtrigger.compiler.Trigger(
                name="files_keep_their_words",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."rail" IS DISTINCT FROM (NEW."rail") OR OLD."sequence" IS DISTINCT FROM (NEW."sequence") OR OLD."message_id" IS DISTINCT FROM (NEW."message_id") OR OLD."cut_at" IS DISTINCT FROM (NEW."cut_at") OR OLD."pays_on" IS DISTINCT FROM (NEW."pays_on") OR OLD."count" IS DISTINCT FROM (NEW."count") OR OLD."total_minor" IS DISTINCT FROM (NEW."total_minor") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="9fe60c38965854cf2d40bac0cdbf280d87730b07",
                    operation="UPDATE",
                    pgid="pgtrigger_files_keep_their_words_13556",
                    table="payments_bankfile",
                    when="BEFORE",
                ),
            ),
        ),
    ]
