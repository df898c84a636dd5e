from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("mpesa", "0011_seal_phones_and_names"),
    ]

    operations = [
        migrations.RemoveField(model_name="mpesatransaction", name="phone_clear"),
        migrations.RemoveField(model_name="mpesatransaction", name="name_clear"),
        migrations.RemoveField(model_name="statementrow", name="details_clear"),
        migrations.RemoveField(model_name="statementrow", name="other_party_clear"),
    ]
