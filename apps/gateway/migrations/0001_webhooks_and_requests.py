"""Webhooks of third parties, what was sent there, and how requests went."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.kernel.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "direction",
                    models.CharField(
                        choices=[("IN", "To the bank"), ("OUT", "From the bank")], default="IN", max_length=3
                    ),
                ),
                ("client", models.UUIDField(help_text="The app behind it; empty for people's own", null=True)),
                ("method", models.CharField(max_length=7)),
                (
                    "path",
                    models.CharField(
                        help_text="The address without its ids; of the bank's own calls, the provider", max_length=200
                    ),
                ),
                ("status", models.PositiveSmallIntegerField()),
                ("ms", models.PositiveIntegerField()),
                ("request_id", models.CharField(max_length=64)),
                (
                    "interaction_id",
                    models.CharField(blank=True, default="", help_text="As the app itself named it", max_length=36),
                ),
                ("error_code", models.CharField(blank=True, default="", max_length=60)),
                (
                    "wrong",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        default=list,
                        help_text="Names of fields that were wrong",
                        size=None,
                    ),
                ),
                ("shape", models.JSONField(help_text="The body with every value struck out", null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("client__isnull", False)),
                        fields=["client", "-id"],
                        name="requests_of_an_app",
                    ),
                    models.Index(fields=["request_id"], name="requests_by_id"),
                    models.Index(
                        condition=models.Q(("interaction_id", ""), _negated=True),
                        fields=["interaction_id"],
                        name="requests_by_interaction",
                    ),
                    models.Index(fields=["at"], name="requests_by_age"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("direction__in", ["IN", "OUT"])), name="requests_go_one_way"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("client", models.UUIDField(help_text="The app whose events it is told")),
                (
                    "slot",
                    models.PositiveSmallIntegerField(help_text="1 to 5: how many an app has, said by the database"),
                ),
                ("url", models.CharField(max_length=500)),
                (
                    "events",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None),
                ),
                ("secret", apps.kernel.fields.EncryptedText(row="public_id")),
                ("previous_secret", apps.kernel.fields.EncryptedText(null=True, row="public_id")),
                ("previous_until", models.DateTimeField(null=True)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "paused_because",
                    models.CharField(
                        blank=True,
                        choices=[("FAILURES", "It failed too often"), ("OWNER", "You paused it")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("failures", models.PositiveIntegerField(default=0, help_text="In a row")),
                ("free_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("event_key", models.CharField(help_text="Names the happening for ever", max_length=120)),
                ("event_type", models.CharField(max_length=60)),
                ("body", models.TextField()),
                (
                    "status",
                    models.CharField(
                        choices=[("PENDING", "On its way"), ("DELIVERED", "Delivered"), ("FAILED", "Given up")],
                        default="PENDING",
                        max_length=9,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, help_text="In this round")),
                ("next_attempt_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("response_status", models.PositiveSmallIntegerField(null=True)),
                ("response_ms", models.PositiveIntegerField(null=True)),
                ("response", models.CharField(blank=True, default="", max_length=500)),
                ("error", models.CharField(blank=True, default="", max_length=20)),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="gateway.webhookendpoint",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "webhook deliveries",
            },
        ),
        migrations.AddIndex(
            model_name="webhookendpoint",
            index=models.Index(condition=models.Q(("is_active", True)), fields=["free_at"], name="endpoints_free"),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.UniqueConstraint(fields=("client", "slot"), name="one_endpoint_per_slot"),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.UniqueConstraint(fields=("client", "url"), name="an_address_once_per_app"),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("slot__gte", 1), ("slot__lte", 5)), name="apps_have_a_few_endpoints"
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("events__len__gte", 1)), name="endpoints_hear_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_active", True), ("paused_because", "")),
                    models.Q(("is_active", False), ("paused_because__in", ["FAILURES", "OWNER"])),
                    _connector="OR",
                ),
                name="what_rests_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("previous_secret", None), ("previous_until", None)),
                    models.Q(("previous_secret__isnull", False), ("previous_until__isnull", False)),
                    _connector="OR",
                ),
                name="an_older_secret_has_an_end",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("status", "PENDING")), fields=["endpoint", "next_attempt_at"], name="webhooks_due"
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["created_at"], name="webhooks_by_age"),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.UniqueConstraint(fields=("endpoint", "event_key"), name="told_once_per_endpoint"),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["PENDING", "DELIVERED", "FAILED"])), name="webhook_status_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "DELIVERED"), _negated=True), ("delivered_at__isnull", False), _connector="OR"
                ),
                name="what_was_delivered_has_a_time",
            ),
        ),
    ]
