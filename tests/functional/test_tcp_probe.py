# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Open, refused and silent ports are told apart."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes.tcp import TcpCheck, check_tcp
from conftest import Tenant
from hostile_smtp import full_backlog


@pytest.fixture
def ports() -> Iterator[dict[str, int]]:
    """A port that listens, and one that surely does not since it is bound."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as bound, full_backlog() as silent:
        bound.bind(("127.0.0.1", 0))
        yield {"open": server.getsockname()[1], "refused": bound.getsockname()[1], "silent": int(silent.rpartition(":")[2])}


@pytest.mark.parametrize(
    ("port", "expect", "found"),
    [
        ("open", "open", "ok ok_open"),
        ("refused", "open", "failed connection_refused"),
        ("silent", "open", "failed connection_timed_out"),
        ("open", "closed", "failed port_open"),
        ("refused", "closed", "ok ok_refused"),
        ("silent", "closed", "ok ok_filtered"),
    ],
)
def test_verdict(ports: dict[str, int], port: str, expect: str, found: str) -> None:
    verdict = check_tcp(TcpCheck("127.0.0.1", ports[port], expect=expect, timeout=0.5))
    assert f"{verdict.verdict} {verdict.code}" == found
    assert verdict.evidence["timings_ms"]["connect"] < 1000


def test_an_option_of_another_kind_is_an_error(tenant: Tenant) -> None:
    result = tenant.call("connectivity_check", checks=[{"type": "tcp", "host": "mx1.example.com", "port": 25, "recipient": "a@example.com"}])
    assert result["failed"] and "Check 'mx1.example.com': recipient does not go with type tcp" in result["msg"]


def test_a_missing_port_is_an_error(tenant: Tenant) -> None:
    result = tenant.call("connectivity_check", checks=[{"type": "tcp", "host": "mx1.example.com"}])
    assert result["failed"] and "Check 'mx1.example.com': give port" in result["msg"]
