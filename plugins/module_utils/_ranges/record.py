# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The memory of a customer's ranges: which source had which range, from when to when. Read here; whoever wants it kept writes the file.

A document of plain data: {version: 1, region: us, ranges: {170.10.128.0/22: {spf: {first: 2026-01-31, last: 2026-02-01}}}}
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError, check_source, networks_of, shown
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.source import SOURCES, Heard

VERSION = 1
_DAY = re.compile(r"\d{4}-\d\d-\d\d")

Memory = dict[Any, dict[str, tuple[str, str]]]  # by network and source, the first and the last day


def read_record(document: Any, region: str, where: str) -> Memory:
    """The memory in a document; RangesError if it is no record, or that of another region."""
    if not isinstance(document, dict) or not isinstance(document.get("ranges"), dict):
        raise RangesError("{0} is no record of ranges: take the file from a backup, or start a new one elsewhere".format(where))
    if document.get("version") != VERSION:
        raise RangesError("{0} is a record of version {1}, and this collection knows version {2}".format(where, shown(document.get("version")), VERSION))
    if document.get("region") != region:
        raise RangesError("{0} is the record of region {1}, not of {2}".format(where, shown(document.get("region")), region))
    memory: Memory = {}
    for text, sources in document["ranges"].items():
        try:
            (network,) = networks_of(text)
            check_source(network)
            memory[network] = {name: _days(sources[name]) for name in sources if name in SOURCES}
            if not memory[network] or len(memory[network]) < len(sources):
                raise ValueError
        except (ValueError, TypeError, KeyError):
            raise RangesError("{0}: the entry {1} is no range with the days on which list, file, spf or bundled had it".format(where, shown(text))) from None
    return memory


def remember(memory: Memory, heard: Iterable[Heard], today: str) -> Memory:
    """The memory with what was heard today. Nothing in it ever goes away."""
    found = {network: dict(sources) for network, sources in memory.items()}
    for one in heard:
        for network in one.networks:
            sources = found.setdefault(network, {})
            first, last = sources.get(one.source, (today, today))
            sources[one.source] = (min(first, today), max(last, today))
    return found


def as_document(memory: Memory, region: str) -> dict[str, Any]:
    """Plain data for the file, in the order of the networks."""
    return {
        "version": VERSION,
        "region": region,
        "ranges": {
            str(network): {name: {"first": memory[network][name][0], "last": memory[network][name][1]} for name in SOURCES if name in memory[network]}
            for network in sorted(memory)
        },
    }


def day_of(value: object) -> str:
    """A day as text, from a text or from what YAML makes of one; ValueError if it is none."""
    if isinstance(value, datetime.datetime):
        value = value.date()
    text = value.isoformat() if isinstance(value, datetime.date) else str(value).strip()
    if not _DAY.fullmatch(text):
        raise ValueError("is no day such as 2026-01-31")
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("is no day of the calendar") from None


def _days(entry: Any) -> tuple[str, str]:
    first, last = day_of(entry["first"]), day_of(entry["last"])
    if first > last or len(entry) != 2:
        raise ValueError
    return first, last
