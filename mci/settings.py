"""Settings. What comes from the environment is read strictly (mci/environment.py)."""

from django.utils.translation import gettext_lazy as _
from kombu import Exchange, Queue
from redis.backoff import NoBackoff
from redis.retry import Retry

from mci import environment
from mci.api_settings import API_MAX_BYTES as API_MAX_BYTES
from mci.api_settings import REST_FRAMEWORK as REST_FRAMEWORK
from mci.api_settings import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from mci.environment import BASE_DIR, MCI_ENV, PRODUCTION, env
from mci.operation import heartbeat

DEBUG = environment.debug()
SECRET_KEY = environment.secret_key()
SECRET_KEY_FALLBACKS = [key for key in env.str("SECRET_KEY_FALLBACKS", default="").split(",") if key]
ALLOWED_HOSTS = environment.allowed_hosts()
FIELD_KEYS = environment.field_keys()
SITE_URL = environment.site_url()
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
    "django.forms",  # its widgets, for FORM_RENDERER
    "django_htmx",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "drf_spectacular",  # manage.py spectacular: the description of the API (docs/api.md)
]
if not PRODUCTION:
    INSTALLED_APPS.append("demo")

# Slugs of the folders of connectors/platforms that are switched on.
PLATFORMS = ["woocommerce", "shopify", "wordpress"]
# Demo shops of this machine, by platform, where anybody who tries the portal may have one
# (connectors/connect/demo_shop.py).
DEMO_SHOPS = environment.demo_shops()

MIDDLEWARE = [
    "core.requests.NoCallsMiddleware",  # around all: who answers a request calls nobody
    "mci.web.edge.EdgeMiddleware",  # what cannot be meant is refused unread, and every answer has its headers
    "connectors.webhooks.WebhookMiddleware",  # answers /webhooks/ before all that costs or redirects
    "mci.operation.health.HealthMiddleware",
    "core.tenancy.FenceMiddleware",  # nobody's rows, until it is known who asks
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mci.web.squeeze.SqueezeMiddleware",
    "mci.web.room.RoomMiddleware",
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
    "accounts.kept.middleware.KeptMiddleware",  # what was typed when the session was over is not lost
    "accounts.middleware.DoorMiddleware",
    "mci.web.errors.NotAllowedMiddleware",
    "mci.web.edge.CleanMiddleware",
]
ROOT_URLCONF = "mci.urls"
WSGI_APPLICATION = "mci.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates", BASE_DIR / "connectors" / "platforms"],  # a platform's own: toy/help.html
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mci.pages.shell.shell",
            ],
            "builtins": ["core.templatetags.mci"],
        },
    }
]

DATABASES = {"default": environment.database()}
APPLICATION_ROLE = environment.application_role(DATABASES["default"])
# Whose `manage.py migrate` runs as; empty elsewhere (mci/database/roles.py).
OWNER_DATABASE = environment.owner_database()

