from django.db import migrations, models

import apps.kernel.fields


class Migration(migrations.Migration):
    """What was kept in clear stands aside, and columns for the same thing sealed take its place."""

    dependencies = [
        ("mpesa", "0009_what_prompts_are_for"),
    ]

    operations = [
        migrations.RenameField(model_name="mpesatransaction", old_name="phone", new_name="phone_clear"),
        migrations.RenameField(model_name="mpesatransaction", old_name="name", new_name="name_clear"),
        migrations.RenameField(model_name="statementrow", old_name="details", new_name="details_clear"),
        migrations.RenameField(model_name="statementrow", old_name="other_party", new_name="other_party_clear"),
        migrations.AddField(
            model_name="mpesatransaction",
            name="phone",
            field=apps.kernel.fields.EncryptedText(
                help_text="+254…; masked when M-Pesa masks it", null=True, row="public_id"
            ),
        ),
        migrations.AddField(
            model_name="mpesatransaction",
            name="phone_print",
            field=apps.kernel.fields.Fingerprint(null=True, of="phone"),
        ),
        migrations.AddField(
            model_name="mpesatransaction",
            name="name",
            field=apps.kernel.fields.EncryptedText(help_text="As M-Pesa told it", null=True, row="public_id"),
        ),
        migrations.AddField(
            model_name="statementrow",
            name="details",
            field=apps.kernel.fields.EncryptedText(
                help_text="In M-Pesa's words, which name people and their phones", null=True, row="public_id"
            ),
        ),
        migrations.AddField(
            model_name="statementrow",
            name="other_party",
            field=apps.kernel.fields.EncryptedText(null=True, row="public_id"),
        ),
        migrations.AddIndex(
            model_name="mpesatransaction",
            index=models.Index(
                condition=models.Q(("phone_print__isnull", False)),
                fields=["phone_print", "-id"],
                name="mpesa_of_a_phone",
            ),
        ),
    ]
