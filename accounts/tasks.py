"""Nudges: no data, may run twice or never. What is due stands in rows."""

from __future__ import annotations

from celery import shared_task

from accounts.companies import digest


@shared_task(lane="house")
def tell_staff() -> int:
    return digest.tell_staff()
