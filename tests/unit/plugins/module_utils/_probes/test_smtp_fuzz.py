# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a server says, and however a check is written, there is a verdict with a sentence and plain evidence."""

from __future__ import annotations

import json
import socket
from unittest import mock

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes import net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import MODES, SmtpCheck, check_smtp
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import CODES

hypothesis = pytest.importorskip("hypothesis", reason="the dialogue is tested with generated servers")
from hypothesis import given, settings
from hypothesis import strategies as st

LINES = ["220 mx", "220-mx", "250-mx", "250 STARTTLS", "250 ok", "421 no", "451 no", "530 TLS", "550 no"]
lines = st.sampled_from([f"{line}\r\n".encode() for line in LINES])
servers = st.lists(lines | st.binary(max_size=20), max_size=12).map(b"".join)
words = st.text(max_size=20) | st.from_regex(r"[a-z0-9.:@\[\]*%-]{0,20}", fullmatch=True)


def assert_sound(verdict):
    assert verdict.code in CODES
    assert verdict.message.isprintable()
    assert len(json.dumps(verdict.as_dict())) < 40_000


@settings(max_examples=150, deadline=None)
@given(servers, st.sampled_from(MODES), st.booleans())
def test_any_server(said, mode, implicit_tls):
    far_ends = []

    def connect(_addresses, _deadline, tried):
        near, far = socket.socketpair()
        far.sendall(said)
        far.shutdown(socket.SHUT_WR)
        far_ends.append(far)
        tried.append({"address": "192.0.2.1:25", "result": "connected"})
        return near

    with mock.patch.object(net, "connect", connect):
        found = check_smtp(SmtpCheck("192.0.2.1", tls=mode, implicit_tls=implicit_tls, helo="probe", recipient="a@b", timeout=2))
    for far in far_ends:
        far.close()
    assert_sound(found)
    assert found.code != "probe_error", found


@settings(max_examples=100, deadline=None)
@given(words, words, words, words, words)
def test_any_check(host, address, recipient, sender, helo):
    def refuse(*_args):
        raise ConnectionRefusedError(111, "refused")

    found_addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 25))]
    look_up = mock.patch.object(socket, "getaddrinfo", return_value=found_addresses)
    with look_up, mock.patch.object(net, "_connect_one", refuse):
        found = check_smtp(SmtpCheck(host, address=address or None, recipient=recipient, sender=sender, helo=helo, timeout=2))
    assert_sound(found)
    assert found.code in ("check_invalid", "host_name_invalid", "connection_refused"), found
