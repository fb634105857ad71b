"""The errors of the REST API."""

from typing import Any

from .php import json_encode


class RestError(Exception):
    """An error of the REST API, with the very body WordPress gives."""

    def __init__(self, code: str, message: str, status: int, **data: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.data = code, message, status, data

    def body(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "data": {"status": self.status, **self.data}}

    def encoded(self) -> bytes:
        return json_encode(self.body()).encode()


def invalid_params(problems: dict[str, tuple[str, str]]) -> RestError:
    """400 rest_invalid_param; `problems` is parameter -> (code, sentence)."""
    return RestError(
        "rest_invalid_param",
        f"Invalid parameter(s): {', '.join(problems)}",
        400,
        params={name: text for name, (_, text) in problems.items()},
        details={name: {"code": code, "message": text, "data": None} for name, (code, text) in problems.items()},
    )
