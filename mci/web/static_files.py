"""Static files as production serves them: compressed, named by their content, kept by the browser for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage as _Hashed

_ROOMS = ("accounts", "catalog", "connectors", "mci", "orders", "shipping", "wallet")
_IMPORTS = _Hashed._js_module_import_aggregation_patterns[1]


class HashedFiles(_Hashed):
    """A module of ours that imports another finds it by its hashed name too: only hashed files are kept, and a script
    that was updated must not meet an older one. Files of libraries name modules that only a bundler knows."""

    patterns = (*_Hashed.patterns, *((f"{room}/*.js", _IMPORTS) for room in _ROOMS))
