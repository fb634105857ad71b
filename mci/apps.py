from django.apps import AppConfig


class MciConfig(AppConfig):
    name = "mci"

    def ready(self) -> None:
        from allauth.account.decorators import secure_admin_login
        from django.contrib import admin
        from django.contrib.admin.templatetags import admin_list

        from core.administration import pages
        from mci import checks  # noqa: F401 - registers itself

        admin_list._boolean_icon = pages.yes_or_no  # type: ignore[attr-defined]
        admin.ModelAdmin.show_facets = admin.ShowFacets.NEVER  # each would count the whole table
        # The administration has no door of its own: one sign-in page, with allauth's rate limits.
        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
