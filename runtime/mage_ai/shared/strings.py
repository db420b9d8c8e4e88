"""Helpers for text."""

from __future__ import annotations

import re


def camel_to_snake_case(text: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text).lower()


def capitalize_remove_underscore_lower(text: str) -> str:
    return text.replace("_", " ").lower().capitalize()


def singularize(text: str) -> str:
    return text[:-3] + "y" if text.endswith("ies") else text.removesuffix("s")


def is_number(text: str) -> bool:
    try:
        float(text)
    except (TypeError, ValueError):
        return False
    return True
