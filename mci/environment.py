"""Strict readers of the environment. What is missing or nonsense raises ImproperlyConfigured with a sentence.

A secret may come from a file: NAME_FILE names it (Docker and Kubernetes secrets).
"""

import base64
import binascii
import getpass
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from stdnum import exceptions as stdnum_errors
from stdnum import iban
from stdnum.it import iva

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
MCI_ENV = env.str("MCI_ENV", default="development")
if MCI_ENV not in ("development", "test", "production"):
    raise ImproperlyConfigured(f"MCI_ENV must be development, test or production, not {MCI_ENV!r}.")
PRODUCTION = MCI_ENV == "production"
if MCI_ENV == "development":  # manage.py finds the servers of a `make run` that is going on
    env.read_env(BASE_DIR / "var" / "run" / "servers.env")


def switch(name: str, default: bool) -> bool:
    value = env.str(name, default="").strip().lower()
    if value in ("", "true", "1", "false", "0"):
        return default if value == "" else value in ("true", "1")
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def required(name: str, development: str) -> str:
    value = secret(name)
    if value:
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(f"{name} is not set. In production (MCI_ENV=production) it is required.")
    return development


def secret(name: str) -> str:
    """A secret that may be missing: what it is for is then off."""
    value = env.str(name, default="").strip()
    if not value and (file := env.str(f"{name}_FILE", default="")):
        try:
            value = Path(file).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {file}, which cannot be read: {error.strerror}.") from None
    return value


def count(name: str, default: int) -> int:
    """A number from 1 to 999."""
    value = env.str(name, default=str(default)).strip()
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:6]) <= 999):
        raise ImproperlyConfigured(f"{name} must be a number from 1 to 999, not {value!r}.")
    return int(value)


def days(name: str, default: int) -> int:
    """A number of days from 1 to 36,500."""
    value = env.str(name, default=str(default)).strip()
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:6]) <= 36_500):
        raise ImproperlyConfigured(f"{name} must be a number of days, not {value!r}.")
    return int(value)


def amount(name: str, default: str) -> Decimal:
    """EUR with two decimals at most, as "1000.00"; no thousands, no comma: what has two meanings is refused."""
    value = env.str(name, default="").strip() or default
    if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", value, re.ASCII):
        raise ImproperlyConfigured(f"{name} must be an amount like 1000.00, not {value!r}.")
    return Decimal(value)


def secret_key() -> str:
    key = required("SECRET_KEY", "development-only-secret-key-of-no-value-whatsoever")
    if PRODUCTION and (len(key) < 50 or len(set(key)) < 10 or key.startswith(("development-only", "django-insecure"))):
        raise ImproperlyConfigured("SECRET_KEY is too weak: give it at least 50 random characters.")
    return key


def field_keys() -> list[str]:
    """Base64 of 32 random bytes each, comma separated: the first encrypts, all decrypt."""
    development = "ZGV2ZWxvcG1lbnQtb25seS1maWVsZC1rZXktMzJieXQ="
    keys = [key.strip() for key in required("FIELD_KEYS", development).split(",") if key.strip()]
    for key in keys:
        try:
            size = len(base64.b64decode(key, validate=True))
        except binascii.Error:
            size = 0
        if size != 32:
            raise ImproperlyConfigured("FIELD_KEYS must be base64 of 32 random bytes each, comma separated.")
    if not keys or (PRODUCTION and development in keys):
        raise ImproperlyConfigured("FIELD_KEYS holds no key of your own. Make one: openssl rand -base64 32")
    return keys


def allowed_hosts() -> list[str]:
    hosts = [h.strip() for h in required("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")]
    hosts = [host for host in hosts if host]
    if PRODUCTION and ("*" in hosts or not hosts):
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts of the portal, not “*”.")
    for host in hosts:
        if set("/@ ") & set(host):  # an address: no request would ever match
            raise ImproperlyConfigured(f"ALLOWED_HOSTS must be host names like portal.example.com, not {host!r}.")
    return hosts


