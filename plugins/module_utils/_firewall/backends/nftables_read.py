# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Our table of nftables as ``nft -j`` lists it (libnftables-json(5)), read back into the model."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._firewall import run
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import STRANGERS_KEPT_S, TABLE
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import (
    ENFORCE, FAMILIES, OPEN, Allowlist, Live, Service, Stranger, mark_of,
)
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import BITS, Ranges, merge, number_of

Rows = dict  # kind of object -> its rows


def read() -> Live:
    """What is there now."""
    status, printed, errors = run.call(("nft", "-j", "list", "table", "inet", TABLE))
    if status and "No such file or directory" not in errors:
        raise FirewallError("Cannot read nftables: {0}".format(run.brief(errors)))
    return live_of([] if status else _listed(printed), _chains())


def _chains() -> list[dict[str, Any]]:
    return _listed(run.output(("nft", "-j", "list", "chains")))


def _listed(printed: str) -> list[dict[str, Any]]:
    try:
        return json.loads(printed)["nftables"]
    except (ValueError, KeyError, TypeError):
        raise FirewallError("Cannot read nftables: nft -j printed no JSON that is a list of objects; its version may be too old") from None


def live_of(listed: list[dict[str, Any]], chains: list[dict[str, Any]]) -> Live:
    """The model of what two listings say: our table, and all chains."""
    rows: Rows = {}
    for row in listed:
        for kind, value in row.items():
            rows.setdefault(kind, []).append(value)
    sets = {row["name"]: row for row in rows.get("set", [])}
    services = [one for one in (_service(rule, sets) for rule in rows.get("rule", [])) if one]
    allowlist = Allowlist(tuple(sorted(services, key=lambda one: one.name)))
    counters = {row["name"]: row["packets"] for row in rows.get("counter", [])}
    names = {"{0} {1}".format(kind, row["name"]) for kind in ("table", "chain", "set", "counter") for row in rows.get(kind, [])}
    return Live(
        allowlist, tuple(_drift(allowlist, rows)) if rows else (),
        {one.name: {part: counters.get("{0}_{1}".format(one.name, part), 0) for part in ("allowed", "others")} for one in allowlist.services},
        tuple(stranger for one in allowlist.services for stranger in _strangers(one, sets)),
        tuple(_notes(chains)), frozenset(names))


def _service(rule: dict[str, Any], sets: dict[str, Any]) -> Service | None:
    mark = mark_of(rule.get("comment", ""))
    if mark is None or rule["chain"] != "input":
        return None
    name, mode, since = mark
    sources = [_ranges(sets.get("{0}_{1}".format(name, family), {}), family) for family in FAMILIES]
    return Service(name, _ports(rule["expr"]), mode, sources[0], sources[1], since)


def _ports(expressions: list[dict[str, Any]]) -> tuple[int, ...]:
    for expression in expressions:
        match = expression.get("match", {})
        if match.get("left") == {"payload": {"protocol": "tcp", "field": "dport"}}:
            right = match["right"]
            return tuple(sorted(right["set"] if isinstance(right, dict) and "set" in right else [right]))
    return ()


def _ranges(row: dict[str, Any], family: int) -> Ranges:
    pairs = []
    for element in row.get("elem", []):
        value = element["elem"]["val"] if isinstance(element, dict) and "elem" in element else element
        if isinstance(value, str):
            first = last = number_of(value)[1]
        elif "prefix" in value:
            first = number_of(value["prefix"]["addr"])[1]
            last = first + (1 << (BITS[family] - value["prefix"]["len"])) - 1
        else:
            first, last = (number_of(end)[1] for end in value["range"])
        pairs.append((first, last))
    return merge(pairs)


def _strangers(service: Service, sets: dict[str, Any]) -> Iterator[Stranger]:
    now = time.time()
    for family in FAMILIES:
        for element in sets.get("{0}_strangers_{1}".format(service.name, family), {}).get("elem", []):
            row = element.get("elem", {})
            address, port = row["val"]["concat"]
            count = row.get("counter", {}).get("packets", 0)
            last = int(now - (STRANGERS_KEPT_S - row["expires"])) if "expires" in row else 0
            yield Stranger(service.name, address, port, count, last)


def _signature(rule: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Chain and what decides in a rule, in words that do not depend on the version of nft."""
    words = []
    for expression in rule["expr"]:
        for kind, value in expression.items():
            text = json.dumps(value, sort_keys=True)
            if kind == "match" and '"flags"' in text:
                words.append("first packet")
            elif kind == "match" and '"dport"' in text:
                words.append("ports " + ",".join(map(str, _ports([expression]))))
            elif kind == "match":
                words.append("match " + (value["right"] if isinstance(value["right"], str) else text))
            elif kind == "set":
                words.append("update " + value["set"])
            elif kind == "jump":
                words.append("jump " + value["target"])
            elif kind == "counter":
                words.append("counter " + (value if isinstance(value, str) else "of its own"))
            elif kind != "limit":
                words.append(kind)
    return rule["chain"], tuple(words)


def expected(allowlist: Allowlist) -> list[tuple[str, tuple[str, ...]]]:
    """The signatures of the rules that ``nftables.rules`` writes."""
    found: list[tuple[str, tuple[str, ...]]] = [("input", ("match lo", "accept"))]
    for one in allowlist.services:
        chain = "service_" + one.name
        found.append(("input", ("ports " + ",".join(map(str, one.ports)), "jump " + chain)))
        found.append((chain, ("first packet", "accept")))
        found += [(chain, ("match @{0}_{1}".format(one.name, family), "counter {0}_allowed".format(one.name), "accept")) for family in FAMILIES]
        if one.mode == OPEN:
            continue
        # nft leaves out the match on the family, which the type of the set implies
        found += [(chain, ("update @{0}_strangers_{1}".format(one.name, family),)) for family in FAMILIES]
        found.append((chain, ("log",)))
        found.append((chain, ("counter {0}_others".format(one.name),) + (("drop",) if one.mode == ENFORCE else ())))
    return found


def _drift(allowlist: Allowlist, rows: Rows) -> Iterator[str]:
    there = [(chain, tuple(word for word in words if not word.startswith("match ipv"))) for chain, words in map(_signature, rows.get("rule", []))]
    wanted = expected(allowlist)
    for chain in sorted({chain for chain, _words in there + wanted}):
        if [words for name, words in there if name == chain] != [words for name, words in wanted if name == chain]:
            yield "the rules of chain {0} in table inet {1} are not those that this module writes".format(chain, TABLE)
    for row in rows.get("chain", []):
        if row["name"] == "input" and (row.get("hook"), row.get("prio"), row.get("policy")) != ("input", -10, "accept"):
            yield "the chain input in table inet {0} does not hang where this module puts it".format(TABLE)


def _notes(chains: list[dict[str, Any]]) -> Iterator[str]:
    for row in chains:
        chain = row.get("chain", {})
        if chain.get("hook") == "input" and chain.get("policy") == "drop" and chain.get("table") != TABLE:
            yield ("Chain {name} of table {family} {table} drops what none of its own rules accepts: it has to accept these services too, "
                   "since an accept here does not overrule it").format(**chain)
