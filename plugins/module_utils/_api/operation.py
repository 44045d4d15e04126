# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""One call of the API, described as data."""

from __future__ import annotations

from dataclasses import dataclass

READ = "read"
WRITE = "write"
V1 = "v1"
LEGACY = "legacy"


@dataclass(frozen=True)
class Operation:
    """A call: ``kind`` says what it does, whatever its HTTP verb (legacy reads are POST).

    ``path`` may hold one ``{id}``. ``list_keys`` are the names under which a list can come, best first.
    ``bare_list`` is the key to put a list under that is the whole answer; '' refuses one.
    ``permission`` and ``products`` are what the application needs; they only serve error messages.
    """

    method: str
    path: str
    kind: str
    envelope: str = V1
    list_keys: tuple[str, ...] = ()
    bare_list: str = ""
    permission: str = ""
    products: tuple[str, ...] = ()
