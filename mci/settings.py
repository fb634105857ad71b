"""Settings, read from the environment by strict readers. A production start that lacks a secret refuses with a sentence."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def _switch(name: str, default: bool) -> bool:
    value = env.str(name, default="").strip().lower()
    if value in ("", "true", "1", "false", "0"):
        return default if value == "" else value in ("true", "1")
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def _required(name: str, development: str) -> str:
    value = env.str(name, default="")
    if value:
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(f"{name} is not set. In production (MCI_ENV=production) it is required.")
    return development


MCI_ENV = env.str("MCI_ENV", default="development")
if MCI_ENV not in ("development", "test", "production"):
    raise ImproperlyConfigured(f"MCI_ENV must be development, test or production, not {MCI_ENV!r}.")
PRODUCTION = MCI_ENV == "production"
DEBUG = _switch("DEBUG", False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG is on in production. Unset DEBUG.")

SECRET_KEY = _required("SECRET_KEY", "development-only-secret-key-of-no-value-whatsoever")
ALLOWED_HOSTS = [h for h in _required("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",") if h]
# base64 of 32 bytes each, comma separated: the first encrypts, all decrypt.
FIELD_KEYS = [k for k in _required("FIELD_KEYS", "ZGV2ZWxvcG1lbnQtb25seS1maWVsZC1rZXktMzJieXQ=").split(",") if k]
SITE_URL = _required("SITE_URL", f"http://localhost:{env.str('PORT', default='8000')}").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "core",
    "accounts",
    "catalog",
    "shipping",
    "wallet",
    "orders",
    "connectors",
    "mci.apps.MciConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "django_filters",
    "allauth",
    "allauth.account",
    "csp",
]
if not PRODUCTION:
    INSTALLED_APPS.append("demo")

# Slugs of the folders of connectors/platforms that are switched on.
PLATFORMS = ["woocommerce"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.TenantMiddleware",
]
ROOT_URLCONF = "mci.urls"
WSGI_APPLICATION = "mci.wsgi.application"
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
                "mci.context.shell",
            ],
            "builtins": ["core.templatetags.mci"],
        },
    }
]

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgresql:///mci")}
DATABASES["default"].update(
    CONN_MAX_AGE=600,
    CONN_HEALTH_CHECKS=True,
    TEST={"NAME": env.str("TEST_DATABASE_NAME", default="test_mci")},
)
DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
    "-c lock_timeout=4s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s"
)
REDIS_URL = env.str("REDIS_URL", default="redis://localhost:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL.replace("redis+socket://", "unix://"),
        "OPTIONS": {"socket_timeout": 1.5, "socket_connect_timeout": 1.5},
    }
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 1.5, "socket_connect_timeout": 1.5}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "drain-deliveries": {"task": "connectors.tasks.drain_deliveries", "schedule": 2.0, "options": {"expires": 2}},
    "pull-due-shops": {"task": "connectors.tasks.pull_due_shops", "schedule": 15.0, "options": {"expires": 15}},
    "check-shops": {"task": "connectors.tasks.check_shops", "schedule": 3600.0, "options": {"expires": 600}},
    "run-dispatches": {"task": "orders.tasks.run_dispatches", "schedule": 2.0, "options": {"expires": 2}},
    "seal-ledger": {"task": "wallet.tasks.seal_ledger", "schedule": 60.0, "options": {"expires": 60}},
    "beat-heartbeat": {"task": "mci.tasks.heartbeat", "schedule": 10.0, "options": {"expires": 10}},
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="MCI <no-reply@mci.example>")

LANGUAGE_CODE = "it"
LANGUAGES = [("it", _("Italian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Rome"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_URL = "media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^webhooks/", r"^healthz$", r"^readyz$"]  # a shop takes a redirect for success
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Outbound calls: hosts and ports that may be reached although they are not public https (the demo shop, tests).
EGRESS_ALLOW = [] if PRODUCTION else env.list("EGRESS_ALLOW", default=["127.0.0.1", "localhost"])
# Policy of the supplier: hold the way out and the way back (VAT included) for each COD parcel until it is paid or returned.
COD_GUARANTEE = _switch("COD_GUARANTEE", True)
WEBHOOK_MAX_BYTES = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = WEBHOOK_MAX_BYTES

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
