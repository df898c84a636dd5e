"""A business gets a row among the people, by which it holds accounts, has a tier and is screened."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


def give_each_a_party(apps, schema_editor):
    user, profile = apps.get_model("users", "User"), apps.get_model("users", "BusinessProfile")
    for business in profile.objects.filter(party=None):
        status = "CLOSED" if business.closed_at else "ACTIVE"
        fields = {"full_name": business.name, "password": "!", "created_at": business.created_at}
        business.party = user.objects.create(kind="BUSINESS", status=status, **fields)
        business.save(update_fields=["party"])
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [("users", "0007_connections_and_broken_glass")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="kind",
            field=models.CharField(
                choices=[("PERSON", "Person"), ("BUSINESS", "Business"), ("NAMED", "Named by a business")],
                default="PERSON",
                editable=False,
                max_length=8,
            ),
        ),
        migrations.RemoveConstraint(model_name="user", name="a_customer_has_a_phone_and_an_id"),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=Q(is_service=True)
                | Q(is_staff=True)
                | Q(erased_at__isnull=False, status="CLOSED")
                | ~Q(kind="PERSON")
                | (Q(phone__isnull=False) & Q(id_number__isnull=False)),
                name="a_customer_has_a_phone_and_an_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=Q(kind="PERSON")
                | Q(kind__in=["BUSINESS", "NAMED"], phone=None, email=None, id_number=None, is_staff=False),
                name="only_people_sign_in",
            ),
        ),
        migrations.AddField(
            model_name="businessprofile",
            name="party",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="business",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(give_each_a_party, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="businessprofile",
            name="party",
            field=models.OneToOneField(
                help_text="As whom it holds accounts, has a tier and is screened",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="business",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
