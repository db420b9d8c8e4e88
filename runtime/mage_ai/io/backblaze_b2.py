"""Backblaze B2, by its S3 protocol."""

from __future__ import annotations

from typing import Any, Self

from runtime.mage_ai.io.s3 import S3


class BackblazeB2(S3):
    """Load, export and look for objects."""

    @classmethod
    def with_config(cls, config: Any, **kwargs: Any) -> Self:
        endpoint = config["B2_ENDPOINT_URL"] or "https://s3.us-west-004.backblazeb2.com"
        return cls(
            aws_access_key_id=config["B2_APPLICATION_KEY_ID"],
            aws_secret_access_key=config["B2_APPLICATION_KEY"],
            endpoint_url=endpoint,
            **kwargs,
        )