# A dead or frozen Redis costs a request one short wait, then nothing for some seconds (mci/celery.py).
REDIS_URL = environment.redis_url()
REDIS_NO_RETRY = Retry(NoBackoff(), 0)
CACHES = {
    "default": {
        "BACKEND": "mci.database.cache.DurableCache",
        "LOCATION": "core_cache",
        "KEY_PREFIX": "mci",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://").replace("db=", "virtual_host=")
    if REDIS_URL.startswith("unix://")
    else REDIS_URL
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 1.0,
    "socket_connect_timeout": 1.0,
    "max_retries": 0,
    "connect_retries_timeout": 0.5,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
# Queues with workers of their own: nobody waits behind a slow shop for his money, nor the intake (docs/decisions/0013).
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in heartbeat.QUEUES]
CELERY_TASK_DEFAULT_QUEUE = "house"
CELERY_TASK_ROUTES = ["mci.celery.by_lane"]
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Nobody asks the workers by Redis: mci/operation/heartbeat.py tells who lives.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "mci.operation.beat:Scheduler"
# At how many of one company's things the workers are at a time (connectors/shops/visits.py): fewer than the queue has
# processes, so that the slow shops of one leave some to the others.
COMPANY_TURNS = {
    "visit": environment.count("COMPANY_VISITS", 1),
    "asked": 1,
    "intake": environment.count("COMPANY_INTAKES", 1),
}
# Nothing here expires: that would be one machine's clock judging another's. What waits twice is sent once and done once
# (mci/celery.py, mci/operation/sweeps.py). Nightly sweeps are nudged every ten minutes and done once a night.
CELERY_BEAT_SCHEDULE = {
    "run-dispatches": {"task": "orders.tasks.run_dispatches", "schedule": 2.0},
    "drain-deliveries": {"task": "connectors.tasks.drain_deliveries", "schedule": 1.0},
    "pull-due-shops": {"task": "connectors.tasks.pull_due_shops", "schedule": 15.0},
    "tell-shops": {"task": "connectors.tasks.tell_shops", "schedule": 5.0},
    "compare-stock": {"task": "connectors.tasks.compare_stock", "schedule": 60.0},
    "run-prints": {"task": "orders.tasks.run_prints", "schedule": 2.0},
    "run-imports": {"task": "orders.tasks.run_imports", "schedule": 2.0},
    "run-publishing": {"task": "connectors.tasks.run_publishing", "schedule": 2.0},
    "prove-orders": {"task": "connectors.tasks.prove_orders", "schedule": 300.0},
    "finish-connecting": {"task": "connectors.tasks.finish_connecting", "schedule": 5.0},
    "do-asked": {"task": "connectors.tasks.do_asked", "schedule": 5.0},
    "do-asked-walks": {"task": "connectors.tasks.do_asked_walks", "schedule": 5.0},
    "check-shops": {"task": "connectors.tasks.check_shops", "schedule": 300.0},
    "prune-calls": {"task": "connectors.tasks.prune_calls", "schedule": 3600.0},
    "forget-customers": {"task": "connectors.tasks.forget_customers", "schedule": 600.0},
    "seal-ledger": {"task": "wallet.tasks.seal_ledger", "schedule": 60.0},
    "tell-staff": {"task": "accounts.tasks.tell_staff", "schedule": 300.0},
    "sweep-old": {"task": "mci.tasks.sweep_old", "schedule": 600.0},
    **{
        f"heartbeat-{queue}": {
            "task": "mci.tasks.heartbeat",
            "args": (queue,),
            "schedule": heartbeat.EVERY_S,
            "options": {"queue": queue},
        }
        for queue in heartbeat.QUEUES
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.EmailBackend",
]
PASSWORD_HASHERS = [  # the first makes the new ones; what another made is made again at the next sign-in
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if MCI_ENV == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.sign_in.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # nobody acts under an address that is not proven to be his
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up (accounts/pages/doors.py)
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# How often, counted in PostgreSQL (mci/database/cache.py). Sign-in itself counts in accounts/sign_in/guesses.py;
# `login_failed` are the codes of a second factor.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "5/5m/key",
    "signup": "20/h/ip",
    "reset_password": "30/h/ip,4/h/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
# How many proxies of ours a request comes through: that many addresses of X-Forwarded-For are believed.
TRUSTED_PROXIES = environment.proxies()
ACCOUNT_FORMS = {"signup": "accounts.pages.forms.SignupForm"}
MFA_ADAPTER = "accounts.sign_in.mfa.SealedAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "accounts.pages.security_forms.SecondStepForm",
    "authenticate_webauthn": "accounts.pages.security_forms.SecondStepPasskeyForm",
    "login_webauthn": "accounts.pages.security_forms.PasskeySignInForm",
}
MFA_TOTP_TOLERANCE = 1  # a phone's clock is seconds off; a code counts once all the same (accounts/sign_in/mfa.py)
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey alone signs in: it must know its owner
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://localhost
# Our own pages ask again (accounts/sign_in/reauth.py); who adds a factor need not have confirmed his address: staff
# would be shut out, and what an address gives away is looked after where it is changed.
MFA_REAUTHENTICATION_REQUIRED = False
MFA_ALLOW_UNVERIFIED_EMAIL = True
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
EMAIL_CONFIG = environment.email()
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="MCI <no-reply@mci.example>")

LANGUAGE_CODE = "it"
LANGUAGES = [("it", _("Italian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "mci.formats"
TIME_ZONE = "Europe/Rome"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Collected, compressed and named by their content: when the image is built, or by `make run` where it starts.
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else env.str("STATIC_ROOT", default="") or None
MEDIA_URL = "media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "mci.web.static_files.HashedFiles"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not STATIC_ROOT
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

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
SESSION_COOKIE_AGE = 14 * 24 * 3600  # without being used; staff: 12 hours in all (accounts/sign_in/sessions.py)
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "mci.web.errors.csrf_failure"
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^webhooks/"]  # a shop takes a redirect for success
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SILENCED_SYSTEM_CHECKS = ["security.W021"]  # HSTS preload is for the owner of the whole domain to decide
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Outbound calls: hosts and ports that may be reached although they are not public https (the demo shop, tests).
EGRESS_ALLOW = [] if PRODUCTION else env.list("EGRESS_ALLOW", default=["127.0.0.1", "localhost"])
# Policy of the supplier: hold the way out and back (VAT included) of each COD parcel until it is paid or returned.
COD_GUARANTEE = environment.switch("COD_GUARANTEE", True)
# Credits, adjustments and payouts above this (EUR) need a second person; 0: all of them.
SECOND_PERSON_ABOVE = environment.amount("SECOND_PERSON_ABOVE", "1000.00")
# Where resellers send their top-ups. Without an IBAN no top-up can be asked for.
SUPPLIER_NAME = env.str("SUPPLIER_NAME", default="Scontimania")
SUPPLIER_IBAN = environment.supplier_iban()
# Who sends the goods and from where, on transport documents and return slips. Without them neither can be printed.
SUPPLIER_VAT = environment.supplier_vat()
SUPPLIER_STREET = env.str("SUPPLIER_STREET", default="" if PRODUCTION else "Via del Deposito 1")
SUPPLIER_POSTCODE = env.str("SUPPLIER_POSTCODE", default="" if PRODUCTION else "41122")
SUPPLIER_CITY = env.str("SUPPLIER_CITY", default="" if PRODUCTION else "Modena")
SUPPLIER_PROVINCE = env.str("SUPPLIER_PROVINCE", default="" if PRODUCTION else "MO")
# How long what the shops sent stays as it came, and how long the customers of old orders stay named: the two years of
# the legal guarantee and the two months to claim it.
RETENTION_MESSAGE_DAYS = environment.days("RETENTION_MESSAGE_DAYS", 30)
RETENTION_CUSTOMER_DAYS = environment.days("RETENTION_CUSTOMER_DAYS", 800)
# How long the answers to clicks on many orders or products are kept, and the logs of shops: mci/database/retention.py
# has all.
RETENTION_RUN_DAYS = environment.days("RETENTION_RUN_DAYS", 365)
RETENTION_EVENT_DAYS = environment.days("RETENTION_EVENT_DAYS", 365)
# The portal's own Shopify app; without it a reseller connects with an app that he made in his shop. While its secret is
# exchanged, what Shopify signed with the old one is still believed.
SHOPIFY_CLIENT_ID = env.str("SHOPIFY_CLIENT_ID", default="")
SHOPIFY_CLIENT_SECRET = environment.secret("SHOPIFY_CLIENT_SECRET")
SHOPIFY_CLIENT_SECRET_OLD = environment.secret("SHOPIFY_CLIENT_SECRET_OLD")
WEBHOOK_MAX_BYTES = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = WEBHOOK_MAX_BYTES
UPLOAD_MAX_BYTES = 32 * 1024 * 1024  # of a form of the administration with its pictures; elsewhere the limit above

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"class": "mci.operation.logs.OneLine", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": environment.log_level()},
}