def site_url() -> str:
    url = required("SITE_URL", f"http://localhost:{env.str('PORT', default='8000')}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in (("https",) if PRODUCTION else ("https", "http")) or not parts.hostname or parts.path:
        raise ImproperlyConfigured(f"SITE_URL must be like https://portal.example.com, not {url!r}.")
    return url


def demo_shops() -> dict[str, str]:
    """The addresses of `make run`'s demo shops; in production there are none, whatever the environment says. Shopify's
    only with an app of the portal's own: nobody who tries it has keys."""
    names = {"woocommerce": "DEMO_SHOP_URL", "wordpress": "DEMO_WORDPRESS_URL"}
    if env.str("SHOPIFY_CLIENT_ID", default=""):
        names["shopify"] = "DEMO_SHOPIFY_URL"
    found = {slug: env.str(name, default="").rstrip("/") for slug, name in names.items()}
    return {} if PRODUCTION else {slug: url for slug, url in found.items() if url}


def debug() -> bool:
    if switch("DEBUG", False) and PRODUCTION:
        raise ImproperlyConfigured("DEBUG is on in production. Unset DEBUG.")
    return switch("DEBUG", False)


def database() -> dict[str, Any]:
    """From DATABASE_URL, the application's login; a socket's folder may be its host (%2Frun%2Fpostgresql) or `?host=`.
    `?assume_role=mci_app`: the statements run as that role, whoever signs in (the tests do)."""
    return {
        **_database("DATABASE_URL", required("DATABASE_URL", "postgresql:///mci")),
        "TEST": {"NAME": env.str("TEST_DATABASE_NAME", default="test_mci")},
    }


def owner_database() -> dict[str, Any]:
    """From OWNER_DATABASE_URL, whose login owns the tables: what `migrate` puts in the place of DATABASE_URL's. Only
    the migrating process is given it. Empty without it: the two are one login, which production refuses to migrate."""
    url = secret("OWNER_DATABASE_URL")
    if not url:
        return {}
    owner = _database("OWNER_DATABASE_URL", url)
    if owner["NAME"] != env.db_url_config(required("DATABASE_URL", "postgresql:///mci"))["NAME"]:
        raise ImproperlyConfigured("OWNER_DATABASE_URL and DATABASE_URL must name the same database.")
    return {name: owner[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}


@dataclass(frozen=True, slots=True)
class Role:
    """Whom the application's statements run as; the password is its login's, for `migrate` to make it with."""

    name: str
    password: str


def application_role(config: dict[str, Any]) -> Role:
    options = config["OPTIONS"]
    name = options.get("assume_role") or config["USER"] or options.get("user") or getpass.getuser()
    return Role(name, config["PASSWORD"] or "")


def _database(name: str, url: str) -> dict[str, Any]:
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(f"{name} must begin with postgresql://. MCI runs on PostgreSQL alone.")
    config = env.db_url_config(url)
    options = config.setdefault("OPTIONS", {})
    limits = "-c lock_timeout=4s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s"
    options["options"] = f"{limits} {options.get('options', '')}".strip()
    return {
        **config,
        "ENGINE": "core.postgresql",
        "HOST": unquote(config["HOST"]),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def redis_url() -> str:
    """One address in the form of redis-py; Celery's own form for a socket is accepted too."""
    url = required("REDIS_URL", "redis://localhost:6379/0").replace("redis+socket://", "unix://", 1)
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or unix://.")
    return url.replace("virtual_host=", "db=")


def email() -> dict[str, Any]:
    """Django's EMAIL_ settings from EMAIL_URL; empty and unset: letters go to the console."""
    url = env.str("EMAIL_URL", default="").strip() or "consolemail://"
    try:
        return env.email_url_config(url)
    except ImproperlyConfigured:
        raise ImproperlyConfigured("EMAIL_URL must be like smtp+tls://user:password@mail.example.com:587.") from None


def proxies() -> int:
    """TRUSTED_PROXIES: 0 (nobody is believed about where a request comes from) to 5."""
    text = env.str("TRUSTED_PROXIES", default="").strip() or "0"
    if text not in ("0", "1", "2", "3", "4", "5"):
        raise ImproperlyConfigured(f"TRUSTED_PROXIES must be how many proxies stand before MCI, 0 to 5, not {text!r}.")
    return int(text)


def log_level() -> str:
    level = env.str("LOG_LEVEL", default="").strip().upper() or "INFO"
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        raise ImproperlyConfigured(f"LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not {level!r}.")
    return level


def supplier_iban() -> str:
    """The account that top-ups are sent to, checked by its check digits: money sent to a wrong one is hard to get back.
    Empty in production until it is set: no top-up can be asked for then."""
    text = env.str("SUPPLIER_IBAN", default="" if PRODUCTION else "IT60X0542811101000000123456")
    if not text.strip():
        return ""
    try:
        return str(iban.validate(text))
    except stdnum_errors.ValidationError:
        raise ImproperlyConfigured("SUPPLIER_IBAN is not an IBAN: its check digits do not agree.") from None


def supplier_vat() -> str:
    """The supplier's VAT number, as transport documents say it; checked by its digits. Empty in production until it is
    set: no transport document can be made then."""
    text = env.str("SUPPLIER_VAT", default="" if PRODUCTION else "09999990360")
    if not text.strip():
        return ""
    try:
        return str(iva.validate(text))
    except stdnum_errors.ValidationError:
        raise ImproperlyConfigured("SUPPLIER_VAT is no Italian VAT number: its check digits do not agree.") from None
