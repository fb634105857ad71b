from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo: its data and its fake shops. Not installed in production."""

    name = "demo"
