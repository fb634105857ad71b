from django.apps import AppConfig


class MciConfig(AppConfig):
    name = "mci"

    def ready(self) -> None:
        from mci import checks  # noqa: F401 - registers itself
