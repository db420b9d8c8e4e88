"""What BigQuery, Cloud Storage and Sheets have in common: whose identity they work with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from runtime.google import credentials_from, key_of
from runtime.mage_ai.io.base import BaseIO


class GoogleIO(BaseIO):
    """Works with a key if a real one is given, else as the function's service account.

    Further keyword arguments are those of Google's client.
    """

    scopes: ClassVar[tuple[str, ...]] = ("https://www.googleapis.com/auth/cloud-platform",)
    usually_verbose: ClassVar[bool] = False

    def __init__(
        self,
        verbose: bool | None = None,
        credentials: Any = None,
        credentials_mapping: Mapping[str, Any] | None = None,
        path_to_credentials: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(verbose=self.usually_verbose if verbose is None else verbose)
        given = credentials_from(credentials_mapping, path_to_credentials, self.scopes)
        self._credentials = credentials or given
        self._options = kwargs

    @classmethod
    def with_config(cls, config: Any, **kwargs: Any) -> Self:
        return cls(**{**key_of(config), **kwargs})

    @classmethod
    def with_credentials_file(cls, path_to_credentials: str, **kwargs: Any) -> Self:
        return cls(path_to_credentials=path_to_credentials, **kwargs)

    @classmethod
    def with_credentials_object(cls, credentials: Mapping[str, str], **kwargs: Any) -> Self:
        return cls(credentials_mapping=credentials, **kwargs)

    def _identity(self) -> dict[str, Any]:
        """The client's arguments so far; without credentials it looks for its own."""
        return {"credentials": self._credentials} if self._credentials else {}
