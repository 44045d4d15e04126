# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a POP3 server says, and however a check is written, there is a verdict with a sentence and plain evidence."""

from __future__ import annotations

import json
import socket
from unittest import mock

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes import net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.pop import MODES, PopCheck, check_pop
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import CODES

hypothesis = pytest.importorskip("hypothesis", reason="the dialogue is tested with generated servers")
from hypothesis import given, settings
from hypothesis import strategies as st

SECRET = "s3cretPa55"
LINES = ["+OK", "+OK hi", "+OK 3 99", "STLS", "USER", ".", "-ERR", "-ERR [IN-USE] x", f"-ERR {SECRET}", SECRET, f"+OK {SECRET}"]
lines = st.sampled_from([f"{line}\r\n".encode() for line in LINES])
servers = st.lists(lines | st.binary(max_size=20), max_size=14).map(b"".join)
words = st.text(max_size=20) | st.from_regex(r"[a-z0-9.:@\[\]*%-]{0,20}", fullmatch=True)


def assert_sound(verdict):
    assert verdict.code in CODES
    assert verdict.code != "probe_error", verdict
    assert verdict.message.isprintable()
    assert len(json.dumps(verdict.as_dict())) < 40_000


@settings(max_examples=200, deadline=None)
@given(servers, st.sampled_from(MODES), st.booleans())
def test_any_server(said, mode, implicit_tls):
    far_ends = []

    def connect(_addresses, _deadline, tried):
        near, far = socket.socketpair()
        far.sendall(said)
        far.shutdown(socket.SHUT_WR)
        far_ends.append(far)
        tried.append({"address": "192.0.2.1:110", "result": "connected"})
        return near

    check = PopCheck("192.0.2.1", tls=mode, implicit_tls=implicit_tls, username="a@b", password=SECRET, timeout=2)
    with mock.patch.object(net, "connect", connect):
        found = check_pop(check)
    for far in far_ends:
        far.close()
    assert_sound(found)
    if "login" in found.evidence:  # before, a server knows no password that it could show
        assert SECRET not in found.evidence["login"]["text"]


@settings(max_examples=100, deadline=None)
@given(words, words, words, words)
def test_any_check(host, address, username, password):
    def refuse(*_args):
        raise ConnectionRefusedError(111, "refused")

    found_addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 110))]
    look_up = mock.patch.object(socket, "getaddrinfo", return_value=found_addresses)
    with look_up, mock.patch.object(net, "_connect_one", refuse):
        found = check_pop(PopCheck(host, address=address or None, username=username, password=password, timeout=2))
    assert_sound(found)
    assert found.code in ("check_invalid", "host_name_invalid", "connection_refused"), found
