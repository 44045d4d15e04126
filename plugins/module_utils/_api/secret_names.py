# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Secrets in JSON that nothing describes: they are known by the names under which they stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

HIDDEN = "(hidden)"
_PASSWORD = re.compile(r"password|passphrase|secret", re.IGNORECASE)
# Only as the last word: keyLength and tokenStatus hold no secret.
_KEY = re.compile(r"(key|token)s?\Z", re.IGNORECASE)
_LEAST_NUMBER = 1000  # a smaller one is a length or a count, and hiding it would tear holes into everything


def is_password(name: str) -> bool:
    """Whether a value under this name is a password, a pass phrase or a secret."""
    return bool(_PASSWORD.search(name))


def is_secret(name: str) -> bool:
    """Like ``is_password``, with keys and tokens, which can be meant to be published."""
    return is_password(name) or bool(_KEY.search(name))


def without_secrets(value: Any, secret: Callable[[str], bool] = is_secret) -> Any:
    """A copy in which values under names of secrets are replaced, whatever they are; true, false and nothing stay."""
    if isinstance(value, list):
        return [without_secrets(item, secret) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: HIDDEN if secret(str(name)) and not (item is None or isinstance(item, bool)) else without_secrets(item, secret)
        for name, item in value.items()
    }


def secrets_of(value: Any, below: bool = False) -> set[str]:
    """The texts and numbers that stand under names of secrets, at any depth. ``below``: that name is already above."""
    if isinstance(value, dict):
        return {found for name, item in value.items() for found in secrets_of(item, below or is_secret(str(name)))}
    if isinstance(value, list):
        return {found for item in value for found in secrets_of(item, below)}
    if not below or value is None or isinstance(value, bool):
        return set()
    small = isinstance(value, (int, float)) and abs(value) < _LEAST_NUMBER
    return set() if small else {str(value)} - {""}
