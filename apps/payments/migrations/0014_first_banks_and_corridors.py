"""The banks of Kenya, cut-off times and corridors the bank opens with, and the books for money held abroad.

Sources: numbers of banks from the clearing house's list; BICs and PesaLink membership as the banks publish them, to be
compared with the operator's directory before going live. RTGS (KEPSS): 07:00 to 19:00 on working days since 1 July 2025.
"""

from datetime import date, time

from django.db import migrations

OPENED = date(2023, 7, 1)
BANKS = [
    ("01", "KCB Bank", "KCBLKENX", True),
    ("02", "Standard Chartered Bank", "SCBLKENX", True),
    ("03", "Absa Bank", "BARCKENX", True),
    ("05", "Bank of India", "BKIDKENA", False),
    ("06", "Bank of Baroda", "BARBKENA", True),
    ("07", "NCBA Bank", "CBAFKENX", True),
    ("10", "Prime Bank", "PRIEKENX", True),
    ("11", "Co-operative Bank", "KCOOKENA", True),
    ("12", "National Bank", "NBKEKENX", True),
    ("16", "Citibank", "CITIKENA", False),
    ("19", "Bank of Africa", "AFRIKENX", True),
    ("23", "Consolidated Bank", "CONKKENA", True),
    ("25", "Credit Bank", "CRBTKENA", True),
    ("31", "Stanbic Bank", "SBICKENX", True),
    ("43", "Ecobank", "ECOCKENA", True),
    ("53", "Guaranty Trust Bank", "GTBIKENA", True),
    ("54", "Victoria Commercial Bank", "VICMKENA", True),
    ("55", "Guardian Bank", "GUARKENA", True),
    ("57", "I&M Bank", "IMBLKENA", True),
    ("61", "HFC", "HFCOKENA", True),
    ("63", "Diamond Trust Bank", "DTKEKENA", True),
    ("68", "Equity Bank", "EQBLKENA", True),
    ("70", "Family Bank", "FABLKENA", True),
    ("76", "UBA Kenya Bank", "UNAFKENA", True),
]
CUT_OFFS = {"eft": [time(10), time(15)], "rtgs": [time(9), time(11), time(13), time(15), time(17), time(18, 30)]}
# country, currency, method, least and most that arrives (minor units), working days
CORRIDORS = [
    ("UG", "UGX", "WALLET", 5_000, 5_000_000, 0),
    ("UG", "UGX", "ACCOUNT", 20_000, 20_000_000, 1),
    ("TZ", "TZS", "WALLET", 500_000, 500_000_000, 0),
    ("TZ", "TZS", "ACCOUNT", 1_000_000, 1_500_000_000, 1),
    ("GB", "GBP", "IBAN", 5_00, 5_000_00, 1),
    ("DE", "EUR", "IBAN", 5_00, 5_000_00, 1),
    ("FR", "EUR", "IBAN", 5_00, 5_000_00, 1),
    ("US", "USD", "ACCOUNT", 10_00, 5_000_00, 2),
]
NUMBERS = {"KES": 404, "USD": 840, "EUR": 978, "GBP": 826, "UGX": 800, "TZS": 834}


def seed(apps, schema_editor):
    get = apps.get_model
    get("payments", "OtherBank").objects.bulk_create(
        get("payments", "OtherBank")(code=code, name=name, bic=bic, is_pesalink=is_in, valid_from=OPENED)
        for code, name, bic, is_in in BANKS
    )
    get("payments", "CutOff").objects.bulk_create(
        get("payments", "CutOff")(rail=rail, at=at, valid_from=OPENED)
        for rail, times in CUT_OFFS.items()
        for at in times
    )
    get("payments", "Corridor").objects.bulk_create(
        get("payments", "Corridor")(
            country=country,
            currency=currency,
            method=method,
            partner="KitBridge",
            least_minor=least,
            most_minor=most,
            working_days=days,
            valid_from=OPENED,
        )
        for country, currency, method, least, most, days in CORRIDORS
    )
    line = {
        "name": "Held with the cross-border partner",
        "kind": "ASSET",
        "role": "POSTING",
        "mode": 1,
        "parent_id": 1000,
    }
    get("ledger", "ChartLine").objects.get_or_create(number=1056, defaults=line)
    get("ledger", "GlPurpose").objects.get_or_create(code="abroad:settlement", defaults={"line_id": 1056})
    with schema_editor.connection.cursor() as cursor:
        for currency, number in NUMBERS.items():
            cursor.execute("SELECT ledger_ensure_chart(%s, %s, statement_timestamp())", [currency, number])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_tariff_of_large_transfers"),
        ("ledger", "0010_holidays"),
        ("payments", "0013_other_banks_and_abroad"),
    ]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
