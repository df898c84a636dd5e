from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0029_no_places_in_clear"),
    ]

    operations = [
        migrations.AddField(
            model_name="payment",
            name="asked_at",
            field=models.DateTimeField(help_text="When its rail was last asked what became of it", null=True),
        ),
    ]
