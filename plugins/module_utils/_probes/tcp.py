# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Does this port take a connection from here, refuse it, or leave it unanswered?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import ProbeFailure
from ansible_collections.mimecast.connect.plugins.module_utils._probes.probe import SocketProbe, judge, shown_target
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict

CLOSED = {"connection_refused": "ok_refused", "connection_timed_out": "ok_filtered"}
EXPECTATIONS = ("open", "closed")


@dataclass(frozen=True)
class TcpCheck:
    """One check of one port.

    address: connect to `address` or `address:port` instead of resolving the host.
    expect: open, or closed, which a refusal and silence both satisfy.
    timeout: seconds for the whole check.
    """

    host: str
    port: int
    address: Optional[str] = None
    expect: str = "open"
    timeout: float = 10.0

    @property
    def target(self) -> str:
        """Name and port as they appear in messages."""
        return shown_target(self.host, self.port, self.address)


def check_tcp(check: TcpCheck) -> Verdict:
    """The verdict on one port, within check.timeout; never raises. evidence: target, peer, addresses, timings_ms."""
    return judge(_TcpProbe, check)


class _TcpProbe(SocketProbe):
    def run(self) -> None:
        closed = self._check.expect == "closed"
        if self._check.expect not in EXPECTATIONS:
            raise ProbeFailure("check_invalid", reason=f"expect is one of {', '.join(EXPECTATIONS)}")
        self.locate()
        try:
            self.connect(self._timings).close()
        except ProbeFailure as failure:
            if closed and failure.code in CLOSED:
                return self.find("ok", CLOSED[failure.code])
            raise
        return self.find("failed", "port_open") if closed else self.find("ok", "ok_open")
