"""The Celery application. Tasks are nudges: they carry no data and may run twice or never (docs/architecture.md)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mci.settings")
app = Celery("mci")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
