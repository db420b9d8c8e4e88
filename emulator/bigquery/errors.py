"""BigQuery's refusals: the old form, with a reason (Google: "BigQuery error messages")."""

from __future__ import annotations

from typing import Any

from emulator.errors import ApiError

STATUS = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
CODES = {
    "notFound": 404,
    "duplicate": 409,
    "accessDenied": 403,
    "conditionNotMet": 412,
    "notImplemented": 501,
    "stopped": 499,
    "backendError": 503,
    "internalError": 500,
    "responseTooLarge": 403,
    "bytesBilledLimitExceeded": 400,
}


class BigQueryError(ApiError):
    """A refusal by reason: "invalid", "invalidQuery", "notFound", "duplicate", …"""

    def __init__(self, reason: str, message: str, location: str = "") -> None:
        code = CODES.get(reason, 400)
        super().__init__(STATUS[code], message)
        self._code = code
        self.reason = reason
        self.location = location

    @property
    def code(self) -> int:
        return self._code

    def proto(self) -> dict[str, Any]:
        """As a job's status carries it (ErrorProto)."""
        where = {"location": self.location} if self.location else {}
        return {"reason": self.reason, "message": self.message, **where}

    def to_json(self) -> dict[str, Any]:
        error = super().to_json()
        cause = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.location:
            cause |= {"location": self.location, "locationType": "parameter"}
        error["error"]["errors"] = [cause]
        return error


def invalid(message: str) -> BigQueryError:
    return BigQueryError("invalid", message)


def invalid_query(message: str, at: str = "") -> BigQueryError:
    """`at` is `[line:column]`."""
    return BigQueryError("invalidQuery", f"{message} at {at}" if at else message, "query")


def not_found(kind: str, name: str) -> BigQueryError:
    return BigQueryError("notFound", f"Not found: {kind} {name}")


def duplicate(kind: str, name: str) -> BigQueryError:
    return BigQueryError("duplicate", f"Already Exists: {kind} {name}")


def unsupported(what: str, at: str = "") -> BigQueryError:
    """What Google can do and this emulator cannot: said, never guessed."""
    where = f" at {at}" if at else ""
    return BigQueryError("notImplemented", f"This emulator does not support {what}{where}", "query")
