# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Words of what is said about customer files."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


def near(word: Any, known: Iterable[str]) -> str:
    """What could have been meant, as the end of a sentence; else what there is, if that is little."""
    names = list(known)
    found = difflib.get_close_matches(str(word), names, 1)
    if found:
        return "; did you mean {0}?".format(found[0])
    return "; there are {0}".format(", ".join(names)) if len(names) <= 12 else ""


def place(path: tuple[Any, ...]) -> str:
    """Such as delivery_routes[0].hostname."""
    text = ""
    for part in path:
        text += "[{0}]".format(part) if isinstance(part, int) else "." * bool(text) + str(part)
    return text
