"""What holds wherever the bank runs; the environment is read here and nowhere else."""

from datetime import timedelta
from pathlib import Path

from environs import Env

from kitbank.settings import oauth
from kitbank.settings.logs import structured_logging
from kitbank.settings.openapi import *
from kitbank.settings.providers import *
from kitbank.settings.security import *

env = Env()
ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"

SECRET_KEY = env.str("SECRET_KEY", "")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
DEBUG = False

# Field encryption: `id:base64` pairs, the first one encrypts, all of them decrypt (docs/operations.md).
FIELD_KEYS: list[str] = env.list("FIELD_KEYS", [])
# Blind indexes: one key, or `id:base64` pairs of which the first one writes and all of them find; and the key of the
# prints that never change.
BLIND_INDEX_KEY = env.str("BLIND_INDEX_KEY", "")
LASTING_PRINT_KEY = env.str("LASTING_PRINT_KEY", "")

# The bank's own apps, in floor order: this list is also the map of the house.
BANK_APPS = [
    "apps.kernel",
    "apps.audit_trail",
    "apps.notifications",
    "apps.users",
    "apps.ledger",
    "apps.fx",
    "apps.kyc",
    "apps.accounts",
    "apps.fraud",
    "apps.credit_scoring",
    "apps.payments",
    "apps.lending",
    "apps.mpesa",
    "apps.chamas",
    "apps.compliance",
    "apps.portals",
    "apps.messaging",
    "apps.open_banking",
    "apps.gateway",
]
BANK_APPS = [name for name in BANK_APPS if (ROOT / name.replace(".", "/") / "apps.py").exists()]

INSTALLED_APPS = [
    *BANK_APPS,
    "kitbank.admin.WorkbenchConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "pgtrigger",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "axes",
    "django_htmx",
    "django_structlog",
    "django_celery_beat",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "oauth2_provider",
]

MIDDLEWARE = [
    "apps.kernel.middleware.RequestContext",
    "apps.kernel.middleware.PackPages",
    "apps.gateway.middleware.KeepRequest",
    *(["apps.open_banking.obp.middleware.SayAsObp"] if "apps.open_banking" in BANK_APPS else []),
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.kernel.middleware.ContentPolicy",
    "apps.kernel.middleware.SecurityHeaders",
    "corsheaders.middleware.CorsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "apps.kernel.middleware.Metrics",
    "apps.kernel.middleware.RefuseUnreadable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    *(["apps.portals.errors.ExplainRefusedMethod"] if "apps.portals" in BANK_APPS else []),
]

ROOT_URLCONF = "kitbank.urls"
WSGI_APPLICATION = "kitbank.wsgi.application"
ASGI_APPLICATION = "kitbank.asgi.application"
APPEND_SLASH = False  # both forms answer, without a redirect (apps.kernel.addresses.EitherSlash)

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.portals.context.page",
            ],
        },
    },
]

DATABASES = {"default": env.dj_db_url("DATABASE_URL", "postgresql://localhost/kitbank")}
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", 600),  # a new connection per request costs more than the request
    "CONN_HEALTH_CHECKS": True,
    # Prepared the second time a statement is met: preparing the very first would refuse the scripts of migrations.
    "OPTIONS": {"server_side_binding": True, "prepare_threshold": 1},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env.str("REDIS_URL")}
    if env.str("REDIS_URL", "")
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "kernel_cache"},
}

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "apps.users.backends.PhoneOrEmail"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("full_name", "email", "phone")},
    },
]
LOGIN_URL = "customer:login"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = (
    "apps.portals.errors.csrf_failure" if "apps.portals" in BANK_APPS else "django.views.csrf.csrf_failure"
)

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "apps.users.lockout.account_key"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # it would keep phones in clear; who signed in is in users.Session and the audit trail
# Lock-out follows the account that is tried, from wherever; addresses are limited by RATE_LIMITS["auth"].
# The sign-in operation answers a lock itself, in the words of each door, so axes' middleware stays out (W002).
SILENCED_SYSTEM_CHECKS = ["axes.W002", "axes.W006"]
AXES_IPWARE_META_PRECEDENCE_ORDER = ["REMOTE_ADDR"]

MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_ADAPTER = "apps.users.factors.Adapter"
MFA_TOTP_ISSUER = "KitBank"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
# People keep their phone and e-mail sealed in users.User; allauth only minds their second factors.
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None

ACCESS_TOKEN_LIFETIME = timedelta(minutes=env.int("ACCESS_TOKEN_EXPIRE_MINUTES", 30))
REFRESH_TOKEN_LIFETIME = timedelta(days=env.int("REFRESH_TOKEN_EXPIRE_DAYS", 7))
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": ACCESS_TOKEN_LIFETIME,
    "REFRESH_TOKEN_LIFETIME": REFRESH_TOKEN_LIFETIME,
    "UPDATE_LAST_LOGIN": False,
    "USER_ID_CLAIM": "sub",
    "ISSUER": "kitbank",
    "AUDIENCE": "kitbank-api",
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.users.api.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.kernel.json.TextParser"],
    "DEFAULT_PAGINATION_CLASS": "apps.kernel.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["apps.kernel.throttles.ScopedLimit"],
    "DEFAULT_SCHEMA_CLASS": "apps.kernel.openapi.Schema",
    "DEFAULT_METADATA_CLASS": "apps.kernel.api.metadata.AddressMetadata",
    "EXCEPTION_HANDLER": "apps.kernel.problems.answer",
    "PAGE_SIZE": 20,
    "COERCE_DECIMAL_TO_STRING": True,
}
# Requests allowed per scope and per caller (a signed-in user, else an address).
RATE_LIMITS = {
    "default": env.str("RATE_LIMIT_DEFAULT", "600/min"),
    "auth": env.str("RATE_LIMIT_AUTH", "30/min"),
    "otp": env.str("RATE_LIMIT_OTP", "10/min"),
    "money": env.str("RATE_LIMIT_MONEY", "120/min"),
    "oauth": env.str("RATE_LIMIT_OAUTH", "600/min"),  # third parties' servers, from one address
    "obp": env.str("RATE_LIMIT_OBP", "1000/hour"),  # whoever asks there without a token, by address
    "webhooks": env.str("RATE_LIMIT_WEBHOOKS", "20/min"),  # tests and repeats a developer asks for
    "bulk": env.str("RATE_LIMIT_BULK", "30/hour"),  # files of payments: each tells the names of many people
    "prompts": env.str("RATE_LIMIT_PROMPTS", "10/hour"),  # M-Pesa's, to a phone that is not the asker's, or to a till
    "linking": env.str("RATE_LIMIT_LINKING", "10/hour"),  # accounts at other banks that a customer begins to link
}

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "filesystem://")
if CELERY_BROKER_URL.startswith("filesystem"):
    _broker = VAR / "broker"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "messages"),
        "data_folder_out": str(_broker / "messages"),
        "control_folder": str(_broker / "control"),
        "processed_folder": str(_broker / "processed"),
        "polling_interval": 0.05,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "apps.payments.tasks.*": {"queue": "money"},
    "apps.mpesa.tasks.*": {"queue": "money"},
    "apps.notifications.tasks.*": {"queue": "messages"},
    "apps.notifications.tasks.deliver_code": {"queue": "codes"},  # somebody sits and waits for it
    "apps.gateway.tasks.*": {"queue": "webhooks"},  # other firms' servers may hang; nothing of ours waits behind them
    "apps.ledger.tasks.end_days": {"queue": "money"},
    "apps.ledger.tasks.expire_holds": {"queue": "money"},
    # What may take minutes, and nobody waits for.
    "apps.audit_trail.tasks.verify_chain": {"queue": "reports"},
    "apps.compliance.tasks.sweep": {"queue": "reports"},
    "apps.compliance.tasks.make_exports": {"queue": "reports"},
    "apps.credit_scoring.tasks.rescore": {"queue": "reports"},
    "apps.credit_scoring.tasks.retrain": {"queue": "reports"},
    "apps.fraud.tasks.run_back_test*": {"queue": "reports"},
    "apps.fraud.tasks.retrain": {"queue": "reports"},
}
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "Africa/Nairobi"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("sw", "Kiswahili")]
LANGUAGE_COOKIE_NAME = "kitbank_language"
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = ["kitbank.formats"]
TIME_ZONE = "Africa/Nairobi"
USE_TZ = True
HOME_CURRENCY = "KES"
COUNTRY = "KE"
CASH_APPROVAL_ABOVE_MINOR = env.int("CASH_APPROVAL_ABOVE_MINOR", 100_000_00)  # larger cash needs a second person

