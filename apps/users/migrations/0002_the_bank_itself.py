"""The actor of the bank's own jobs, and the head office."""

from django.db import migrations


def make(apps, schema_editor):
    apps.get_model("users", "User").objects.get_or_create(
        is_service=True, defaults={"full_name": "KitBank", "password": "!", "is_staff": False}
    )
    apps.get_model("users", "Branch").objects.get_or_create(
        code="001", defaults={"name": "Head office", "town": "Nairobi"}
    )


class Migration(migrations.Migration):
    dependencies = [("users", "0001_people")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
