# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The networks in a region's SPF record as the DNS has it now."""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Callable

from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import PORT, Resolver, Where, system_servers
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf_evaluate import Evaluation, evaluate
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError, check_source, enough, networks_of, shown
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.source import Heard

_WHERE = re.compile(r"(?:\[([0-9A-Fa-f:]+)\]|([0-9.]+))(?::(\d{1,5}))?|([0-9A-Fa-f:]+)")


def ask_spf(include: str, resolver: str | None, timeout: float) -> Heard:
    """What the record authorises. An answer that is missing or broken is a warning and never an error: other sources remain."""
    servers = [_server(resolver)] if resolver else system_servers()
    if not servers:
        return Heard("spf", include, complete=False, warnings=["this machine has no resolver to ask for the SPF record of {0}".format(include)])
    return _heard(evaluate(include, Resolver(servers, _until(time.monotonic() + timeout)).ask), include)


def _heard(found: Evaluation, include: str) -> Heard:
    heard, left_out = Heard("spf", include), []
    for source in found.sources:
        network = networks_of(str(source.network))[0]
        try:
            check_source(network)
        except ValueError as error:
            left_out.append("{0} {1}".format(network, error))
        else:
            heard.networks.setdefault(network, {"path": [shown(step) for step in source.path]})
    if left_out:
        heard.warnings.append("the SPF record of {0} has what is left out: {1}".format(include, enough(left_out, len(left_out))))
    for problem in found.problems:
        where = "" if problem.where == found.domain else " (at {0})".format(shown(problem.where))
        heard.warnings.append("the SPF record of {0}{1} cannot be relied on: {2}".format(include, where, problem.detail[:300]))
    if found.opaque:
        heard.warnings.append("the SPF record of {0}: {1} depends on the sender, so its networks cannot be told".format(
            include, enough(map(shown, found.opaque), len(found.opaque))))
    heard.complete = not found.opaque and not found.problems  # what a broken record does not show may be there all the same
    if not heard.networks and not heard.warnings:
        heard.warnings.append("the SPF record of {0} lists no network".format(include))
    return heard


def _until(end: float) -> Callable[[], float]:
    def left() -> float:
        seconds = end - time.monotonic()
        if seconds <= 0:
            raise socket.timeout
        return seconds

    return left


def _server(text: str) -> Where:
    """`192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`."""
    match = _WHERE.fullmatch(text.strip())
    host, port = (match[1] or match[2] or match[4], int(match[3] or PORT)) if match else ("", 0)
    try:
        if not 0 < port < 65536:
            raise ValueError
        return str(ipaddress.ip_address(host)), port
    except ValueError:
        raise RangesError("resolver: {0} is no address, or address:port, of a resolver".format(shown(text))) from None
