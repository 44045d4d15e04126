# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Text from a stranger, made fit for a report."""

from __future__ import annotations

import base64
import re
from typing import Iterable, List
from urllib.parse import quote

CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # what breaks out of a line, or is no text at all


def printable(text: str, limit: int) -> str:
    """At most `limit` characters, none of which can move a cursor, colour a terminal or start a new log line."""
    cut = text[: limit + 1]
    clean = cut if cut.isprintable() else "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cut)
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with *** for each secret, plain or as base64 or in a URL: servers echo what they were told.

    Cut the secrets out first and shorten then, since half a secret is not found.
    """
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    if not forms:
        return text
    return re.sub("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)), "***", text, flags=re.IGNORECASE)


def _forms(secret: str) -> List[str]:
    raw = secret.encode("utf-8", "replace")
    return [secret, quote(secret, safe=""), base64.b64encode(raw).decode("ascii").rstrip("=")]
