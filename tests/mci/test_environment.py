"""A production start refuses nonsense with a sentence. Each case is a fresh process: settings are read once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHOLE = {
    "MCI_ENV": "production",
    "SECRET_KEY": "q7!zP0mX2v9Lw4Rk8tYb1Nc6Jd3Hf5Gs-aUeIoTrQxWyZ0123456789",
    "ALLOWED_HOSTS": "portal.example.com",
    "FIELD_KEYS": "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=",
    "SITE_URL": "https://portal.example.com",
    "DATABASE_URL": "postgresql://mci:secret@db.example.com:5432/mci",
    "REDIS_URL": "redis://cache.example.com:6379/0",
}
SHOW = "from django.conf import settings as s; s.DEBUG; print('>', {expression})"


# Reads requests from its input and forks for each: what others wrote is imported once, and nothing of ours.
FORKS = """
import json, os, sys
import celery.app.base, celery.signals, django.conf, django.utils.deprecation, environ, kombu, redis.backoff
assert "mci" not in sys.modules
for line in sys.stdin:
    environment, code, file = json.loads(line)
    if not (child := os.fork()):
        said = os.open(file, os.O_WRONLY)
        os.dup2(said, 1), os.dup2(said, 2)
        os.environ.clear()
        os.environ.update(environment)
        exec(code, {"__name__": "__main__"})
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
CLEAN = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")}


@pytest.fixture(scope="module", autouse=True)
def _forks() -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", FORKS], cwd=ROOT, env=CLEAN, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as popen:
        forks.append(popen)
        yield
        forks.clear()


forks: list[subprocess.Popen[str]] = []


def start(environment: dict[str, str], expression: str = "'started'") -> tuple[int, str]:
    """Exit code and the last line said, as a person at the terminal sees it."""
    (forking,) = forks
    assert forking.stdin
    assert forking.stdout
    environment = {**CLEAN, "DJANGO_SETTINGS_MODULE": "mci.settings", **environment}
    with tempfile.NamedTemporaryFile("r") as said:
        forking.stdin.write(json.dumps([environment, SHOW.format(expression=expression), said.name]) + "\n")
        forking.stdin.flush()
        code = int(forking.stdout.readline())
        return code, said.read().splitlines()[-1].removeprefix("> ")


def test_a_whole_production_environment_starts():
    assert start(WHOLE) == (0, "started")


@pytest.mark.parametrize("name", sorted(set(WHOLE) - {"MCI_ENV"}))
def test_production_refuses_to_start_without(name):
    code, said = start({key: value for key, value in WHOLE.items() if key != name})
    assert code != 0
    assert "ImproperlyConfigured" in said
    assert name in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "true"),
        ("DEBUG", "perhaps"),
        ("SECOND_PERSON_ABOVE", "1.000,00"),
        ("SECOND_PERSON_ABOVE", "-1"),
        ("SECOND_PERSON_ABOVE", "NaN"),
        ("MCI_ENV", "prod"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "development-only-secret-key-of-no-value-whatsoever"),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY", "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz-0123456789"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", " , "),
        ("ALLOWED_HOSTS", "https://portal.example.com/"),
        ("FIELD_KEYS", "not base64"),
        ("FIELD_KEYS", "c2hvcnQ="),
        ("FIELD_KEYS", "ZGV2ZWxvcG1lbnQtb25seS1maWVsZC1rZXktMzJieXQ="),
        ("SITE_URL", "http://portal.example.com"),
        ("SITE_URL", "portal.example.com"),
        ("SITE_URL", "https://portal.example.com/under/a/path"),
        ("DATABASE_URL", "sqlite:///db.sqlite3"),
        ("REDIS_URL", "memcache://cache"),
        ("SECRET_KEY_FILE", "/nonexistent/secret"),
        ("EMAIL_URL", "mail.example.com"),
        ("LOG_LEVEL", "loud"),
        ("SUPPLIER_IBAN", "IT60X0542811101000000123457"),
    ],
)
def test_production_refuses_nonsense_in(name, value):
    environment = {**WHOLE, name: value}
    if name.endswith("_FILE"):
        del environment[name.removesuffix("_FILE")]
    code, said = start(environment)
    assert code != 0
    assert "ImproperlyConfigured" in said
    assert name in said


def test_how_much_needs_a_second_person_is_an_amount():
    shown = "s.SECOND_PERSON_ABOVE"
    assert start(WHOLE, shown) == (0, "1000.00")
    assert start({**WHOLE, "SECOND_PERSON_ABOVE": "0"}, shown) == (0, "0")


