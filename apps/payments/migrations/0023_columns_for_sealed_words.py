import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

import apps.kernel.fields


class Migration(migrations.Migration):
    """What was kept in clear of messages to and from other banks stands aside for the same thing sealed."""

    dependencies = [
        ("payments", "0022_sending_back_is_signed"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="bankfile", name="files_keep_their_words"),
        migrations.RenameField(model_name="bankfile", old_name="content", new_name="content_clear"),
        migrations.RenameField(model_name="banknews", old_name="raw", new_name="raw_clear"),
        migrations.AddField(
            model_name="bankfile", name="content", field=apps.kernel.fields.EncryptedText(null=True, row="message_id")
        ),
        migrations.AddField(
            model_name="banknews", name="raw", field=apps.kernel.fields.EncryptedText(null=True, row="sha256")
        ),
    ]
