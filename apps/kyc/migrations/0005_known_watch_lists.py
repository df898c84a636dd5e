"""The lists whose formats are known; who runs the bank loads their files."""

from django.db import migrations

LISTS = [
    ("OFAC_SDN", "OFAC Specially Designated Nationals", "SANCTIONS", "OFAC", "U.S. Treasury, sanctionslist SDN.XML"),
    ("UN", "United Nations Security Council", "SANCTIONS", "UN", "UN consolidated list, XML"),
    ("PEP", "Politically exposed people", "PEP", "CSV", "A table the bank buys or keeps"),
    ("ADVERSE", "Adverse news", "ADVERSE", "CSV", "A table the bank buys or keeps"),
    ("OWN", "People the bank watches", "OWN", "CSV", "The bank's own table"),
]


def add(apps, schema_editor):
    watch_list = apps.get_model("kyc", "WatchList")
    for code, name, kind, form, source in LISTS:
        watch_list.objects.create(code=code, name=name, kind=kind, format=form, source=source)


class Migration(migrations.Migration):
    dependencies = [("kyc", "0004_watch_lists")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