BULK_MOST_ROWS = env.int("BULK_MOST_ROWS", 10_000)  # rows of one file of payments
BULK_MOST_ROWS_OF_A_PERSON = env.int("BULK_MOST_ROWS_OF_A_PERSON", 200)  # when it is nobody's business
BULK_MOST_BYTES = env.int("BULK_MOST_BYTES", 2 * 1024 * 1024)
BULK_MOST_TOTAL_MINOR = env.int("BULK_MOST_TOTAL_MINOR", 2_000_000_000_00)  # one batch of a business or the bank
BULK_CHUNK = env.int("BULK_CHUNK", 2_500)  # rows inside the bank that are paid in one transaction
MPESA_BULK_PACE = env.int("MPESA_BULK_PACE", 20)  # payments of a batch handed to M-Pesa each five seconds

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = VAR / "static"
MEDIA_ROOT = VAR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

PUBLIC_ADDRESS = env.str("PUBLIC_ADDRESS", "http://127.0.0.1:8000")
OAUTH2_PROVIDER = oauth.provider(PUBLIC_ADDRESS)
OAUTH2_PROVIDER_APPLICATION_MODEL = "open_banking.ThirdPartyApp"
OAUTH2_PROVIDER_GRANT_MODEL = "open_banking.AuthorisationCode"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "open_banking.AccessToken"  # noqa: S105 a model's name, as the next two
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "open_banking.RefreshToken"  # noqa: S105
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "open_banking.IdToken"  # noqa: S105
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "open_banking.DeviceGrant"
OPEN_BANKING_BANK_ID = env.str("OPEN_BANKING_BANK_ID", "kitbank.ke")
OPEN_BANKING_MOST_DAYS = env.int("OPEN_BANKING_MOST_DAYS", 90)  # the longest a consent lasts
# The header in which the proxy that ends TLS hands on the client's certificate, and takes off what clients send.
# "": no header is believed, and apps that registered a certificate are not answered.
CLIENT_CERTIFICATE_HEADER = env.str("CLIENT_CERTIFICATE_HEADER", "")
# How many proxies of the bank's own stand in front, each adding who knocked at it to X-Forwarded-For. 0: nobody is
# believed about that, and limits, records and screens go by the connection.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
WEBHOOKS_TO_LOOPBACK = False  # only the settings that use simulators let webhooks lead to this machine
REQUEST_LOG_BY_THREAD = True  # how requests went is written a second later, by a thread of the web process
OPEN_BANKING_READS_A_DAY = env.int("OPEN_BANKING_READS_A_DAY", 4)  # of an account, without the customer
# Where kitbank.asgi answers on the same host; 0: a proxy leads /live/ to it; None: nowhere, and pages poll.
LIVE_PORT = env.int("LIVE_PORT", None)
CORS_URLS_REGEX = r"^(?!/obp(/|$)|/oauth/|/\.well-known/).*$"  # third parties' doors answer for themselves
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", [])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

DARAJA_CALLBACK_ADDRESS = env.str("DARAJA_CALLBACK_ADDRESS", PUBLIC_ADDRESS)

LOGGING = structured_logging(env.str("LOG_LEVEL", "INFO"))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # apps.kernel.middleware.RequestContext binds the one we believe
