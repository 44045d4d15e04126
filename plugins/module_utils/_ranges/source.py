# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A source of ranges, once it was heard or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._ranges.sets import netaddr

SOURCES = ("list", "file", "spf", "bundled")


@dataclass
class Heard:
    """networks: each with its provenance; complete: whether a range that is not among them is really not listed there any more."""

    source: str
    where: str
    networks: dict[netaddr.IPNetwork, dict[str, Any]] = field(default_factory=dict)
    complete: bool = True
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
