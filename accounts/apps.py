from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Resellers and users")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import field_names
        from accounts.sign_in import heard

        field_names.say()
        heard.listen()
