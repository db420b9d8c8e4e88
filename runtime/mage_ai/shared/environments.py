"""Which environment this is, by the variable ENV."""

from __future__ import annotations

import os


def get_env() -> str:
    return os.environ.get("ENV", "dev")


def is_dev() -> bool:
    return get_env() == "dev"


def is_test() -> bool:
    return get_env() in ("test", "test_mage")


def is_staging() -> bool:
    return get_env() == "staging"


def is_production() -> bool:
    return get_env() in ("prod", "production")


def is_debug() -> bool:
    return bool(os.environ.get("DEBUG"))
