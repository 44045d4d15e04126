# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Text from a stranger, made fit for a report."""

from __future__ import annotations


def printable(text: str, limit: int) -> str:
    """At most `limit` characters, none of which can move a cursor, colour a terminal or start a new log line."""
    cut = text[: limit + 1]
    clean = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cut)
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."
