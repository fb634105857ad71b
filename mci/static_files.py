"""Static files as production serves them: compressed, named by their content, kept by the browser for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """A module that imports another finds it by its hashed name too: only hashed files are kept, and a script that was
    updated must not meet an older one."""

    support_js_module_import_aggregation = True
