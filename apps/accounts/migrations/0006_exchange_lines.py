"""Lines of an exchange."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_foreign_products"),
    ]

    operations = [
        migrations.AlterField(
            model_name="transaction",
            name="txn_type",
            field=models.CharField(
                choices=[
                    ("INTERNAL_TRANSFER", "Between own accounts"),
                    ("EXTERNAL_TRANSFER", "To another bank"),
                    ("P2P_TRANSFER", "Sent to a person"),
                    ("QR_PAYMENT", "Paid by QR"),
                    ("BILL_PAYMENT", "Bill"),
                    ("MOBILE_MONEY", "Mobile money"),
                    ("INTERNATIONAL_REMITTANCE", "Sent abroad"),
                    ("CARD_PAYMENT", "Card"),
                    ("MERCHANT_PAYMENT", "Shop"),
                    ("DEPOSIT", "Deposit"),
                    ("WITHDRAWAL", "Withdrawal"),
                    ("SALARY", "Salary"),
                    ("AIRTIME", "Airtime"),
                    ("FEE", "Fee"),
                    ("EXCISE_DUTY", "Excise duty"),
                    ("INTEREST", "Interest"),
                    ("REFUND", "Refund"),
                    ("REVERSAL", "Reversal"),
                    ("EXCHANGE", "Exchange"),
                ],
                max_length=24,
            ),
        ),
    ]
