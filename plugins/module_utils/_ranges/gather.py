# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""All sources of one region's ranges put together. What any of them has is in, and only retiring takes it out."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._data.ranges import COLLECTED
from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import Region
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.bundled import Bundled, other_grid
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError, enough, read
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.record import Memory, read_record
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.retire import Retired, apply, read_retirements, still_listed
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.sets import Spans, difference, merge, netaddr
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.source import Heard


@dataclass
class Gathered:
    """memory: what the record held; networks: all that any source or the record has; cidrs: what to allow today."""

    region: Region
    today: str
    bundled: Bundled
    heard: list[Heard]
    memory: Memory
    retired: Retired
    networks: list[netaddr.IPNetwork]
    cidrs: list[netaddr.IPNetwork]
    warnings: list[str] = field(default_factory=list)


def from_list(texts: Iterable[object]) -> Heard:
    """The customer's own list."""
    found = read(("ranges, entry {0}".format(number), text) for number, text in enumerate(texts, 1))
    return Heard("list", "ranges", {network: {} for network in found.networks}, notes=["ranges: " + note for note in found.notes])


def from_file(name: str, content: str) -> Heard:
    """A file with one range a line; empty lines and what follows a # do not count. One without any is an error: it was cut, or is another's."""
    lines = [(number, line.partition("#")[0].strip()) for number, line in enumerate(content.lstrip("\ufeff").splitlines(), 1)]
    found = read(("{0}, line {1}".format(name, number), line) for number, line in lines if line)
    if not found.networks:
        raise RangesError("{0} holds no range".format(name))
    return Heard("file", name, {network: {} for network in found.networks}, notes=["{0}: {1}".format(name, note) for note in found.notes])


def from_bundle(bundled: Bundled, today: str) -> Heard:
    """What the collection brings."""
    age = (datetime.date.fromisoformat(today) - datetime.date.fromisoformat(COLLECTED)).days
    networks = {network: bundled.provenance(network) for network in bundled.networks}
    return Heard("bundled", "data of the collection", networks, more={"collected": COLLECTED, "age_days": age})


def gather(region: Region, heard: list[Heard], record: Any, record_name: str, retired: list[Any], today: str) -> Gathered:
    """record: the document of the record file, or None. RangesError for input that is wrong, and if nothing would be left."""
    entries = read_retirements(retired)
    memory = read_record(record, region.code, record_name) if record is not None else {}
    warnings = [warning for one in heard for warning in one.warnings]
    _keep_apart(region, heard, memory, warnings)
    networks = list(dict.fromkeys(network for known in (*(one.networks for one in heard), memory) for network in known))
    if not networks:
        raise RangesError("; ".join(["no source has a range, and an empty list would cut off all mail", *warnings]))
    out = apply(entries, networks, today)
    cidrs = difference(networks, out.gone) if out.gone else merge(networks)
    if not cidrs:
        raise RangesError("everything is retired, and an empty list would cut off all mail: undo a retirement")
    for one in heard:
        if one.source != "bundled" and out.gone:
            warnings += still_listed(out.gone, one.source, one.where, one.networks)
    return Gathered(region, today, Bundled(region.code), heard, memory, out, networks, cidrs, [*warnings, *out.warnings])


def _keep_apart(region: Region, heard: list[Heard], memory: Memory, warnings: list[str]) -> None:
    """Takes the ranges of the United States' other grid out: those that a person wrote are an error, all others a warning."""
    code, foreign = other_grid(region.code)
    spans = Spans(foreign)
    for one in heard:
        strange = [network for network in one.networks if spans.touches(network)]
        if strange and one.source in ("list", "file"):
            raise RangesError("{0}: {1} is of the other grid of the United States ({2}), whose ranges are not for an account of region {3}".format(
                one.where, enough(strange, len(strange)), code, region.code))
        _trim(one.networks, strange, foreign)
        if strange:
            warnings.append("{0} in the SPF record of {1} is of the other grid of the United States ({2}) and is left out: ask Mimecast Support "
                            "whether it changed hands".format(enough(strange, len(strange)), one.where, code))
    strange = [network for network in memory if spans.touches(network)]
    _trim(memory, strange, foreign)
    if strange:
        warnings.append("the record has {0}, of the other grid of the United States ({1}); it is left out".format(enough(strange, len(strange)), code))


def _trim(table: dict[netaddr.IPNetwork, Any], strange: list[netaddr.IPNetwork], foreign: list[netaddr.IPNetwork]) -> None:
    """What of the strange networks is not foreign stays, under the same heading."""
    for network in strange:
        row = table.pop(network)
        for part in difference([network], foreign):
            table.setdefault(part, row)
