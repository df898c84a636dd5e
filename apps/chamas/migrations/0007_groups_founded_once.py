from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chamas", "0006_turns_closed_by_decision"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="chamagroup",
            name="key",
            field=models.CharField(
                blank=True, default="", help_text="The founder's form, counted once", max_length=120
            ),
        ),
        migrations.AddIndex(
            model_name="payin",
            index=models.Index(fields=["at"], name="pay_ins_of_a_day"),
        ),
        migrations.AddConstraint(
            model_name="chamagroup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True),
                fields=("created_by", "key"),
                name="a_form_founds_one_group",
            ),
        ),
    ]
