from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnectorsConfig(AppConfig):
    name = "connectors"
    verbose_name = _("Connected shops")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from connectors import field_names
        from orders import sources

        field_names.say()
        sources.are_told_by(_platforms)


def _platforms() -> list[tuple[str, str]]:
    from connectors.platforms import platforms

    return [(one.slug, one.name) for one in platforms()]
