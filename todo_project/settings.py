"""Settings: everything an operator may change comes from the environment (see docs/configuration.md).

With no environment at all this is the embedded default: SQLite and every role in one process.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from todo_project.blocks.secrets import read_secrets
from todo_project.buckets import bucket
from todo_project.local_secrets import local_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
env.read_env(BASE_DIR / ".env", overwrite=False)
SECRET_STORE = env.str("SECRET_STORE", default="")
SECRET_NAME = env.str("SECRET_NAME", default="todo")
if SECRET_STORE:
    read_secrets(SECRET_STORE, SECRET_NAME)

# --- Where things live -------------------------------------------------------------------------------
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
BASE_URL = env.str("BASE_URL", default="http://localhost:8000").rstrip("/")
SERVED_BY_TLS = urlsplit(BASE_URL).scheme == "https"
DATABASE_URL = env.str("DATABASE_URL", default="")
EMBEDDED_DATABASE = not DATABASE_URL
REDIS_URL = env.str("REDIS_URL", default="")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not EMBEDDED_DATABASE:
        raise ImproperlyConfigured("SECRET_KEY is missing: set it to 50 random characters or more.")
    SECRET_KEY = local_secret(VAR_DIR, "secret-key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=sorted({urlsplit(BASE_URL).hostname or "", "localhost", "127.0.0.1", "[::1]"})
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])

# --- Events ------------------------------------------------------------------------------------------
EVENT_TRANSPORT = env.str("EVENT_TRANSPORT", default="embedded")
if EVENT_TRANSPORT not in {"embedded", "dapr"}:
    raise ImproperlyConfigured(f"EVENT_TRANSPORT is {EVENT_TRANSPORT!r}: it can be 'embedded' or 'dapr'.")
if EVENT_TRANSPORT == "dapr" and not REDIS_URL:
    raise ImproperlyConfigured("EVENT_TRANSPORT=dapr needs REDIS_URL: the workers' queue.")
EVENT_TOPIC_LAYOUT = env.str("EVENT_TOPIC_LAYOUT", default="by-aggregate")
if EVENT_TOPIC_LAYOUT not in {"by-aggregate", "by-type"}:
    raise ImproperlyConfigured("EVENT_TOPIC_LAYOUT can be 'by-aggregate' or 'by-type'.")
EVENT_CONSUMERS = "todo_project.consumers.CONSUMERS"
# How the relay finds what is new: SQLite has one writer, so ids appear in order; elsewhere they do not.
OUTBOX_READER = "sequence" if EMBEDDED_DATABASE else "snapshot"
# The sidecar of this process, and the tokens that each side shows to the other.
DAPR_HTTP_PORT = env.int("DAPR_HTTP_PORT", default=3500)
DAPR_GRPC_PORT = env.int("DAPR_GRPC_PORT", default=50001)
DAPR_API_TOKEN = env.str("DAPR_API_TOKEN", default="")
# Without it the delivery routes refuse every delivery.
APP_API_TOKEN = env.str("APP_API_TOKEN", default="")
ROLES = ("all", "web", "events", "relay", "scheduler", "worker")
ROLE = env.str("ROLE", default="all" if EVENT_TRANSPORT == "embedded" else "web")
if ROLE not in ROLES:
    raise ImproperlyConfigured(f"ROLE is {ROLE!r}: it can be {', '.join(ROLES)}.")
ROLE_PORT = env.int("ROLE_PORT", default=0)
ROLE_HOST = env.str("ROLE_HOST", default="127.0.0.1")
SCHEDULER_TICK = env.str("SCHEDULER_TICK", default="loop")
if SCHEDULER_TICK not in {"loop", "binding"}:
    raise ImproperlyConfigured("SCHEDULER_TICK can be 'loop' or 'binding'.")
METRICS_PORT = env.int("METRICS_PORT", default=0)
RELAY_SHARDS = env.int("RELAY_SHARDS", default=1)
if not 1 <= RELAY_SHARDS <= 256:
    raise ImproperlyConfigured("RELAY_SHARDS can be 1 to 256.")
OUTBOX_RETENTION_DAYS = env.int("OUTBOX_RETENTION_DAYS", default=30)
RELAY_POLL_SECONDS = env.float("RELAY_POLL_SECONDS", default=1.0 if EMBEDDED_DATABASE else 0.015)
RELAY_BATCH = env.int("RELAY_BATCH", default=200)
RECONCILE_AFTER_SECONDS = env.float("RECONCILE_AFTER_SECONDS", default=30.0)
CONSUMER_MAX_RETRIES = env.int("CONSUMER_MAX_RETRIES", default=8)
CONSUMER_MIN_BACKOFF_MS = env.int("CONSUMER_MIN_BACKOFF_MS", default=500)
CONSUMER_MAX_BACKOFF_MS = env.int("CONSUMER_MAX_BACKOFF_MS", default=300_000)
SCHEDULER_INTERVAL_SECONDS = env.float("SCHEDULER_INTERVAL_SECONDS", default=1.0)
TRASH_DAYS = env.int("TRASH_DAYS", default=30)
WEB_THREADS = env.int("WEB_THREADS", default=16)
# Under manage.py serve each of these is a thread; gunicorn's connections need none.
LIVE_STREAMS = env.int("LIVE_STREAMS", default=32 if EVENT_TRANSPORT == "embedded" else 1000)
WORKER_THREADS = env.int("WORKER_THREADS", default=4)
SLOW_WORKER_THREADS = env.int("SLOW_WORKER_THREADS", default=2)

# --- Accounts ----------------------------------------------------------------------------------------
SIGNUP_OPEN = env.bool("SIGNUP_OPEN", default=True)
EMAIL_CONFIRMATION = env.str("EMAIL_CONFIRMATION", default="optional")
if EMAIL_CONFIRMATION not in {"none", "optional", "mandatory"}:
    raise ImproperlyConfigured("EMAIL_CONFIRMATION can be 'none', 'optional' or 'mandatory'.")
INVITATIONS_PER_DAY = env.int("INVITATIONS_PER_DAY", default=50)
FIRST_ACCOUNT_IS_STAFF = env.bool("FIRST_ACCOUNT_IS_STAFF", default=EMBEDDED_DATABASE)

# --- Django ------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "todo_project",
    "accounts",
    "tasks",
    "events",
    "notifications",
    "todo_project.support_config.SupportConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_prometheus",
    "csp",
]
MIDDLEWARE = [
    "todo_project.health.HealthMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "todo_project.middleware.RequestIdMiddleware",
    "todo_project.rate_limits.RateLimitMiddleware",
    "todo_project.problems.ProblemMiddleware",
    "todo_project.middleware.TraceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "todo_project.middleware.SessionMiddleware",
    "todo_project.middleware.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "todo_project.middleware.AuthenticationMiddleware",
    "todo_project.middleware.UserTimeZoneMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SignedInMiddleware",
    "todo_project.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "todo_project.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "todo_project.request_sizes.RequestSizeMiddleware",
    "todo_project.contention.ContentionMiddleware",
    "todo_project.middleware.SessionEndedMiddleware",
    "todo_project.idempotency.IdempotencyMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
if ROLE not in {"all", "web"}:  # nobody signs in there, and a delivery passes here a hundred times a second
    MIDDLEWARE = [
        "todo_project.health.HealthMiddleware",
        "django_prometheus.middleware.PrometheusBeforeMiddleware",
        "todo_project.middleware.RequestIdMiddleware",
        "todo_project.middleware.TraceMiddleware",
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "allauth.account.middleware.AccountMiddleware",  # allauth insists on it
        "django_prometheus.middleware.PrometheusAfterMiddleware",
    ]
    # Neither the admin nor a form of a browser's is served there.
    SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410", "security.W002", "security.W003"]
ROOT_URLCONF = "todo_project.urls"
WSGI_APPLICATION = "todo_project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "todo_project.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "todo_project.templatetags.ui",
            ],
        },
    }
]
FORM_RENDERER = "todo_project.forms.FieldRenderer"

if EMBEDDED_DATABASE:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
DATABASES = {"default": env.db_url_config(DATABASE_URL or f"sqlite:///{VAR_DIR / 'todo.sqlite3'}")}
DATABASES["default"]["TEST"] = {}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that reads and then writes takes its write lock at once instead of failing
    # half-way. synchronous=FULL: what was committed survives a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
else:
    # A connection for each thread, kept and checked without a round trip: a pool between them would only cost.
    DATABASES["default"]["ENGINE"] = "todo_project.postgresql"
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Parameters travel apart from the statement, so that PostgreSQL plans what it sees often only once.
    PREPARE_AFTER = env.int("DATABASE_PREPARE_AFTER", default=5)
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        server_side_binding=True, prepare_threshold=PREPARE_AFTER or None
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rate limits count here, so processes that share the work should share it.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
# It is a ModelBackend, too; with both in the list a wrong password would be hashed twice.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/today"
LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = EMAIL_CONFIRMATION
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SERVED_BY_TLS else "http"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "login": "accounts.forms.LoginForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # people hear by mail that their password or address changed
USERSESSIONS_TRACK_ACTIVITY = (
    False  # it would write at every request; SignedInMiddleware does so now and then
)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Attachments -------------------------------------------------------------------------------------
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", default=10 * 1024 * 1024)
ATTACHMENT_QUOTA_BYTES = env.int("ATTACHMENT_QUOTA_BYTES", default=500 * 1024 * 1024)
ATTACHMENT_TYPES = env.list("ATTACHMENT_TYPES", default=[])
ATTACHMENTS_FOLDER = Path(env.str("ATTACHMENTS_FOLDER", default=str(VAR_DIR / "attachments")))
ATTACHMENTS_BUCKET = env.str("ATTACHMENTS_BUCKET", default="")
STORAGES["attachments"] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": ATTACHMENTS_FOLDER,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
if ATTACHMENTS_BUCKET:
    STORAGES["attachments"] = bucket(
        ATTACHMENTS_BUCKET,
        endpoint=env.str("ATTACHMENTS_ENDPOINT", default=""),
        region=env.str("ATTACHMENTS_REGION", default=""),
        access_key=env.str("ATTACHMENTS_ACCESS_KEY", default=""),
        secret_key=env.str("ATTACHMENTS_SECRET_KEY", default=""),
    )

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Todo <todo@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10  # seconds; a mail server that does not answer holds up no worker for longer

# --- Security ----------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVED_BY_TLS
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SERVED_BY_TLS
# Probes and deliveries come from inside the cluster, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^dapr/", r"^events/", r"^state", r"^todo-tick"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if SERVED_BY_TLS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SERVED_BY_TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # whose X-Forwarded-For names the client that rate limits count
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- API ---------------------------------------------------------------------------------------------
API_RATE_LIMIT = env.int("API_RATE_LIMIT", default=600)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "todo_project.api_schema.Schema",
    "DEFAULT_PARSER_CLASSES": ["todo_project.json_media.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": [
        "todo_project.json_media.JsonRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "EXCEPTION_HANDLER": "todo_project.problems.problem_response",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Todo API",
    "DESCRIPTION": "Tasks whose every change is an event. Sign in with an API token or in the browser.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api",
    "PREPROCESSING_HOOKS": ["accounts.api_paths.without_final_slash"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "todo_project.api_schema.with_what_all_have",
    ],
    "ENUM_NAME_OVERRIDES": {
        "TaskEventTypeEnum": "events.history_api.TYPES",
        "ProjectEventTypeEnum": "events.project_history_api.TYPES",
    },
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": STATIC_URL + "icons/favicon.svg",
}

# --- Logging -----------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.str("LOG_FORMAT", default="text")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "todo_project.logs.RequestIdFilter"}},
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)-7s %(name)s [%(request_id)s] %(message)s"},
        "json": {"()": "todo_project.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request_id"]}
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
