from django.apps import AppConfig


class MciConfig(AppConfig):
    name = "mci"
