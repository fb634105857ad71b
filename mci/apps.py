from django.apps import AppConfig


class MciConfig(AppConfig):
    name = "mci"

    def ready(self) -> None:
        from allauth.account.decorators import secure_admin_login
        from django.contrib import admin

        from mci import checks  # noqa: F401 - registers itself

        # The administration has no door of its own: one sign-in page, with allauth's rate limits.
        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
