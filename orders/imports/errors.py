"""Why a file of orders is not taken, or an act on its import is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Refused


class FileRefused(Refused):
    """Nothing of the file is kept."""


class FileEmpty(FileRefused):
    code = "import_empty"
    message = _("There are no orders in this file.")


class FileUnreadable(FileRefused):
    code = "import_unreadable"
    message = _("This is no table that we can read: save it as CSV or XLSX and try again.")


class FileTooLarge(FileRefused):
    """Params: rows, columns, megabytes (the most of each)."""

    code = "import_too_large"
    message = _(
        "The file is too large: at most %(rows)s rows, %(columns)s columns and %(megabytes)s MB. Divide it and upload "
        "its parts."
    )


class OldWorkbook(FileRefused):
    code = "import_old_workbook"
    message = _("This is a workbook of an old Excel (.xls): save it as .xlsx or CSV.")


class WrongReport(FileRefused):
    """Params: report (what it is), take (which one serves)."""

    code = "import_wrong_report"
    message = _("This is “%(report)s”, which cannot be shipped from. Download “%(take)s” and upload that one.")


class NoRecipients(FileRefused):
    """Params: report."""

    code = "import_no_recipients"
    message = _(
        "“%(report)s” came without names and addresses: download it again with the right to see the buyers’ data."
    )


class MappingIncomplete(FileRefused):
    """Params: fields (names of what is missing)."""

    code = "import_mapping_incomplete"
    message = _("Say which columns these are: %(fields)s.")


class NothingToImport(Refused):
    code = "nothing_to_import"
    message = _("There is no valid order left to import.")


class ImportBusy(Refused):
    code = "import_busy"
    by_state = True
    message = _("The import is being worked on: wait until it is finished.")


class ImportSent(Refused):
    """Params: number (of an order of it)."""

    code = "import_sent"
    by_state = True
    message = _("Order %(number)s of this import was sent to MCI already: cancel its orders one by one.")


class ImportOver(Refused):
    code = "import_over"
    by_state = True
    message = _("This import is over: nothing of it changes any more.")


class ArticleUnknown(Refused):
    """Params: sku."""

    code = "import_article_unknown"
    message = _("%(sku)s is not in the catalogue.")
