"""Standing orders of businesses, signed by as many as their mandate asks."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

_USER, _KEPT = settings.AUTH_USER_MODEL, django.db.models.deletion.PROTECT
_STATUSES = [
    ("WAITING", "Waiting for signatures"),
    ("SIGNED", "Signed"),
    ("DECLINED", "Turned down"),
    ("CANCELLED", "Taken back"),
    ("EXPIRED", "Not signed in time"),
    ("STOPPED", "Stopped"),
]


def _id():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def _to(model, **more):
    return models.ForeignKey(on_delete=_KEPT, related_name="+", to=model, **more)


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0031_which_account_a_statement_is_of"),
        ("users", "0008_businesses_hold_accounts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="JointOrder",
            fields=[
                ("id", _id()),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("over_at", models.DateTimeField(null=True)),
                ("over_because", models.CharField(blank=True, default="", max_length=200)),
                ("status", models.CharField(choices=_STATUSES, default="WAITING", max_length=9)),
                ("total_minor", models.BigIntegerField()),
                ("business", _to("users.businessprofile", db_index=False)),
                ("made_by", _to(_USER)),
                ("over_by", _to(_USER, null=True)),
                ("order", models.OneToOneField(on_delete=_KEPT, related_name="joint", to="payments.standingorder")),
                ("replaces", _to("payments.jointorder", null=True)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["business", "-id"], name="joint_orders_of_a_business"),
                    models.Index(
                        condition=Q(("status", "WAITING")), fields=["expires_at"], name="joint_orders_waiting"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("status__in", [status for status, _words in _STATUSES])),
                        name="joint_order_status_is_known",
                    ),
                    models.CheckConstraint(condition=Q(("total_minor__gt", 0)), name="a_joint_order_takes_something"),
                    models.CheckConstraint(
                        condition=Q(("over_at", None), ("status", "WAITING"))
                        | (~Q(("status", "WAITING")) & Q(("over_at__isnull", False))),
                        name="an_order_that_is_over_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(("over_by", None), ("status__in", ["WAITING", "EXPIRED"]))
                        | (
                            Q(("status__in", ("SIGNED", "DECLINED", "CANCELLED", "STOPPED")))
                            & Q(("over_by__isnull", False))
                        ),
                        name="somebody_ended_a_joint_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JointOrderSignature",
            fields=[
                ("id", _id()),
                ("at", models.DateTimeField()),
                (
                    "joint",
                    models.ForeignKey(
                        db_index=False, on_delete=_KEPT, related_name="signatures", to="payments.jointorder"
                    ),
                ),
                ("user", _to(_USER)),
            ],
            options={
                "ordering": ["pk"],
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("joint", "user"), name="an_order_is_signed_once_each")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standingorder",
            trigger=pgtrigger.compiler.Trigger(
                name="an_order_of_a_business_is_signed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF NEW.status IN ('ACTIVE', 'PAUSED')\n   AND EXISTS (SELECT FROM users_user WHERE id = NEW.owner_id AND kind = 'BUSINESS')\n   AND NOT EXISTS (SELECT FROM payments_jointorder WHERE order_id = NEW.id AND status = 'SIGNED')\nTHEN RAISE EXCEPTION 'an order of a business runs once it was signed'\n    USING ERRCODE = 'check_violation', CONSTRAINT = 'an_order_of_a_business_is_signed';\nEND IF;\nRETURN NEW;\n",
                    hash="d5a9645d67a02ecd3fe725b6afea0f81a51f035a",
                    operation='INSERT OR UPDATE OF "status", "owner_id"',
                    pgid="pgtrigger_an_order_of_a_business_is_signed_50cfd",
                    table="payments_standingorder",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standingorder",
            trigger=pgtrigger.compiler.Trigger(
                name="a_signed_order_pays_the_same",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF EXISTS (SELECT FROM payments_jointorder WHERE order_id = OLD.id)\nTHEN RAISE EXCEPTION 'what was signed does not change'\n    USING ERRCODE = 'check_violation', CONSTRAINT = 'a_signed_order_pays_the_same';\nEND IF;\nRETURN NEW;\n",
                    hash="cb9e43cef4ca34a0aa4e1ba22c16ab91888103f1",
                    operation='UPDATE OF "owner_id", "from_account_id", "to_account_id", "rail", "kind", "payee_key", "amount_minor", "currency", "note", "cadence", "starts_on", "day", "times", "until", "day_off"',
                    pgid="pgtrigger_a_signed_order_pays_the_same_7eed6",
                    table="payments_standingorder",
                    when="BEFORE",
                ),
            ),
        ),
    ]
