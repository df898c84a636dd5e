"""Third parties, their secrets, customers' consents, codes and tokens: the toolkit's tables, swapped from the start."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import oauth2_provider.generators
import oauth2_provider.models
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import apps.kernel.fields


class Migration(migrations.Migration):
    initial = True
    run_before = [("oauth2_provider", "0001_initial")]

    dependencies = [
        ("accounts", "0021_dormancy"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "consent_type",
                    models.CharField(
                        choices=[
                            ("AIS", "Read accounts"),
                            ("PIS", "Make one payment"),
                            ("CBPII", "Ask whether an amount is there"),
                            ("IDENTITY", "Sign in with KitBank"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("RECEIVED", "Waiting for the customer"),
                            ("PARTIALLY_AUTHORISED", "Waiting for a second holder"),
                            ("VALID", "Given"),
                            ("CONSUMED", "Used"),
                            ("REJECTED", "Refused"),
                            ("REVOKED_BY_PSU", "Stopped by the customer"),
                            ("TERMINATED_BY_TPP", "Ended by the app"),
                            ("REVOKED_BY_BANK", "Stopped by the bank"),
                            ("EXPIRED", "Ended: its time is over"),
                        ],
                        default="RECEIVED",
                        max_length=20,
                    ),
                ),
                ("accounts_access", models.BooleanField(default=False)),
                ("balances_access", models.BooleanField(default=False)),
                ("transactions_access", models.BooleanField(default=False)),
                ("payment_initiation", models.BooleanField(default=False)),
                ("is_recurring", models.BooleanField(default=True)),
                (
                    "frequency_per_day",
                    models.PositiveSmallIntegerField(default=4, help_text="Reads a day without the customer"),
                ),
                ("purpose", models.CharField(blank=True, default="", max_length=140)),
                ("transactions_from", models.DateField(blank=True, help_text="Nothing older is shown", null=True)),
                ("amount_minor", models.BigIntegerField(blank=True, null=True)),
                ("currency", models.CharField(blank=True, default="", max_length=8)),
                ("payee", models.CharField(blank=True, default="", max_length=160)),
                ("created_at", models.DateTimeField()),
                ("authorise_before", models.DateTimeField()),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
                ("authorised_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("sca_method", models.CharField(blank=True, default="", max_length=8)),
                ("warned_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DeveloperAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("organisation", models.CharField(max_length=100)),
                ("created_at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="developer",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DeviceGrant",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("device_code", models.CharField(max_length=100, verbose_name="device code")),
                ("user_code", models.CharField(max_length=100, verbose_name="user code")),
                ("scope", models.TextField(blank=True, verbose_name="scope")),
                ("interval", models.IntegerField(default=5, verbose_name="interval")),
                ("expires", models.DateTimeField(verbose_name="expires")),
                (
                    "status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("authorized", "Authorized"),
                            ("authorization-pending", "Authorization pending"),
                            ("expired", "Expired"),
                            ("denied", "Denied"),
                        ],
                        default="authorization-pending",
                        max_length=64,
                        verbose_name="status",
                    ),
                ),
                ("client_id", models.CharField(db_index=True, max_length=100, verbose_name="client ID")),
                ("last_checked", models.DateTimeField(auto_now=True, verbose_name="last checked")),
                ("family", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "consent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="open_banking.consent",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(app_label)s_%(class)s",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="IdToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("jti", models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="JWT Token ID")),
                ("expires", models.DateTimeField(verbose_name="expires")),
                ("scope", models.TextField(blank=True, verbose_name="scope")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(app_label)s_%(class)s",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("token", models.TextField(verbose_name="token")),
                (
                    "token_checksum",
                    oauth2_provider.models.TokenChecksumField(
                        db_index=True, max_length=64, unique=True, verbose_name="token checksum"
                    ),
                ),
                ("expires", models.DateTimeField(verbose_name="expires")),
                ("scope", models.TextField(blank=True, verbose_name="scope")),
                (
                    "resource",
                    oauth2_provider.models.ResourceJSONField(blank=True, default=list, verbose_name="resource"),
                ),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("family", models.UUIDField(db_index=True, editable=False, null=True)),
                ("is_direct", models.BooleanField(default=False, help_text="By DirectLogin")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(app_label)s_%(class)s",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_tokens",
                        to="open_banking.consent",
                    ),
                ),
                (
                    "id_token",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_token",
                        to=settings.OAUTH2_PROVIDER_ID_TOKEN_MODEL,
                        verbose_name="ID token",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RefreshToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("token", models.TextField(verbose_name="token")),
                (
                    "token_checksum",
                    oauth2_provider.models.TokenChecksumField(max_length=64, verbose_name="token checksum"),
                ),
                ("token_family", models.UUIDField(blank=True, editable=False, null=True, verbose_name="token family")),
                (
                    "resource",
                    oauth2_provider.models.ResourceJSONField(blank=True, default=list, verbose_name="resource"),
                ),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("revoked", models.DateTimeField(null=True, verbose_name="revoked")),
                (
                    "access_token",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="refresh_token",
                        to=settings.OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL,
                        verbose_name="access token",
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refresh_tokens",
                        to="open_banking.consent",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(app_label)s_%(class)s",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="accesstoken",
            name="source_refresh_token",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="refreshed_access_token",
                to=settings.OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL,
                verbose_name="source refresh token",
            ),
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kid", models.CharField(max_length=64, unique=True)),
                ("pem", apps.kernel.fields.EncryptedText(row="public_id")),
                ("created_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at", None)),
                        fields=("retired_at",),
                        name="one_key_signs",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ThirdPartyApp",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "client_id",
                    models.CharField(
                        db_index=True,
                        default=oauth2_provider.generators.generate_client_id,
                        max_length=255,
                        unique=True,
                        verbose_name="client ID",
                    ),
                ),
                (
                    "redirect_uris",
                    models.TextField(
                        blank=True, help_text="Allowed URIs list, space separated", verbose_name="redirect URIs"
                    ),
                ),
                (
                    "post_logout_redirect_uris",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="Allowed Post Logout URIs list, space separated",
                        verbose_name="post logout redirect URIs",
                    ),
                ),
                (
                    "client_type",
                    models.CharField(
                        choices=[("confidential", "Confidential"), ("public", "Public")],
                        max_length=32,
                        verbose_name="client type",
                    ),
                ),
                (
                    "authorization_grant_type",
                    models.CharField(
                        choices=[
                            ("authorization-code", "Authorization code"),
                            ("urn:ietf:params:oauth:grant-type:device_code", "Device Code"),
                            ("implicit", "Implicit"),
                            ("password", "Resource owner password-based"),
                            ("client-credentials", "Client credentials"),
                            ("openid-hybrid", "OpenID connect hybrid"),
                        ],
                        max_length=44,
                        verbose_name="authorization grant type",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=255, verbose_name="name")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "algorithm",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No OIDC support"),
                            ("RS256", "RSA with SHA-2 256"),
                            ("HS256", "HMAC with SHA-2 256"),
                        ],
                        default="",
                        max_length=5,
                        verbose_name="algorithm",
                    ),
                ),
                (
                    "registration_source",
                    models.CharField(
                        choices=[
                            ("manual", "Manual"),
                            ("dcr", "Dynamic Client Registration"),
                            ("cimd", "Client ID Metadata Document"),
                        ],
                        default="manual",
                        help_text="How this application was registered (manual, DCR per RFC 7591, or CIMD)",
                        max_length=32,
                        verbose_name="registration source",
                    ),
                ),
                (
                    "cimd_expires_at",
                    models.DateTimeField(
                        blank=True,
                        default=None,
                        help_text="When the cached Client ID Metadata Document should be re-fetched",
                        null=True,
                        verbose_name="CIMD expires at",
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("description", models.CharField(blank=True, default="", max_length=300)),
                ("website_url", models.CharField(blank=True, default="", max_length=500)),
                ("logo_url", models.CharField(blank=True, default="", max_length=500)),
                (
                    "allowed_scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("accounts", "Accounts, balances and movements"),
                                ("payments", "Payments"),
                                ("fundsconfirmations", "Whether an amount is there"),
                            ],
                            max_length=20,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Waiting to be looked at"),
                            ("APPROVED", "Approved"),
                            ("REJECTED", "Not approved"),
                            ("SUSPENDED", "Suspended"),
                        ],
                        default="PENDING",
                        max_length=9,
                    ),
                ),
                ("is_sandbox", models.BooleanField(default=True)),
                (
                    "uses_devices",
                    models.BooleanField(default=False, help_text="May be let in from a screen without a keyboard"),
                ),
                (
                    "allows_direct_login",
                    models.BooleanField(default=False, help_text="May hand over a password (OBP DirectLogin)"),
                ),
                ("rate_limit_per_minute", models.PositiveIntegerField(default=60)),
                ("rate_limit_per_day", models.PositiveIntegerField(default=10000)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("status_because", models.CharField(blank=True, default="", max_length=200)),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "developer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="apps",
                        to="open_banking.developeraccount",
                    ),
                ),
            ],
            options={
                "permissions": [("approve_apps", "Can look at third parties' apps, and decide on them")],
            },
        ),
        migrations.AddField(
            model_name="refreshtoken",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                verbose_name="application",
            ),
        ),
        migrations.AddField(
            model_name="idtoken",
            name="application",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                verbose_name="application",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="app",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consents",
                to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="AuthorisationCode",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=255, unique=True, verbose_name="code")),
                ("expires", models.DateTimeField(verbose_name="expires")),
                ("redirect_uri", models.TextField(verbose_name="redirect URI")),
                ("scope", models.TextField(blank=True, verbose_name="scope")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "code_challenge",
                    models.CharField(blank=True, default="", max_length=128, verbose_name="code challenge"),
                ),
                (
                    "code_challenge_method",
                    models.CharField(
                        blank=True,
                        choices=[("plain", "plain"), ("S256", "S256")],
                        default="",
                        max_length=10,
                        verbose_name="code challenge method",
                    ),
                ),
                ("nonce", models.CharField(blank=True, default="", max_length=255, verbose_name="nonce")),
                ("claims", models.TextField(blank=True, verbose_name="claims")),
                (
                    "resource",
                    oauth2_provider.models.ResourceJSONField(blank=True, default=list, verbose_name="resource"),
                ),
                ("family", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(app_label)s_%(class)s",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="open_banking.consent"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AppSecret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("secret_print", models.BinaryField(max_length=32)),
                ("hint", models.CharField(help_text="Its last characters, to know it by", max_length=4)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="secrets",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="accesstoken",
            name="application",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                verbose_name="application",
            ),
        ),
        migrations.CreateModel(
            name="AccessLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "resource",
                    models.CharField(
                        choices=[
                            ("ACCOUNTS", "Account name, number and kind"),
                            ("BALANCES", "Balances"),
                            ("TRANSACTIONS", "Money in and out"),
                            ("FUNDS", "Yes or no: is an amount there"),
                            ("IDENTITY", "Who you are"),
                        ],
                        max_length=12,
                    ),
                ),
                ("fields", models.CharField(help_text="The names of what left, never its values", max_length=300)),
                ("rows", models.PositiveIntegerField(default=1)),
                ("person_present", models.BooleanField()),
                ("interaction_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reads",
                        to="open_banking.consent",
                    ),
                ),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UnattendedReads",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "resource",
                    models.CharField(
                        choices=[
                            ("ACCOUNTS", "Account name, number and kind"),
                            ("BALANCES", "Balances"),
                            ("TRANSACTIONS", "Money in and out"),
                            ("FUNDS", "Yes or no: is an amount there"),
                            ("IDENTITY", "Who you are"),
                        ],
                        max_length=12,
                    ),
                ),
                ("day", models.DateField()),
                ("reads", models.PositiveIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="open_banking.consent"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ConsentAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "permission",
                    models.CharField(
                        choices=[
                            ("ACCOUNTS", "Account name, number and kind"),
                            ("BALANCES", "Balances"),
                            ("TRANSACTIONS", "Money in and out"),
                            ("FUNDS", "Yes or no: is an amount there"),
                            ("PAYMENT", "One payment"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="chosen", to="open_banking.consent"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("consent", "account", "permission"), name="each_permission_given_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("was", models.CharField(blank=True, max_length=20)),
                (
                    "became",
                    models.CharField(
                        choices=[
                            ("RECEIVED", "Waiting for the customer"),
                            ("PARTIALLY_AUTHORISED", "Waiting for a second holder"),
                            ("VALID", "Given"),
                            ("CONSUMED", "Used"),
                            ("REJECTED", "Refused"),
                            ("REVOKED_BY_PSU", "Stopped by the customer"),
                            ("TERMINATED_BY_TPP", "Ended by the app"),
                            ("REVOKED_BY_BANK", "Stopped by the bank"),
                            ("EXPIRED", "Ended: its time is over"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "actor",
                    models.CharField(
                        choices=[("PSU", "Customer"), ("TPP", "App"), ("BANK", "Bank"), ("CLOCK", "Its time")],
                        max_length=5,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="open_banking.consent"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["consent", "at"], name="moves_of_a_consent")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consentevent",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f461d1ef72449adfc390a069fa995f2bd3b151b9",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_c2eef",
                    table="open_banking_consentevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consentevent",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="f3ee622d85196d10dc4dea293c0dc517fce44f00",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_e2851",
                    table="open_banking_consentevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="devicegrant",
            constraint=models.UniqueConstraint(
                fields=("device_code",), name="open_banking_devicegrant_unique_device_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="thirdpartyapp",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["PENDING", "APPROVED", "REJECTED", "SUSPENDED"])),
                name="app_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="thirdpartyapp",
            constraint=models.CheckConstraint(
                condition=models.Q(("algorithm", "RS256")), name="apps_get_signed_tokens"
            ),
        ),
        migrations.AddConstraint(
            model_name="thirdpartyapp",
            constraint=models.CheckConstraint(
                condition=models.Q(("authorization_grant_type", "authorization-code")), name="apps_use_the_code_flow"
            ),
        ),
        migrations.AddConstraint(
            model_name="thirdpartyapp",
            constraint=models.CheckConstraint(
                condition=models.Q(("client_type__in", ["confidential", "public"])), name="app_kind_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="thirdpartyapp",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_sandbox", True),
                    models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                    _connector="OR",
                ),
                name="live_apps_were_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="thirdpartyapp",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "APPROVED"), _negated=True), ("is_sandbox", False), _connector="OR"
                ),
                name="approved_apps_are_live",
            ),
        ),
        migrations.AddConstraint(
            model_name="thirdpartyapp",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rate_limit_per_day__gte", models.F("rate_limit_per_minute")), ("rate_limit_per_minute__gte", 1)
                ),
                name="app_limits_make_sense",
            ),
        ),
        migrations.AddConstraint(
            model_name="thirdpartyapp",
            constraint=models.CheckConstraint(
                condition=models.Q(("redirect_uris", ""), _negated=True), name="apps_have_somewhere_to_return_to"
            ),
        ),
        migrations.AddConstraint(
            model_name="thirdpartyapp",
            constraint=models.CheckConstraint(
                condition=models.Q(("allows_direct_login", False), ("client_type", "confidential"), _connector="OR"),
                name="direct_login_needs_a_secret",
            ),
        ),
        migrations.AddIndex(
            model_name="refreshtoken",
            index=models.Index(fields=["token_family"], name="open_bankin_token_f_607013_idx"),
        ),
        migrations.AddConstraint(
            model_name="refreshtoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("token", "")), name="refresh_tokens_are_kept_as_hashes"
            ),
        ),
        migrations.AlterUniqueTogether(
            name="refreshtoken",
            unique_together={("token_checksum", "revoked")},
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["user", "-created_at"], name="consents_of_a_customer"),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["app", "-created_at"], name="consents_of_an_app"),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(
                condition=models.Q(("status__in", ("RECEIVED", "PARTIALLY_AUTHORISED", "VALID"))),
                fields=["valid_until"],
                name="open_consents_by_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "RECEIVED",
                            "PARTIALLY_AUTHORISED",
                            "VALID",
                            "CONSUMED",
                            "REJECTED",
                            "REVOKED_BY_PSU",
                            "TERMINATED_BY_TPP",
                            "REVOKED_BY_BANK",
                            "EXPIRED",
                        ],
                    )
                ),
                name="consent_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_until__gt", models.F("valid_from"))), name="consents_end_after_they_begin"
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["VALID", "CONSUMED", "REVOKED_BY_PSU"]), _negated=True),
                    models.Q(("authorised_at__isnull", False), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="given_consents_say_by_whom_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("status__in", ("RECEIVED", "PARTIALLY_AUTHORISED", "VALID"))),
                    models.Q(
                        models.Q(("status__in", ("RECEIVED", "PARTIALLY_AUTHORISED", "VALID")), _negated=True),
                        ("ended_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="consents_end_when_they_are_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount_minor__gt", 0),
                        ("consent_type", "PIS"),
                        ("payment_initiation", True),
                        models.Q(("payee", ""), _negated=True),
                        models.Q(("currency", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("consent_type", "PIS"), _negated=True),
                        ("amount_minor", None),
                        ("payment_initiation", False),
                    ),
                    _connector="OR",
                ),
                name="only_payments_have_amount_and_payee",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("consent_type", "AIS"), _negated=True),
                    ("accounts_access", True),
                    ("balances_access", True),
                    ("transactions_access", True),
                    _connector="OR",
                ),
                name="account_consents_ask_for_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("frequency_per_day__gte", 1),
                    models.Q(("is_recurring", True), ("frequency_per_day", 1), _connector="OR"),
                ),
                name="one_off_consents_read_once_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("consent_type", "AIS"), ("is_recurring", True), ("status", "VALID")),
                fields=("app", "user"),
                name="one_recurring_consent_per_app_and_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisationcode",
            constraint=models.CheckConstraint(
                condition=models.Q(("code_challenge_method", "S256"), models.Q(("code_challenge", ""), _negated=True)),
                name="codes_need_a_proof_of_sender",
            ),
        ),
        migrations.AddConstraint(
            model_name="appsecret",
            constraint=models.UniqueConstraint(fields=("secret_print",), name="one_row_per_secret"),
        ),
        migrations.AddConstraint(
            model_name="appsecret",
            constraint=models.UniqueConstraint(
                condition=models.Q(("expires_at", None)), fields=("app",), name="one_secret_in_force_per_app"
            ),
        ),
        migrations.AddConstraint(
            model_name="appsecret",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at", None), ("expires_at__gte", models.F("created_at")), _connector="OR"),
                name="secrets_end_after_they_begin",
            ),
        ),
        migrations.AddConstraint(
            model_name="accesstoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("token", "")), name="access_tokens_are_kept_as_hashes"
            ),
        ),
        migrations.AddConstraint(
            model_name="accesstoken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("consent", None), ("user", None)),
                    models.Q(("consent__isnull", False), ("user__isnull", False)),
                    models.Q(("is_direct", True), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="a_customers_token_has_a_consent",
            ),
        ),
        migrations.AddIndex(
            model_name="accesslog",
            index=models.Index(fields=["consent", "-at"], name="reads_of_a_consent"),
        ),
        migrations.AddIndex(
            model_name="accesslog",
            index=models.Index(fields=["user", "-at"], name="reads_of_a_customer"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accesslog",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2502b8ed8d621e050faf7952859473fca6d73daa",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_c8e9e",
                    table="open_banking_accesslog",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accesslog",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="03aadad9d06641e3b5e6800de6628baa27d71112",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_afbd6",
                    table="open_banking_accesslog",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="unattendedreads",
            constraint=models.UniqueConstraint(
                fields=("consent", "account", "resource", "day"), name="one_count_a_day"
            ),
        ),
    ]