def test_a_refusal_does_not_show_the_secret():
    said = start({**WHOLE, "SECRET_KEY": "hunter2-is-short"})[1]
    assert "SECRET_KEY" in said
    assert "hunter2-is-short" not in said


def test_a_secret_may_come_from_a_file(tmp_path):
    file = tmp_path / "secret"
    file.write_text(WHOLE["SECRET_KEY"] + "\n")
    environment = {key: value for key, value in WHOLE.items() if key != "SECRET_KEY"}
    code, said = start({**environment, "SECRET_KEY_FILE": str(file)}, "s.SECRET_KEY")
    assert (code, said) == (0, WHOLE["SECRET_KEY"])


def test_development_needs_nothing():
    assert start({"MCI_ENV": "development"}) == (0, "started")


def test_production_has_no_demo_no_debug_and_secure_cookies():
    facts = "('demo' in s.INSTALLED_APPS, s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.EGRESS_ALLOW)"
    assert start(WHOLE, facts) == (0, "(False, False, True, True, [])")


def test_production_has_no_demo_shop_whatever_its_environment_says():
    demo = {"DEMO_SHOP_URL": "http://127.0.0.1:8001", "DEMO_SHOPIFY_URL": "http://127.0.0.1:8002/"}
    demo |= {"DEMO_WORDPRESS_URL": "", "SHOPIFY_CLIENT_ID": "app", "SHOPIFY_CLIENT_SECRET": "secret"}
    assert start({**WHOLE, **demo}, "s.DEMO_SHOPS") == (0, "{}")
    shown = "', '.join(f'{slug} {url}' for slug, url in s.DEMO_SHOPS.items())"
    both = "woocommerce http://127.0.0.1:8001, shopify http://127.0.0.1:8002"
    assert start({"MCI_ENV": "development", **demo}, shown) == (0, both)
    del demo["SHOPIFY_CLIENT_ID"]  # without an app of the portal's own nobody could approve it
    assert start({"MCI_ENV": "development", **demo}, shown) == (0, "woocommerce http://127.0.0.1:8001")


def test_a_shop_is_never_redirected_to_https():
    """WooCommerce takes a 301 for success and loses the event."""
    facts = "any(__import__('re').search(p, 'webhooks/woocommerce/abc/') for p in s.SECURE_REDIRECT_EXEMPT)"
    assert start(WHOLE, facts) == (0, "True")


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://cache:6379/2", "redis://cache:6379/2"),
        ("unix:///run/redis.sock?db=3", "redis+socket:///run/redis.sock?virtual_host=3"),
        ("redis+socket:///run/redis.sock?virtual_host=3", "redis+socket:///run/redis.sock?virtual_host=3"),
    ],
)
def test_one_redis_address_serves_the_heartbeat_and_celery(url, broker):
    code, said = start({**WHOLE, "REDIS_URL": url}, "s.REDIS_URL, s.CELERY_BROKER_URL")
    location = url.replace("redis+socket", "unix").replace("virtual_host", "db")
    assert (code, said) == (0, f"{location} {broker}")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("postgresql://u@%2Frun%2Fpostgresql/mci", "/run/postgresql"),
        ("postgresql:///mci?host=/run/postgresql&user=u", ""),
        ("postgresql://u:p%40ss@db:5433/mci", "db"),
    ],
)
def test_the_database_may_be_on_a_socket(url, host):
    code, said = start({**WHOLE, "DATABASE_URL": url}, "s.DATABASES['default']['HOST']")
    assert (code, said) == (0, host)


def test_the_database_has_its_limits_beside_the_address_own_options():
    url = WHOLE["DATABASE_URL"] + "?options=-c%20work_mem%3D8MB"
    code, said = start({**WHOLE, "DATABASE_URL": url}, "s.DATABASES['default']['OPTIONS']['options']")
    assert code == 0
    assert "lock_timeout" in said
    assert "work_mem" in said


@pytest.mark.parametrize(("text", "hops"), [("", "0"), ("0", "0"), ("1", "1"), (" 2 ", "2")])
def test_how_many_proxies_are_believed(text, hops):
    assert start({**WHOLE, "TRUSTED_PROXIES": text}, "s.TRUSTED_PROXIES") == (0, hops)


@pytest.mark.parametrize("text", ["-1", "6", "yes", "1.0", "١"])
def test_a_number_of_proxies_that_is_none_is_refused(text):
    code, said = start({**WHOLE, "TRUSTED_PROXIES": text})
    assert code != 0
    assert "TRUSTED_PROXIES" in said
