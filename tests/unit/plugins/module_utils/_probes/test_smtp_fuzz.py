# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a server says, and however a check is written, there is a verdict with a sentence and plain evidence."""

from __future__ import annotations

import base64
import json
import socket
from unittest import mock

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import Answer
from ansible_collections.mimecast.connect.plugins.module_utils._probes import net, smtp_auth, smtp_dialogue, smtp_domain
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import SmtpCheck, check_smtp
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_probe import MODES
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import CODES

hypothesis = pytest.importorskip("hypothesis", reason="the dialogue is tested with generated servers")
from hypothesis import given, settings
from hypothesis import strategies as st

USER, PASSWORD = "relay@acme.example", "Pa55+word/of=mine"
TOLD = b" ".join([PASSWORD.encode(), base64.b64encode(PASSWORD.encode()), base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())])
LINES = ["220 mx", "220-mx", "250-mx", "250 STARTTLS", "250 ok", "421 no", "451 no", "530 TLS", "550 no"]
lines = st.sampled_from([f"{line}\r\n".encode() for line in LINES])
servers = st.lists(lines | st.binary(max_size=20), max_size=12).map(b"".join)
words = st.text(max_size=20) | st.from_regex(r"[a-z0-9.:@\[\]*%-]{0,20}", fullmatch=True)


def assert_sound(verdict):
    assert verdict.code in CODES
    assert verdict.message.isprintable()
    assert len(json.dumps(verdict.as_dict())) < 100_000


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
        asked = {"recipient": "a@b", "refused_recipient": "c@b", "relay_recipient": "d@e"}
        found = check_smtp(SmtpCheck("192.0.2.1", tls=mode, implicit_tls=implicit_tls, helo="probe", timeout=2, **asked))
    for far in far_ends:
        far.close()
    assert_sound(found)
    assert found.code != "probe_error", found


class Conversation(smtp_dialogue.Conversation):
    """A dialogue that is encrypted already, as the log-in needs it."""

    def close(self):
        self.sock.close()


@settings(max_examples=200, deadline=None)
@given(servers | st.lists(st.sampled_from([b"334 ", b"235 ", b"535 ", b"334-"]).flatmap(lambda code: st.just(code + TOLD + b"\r\n"))).map(b"".join),
       st.sampled_from(smtp_auth.MECHANISMS))
def test_any_answer_to_a_log_in_hides_the_password(said, mechanism):
    near, far = socket.socketpair()
    far.sendall(said)
    far.shutdown(socket.SHUT_WR)
    conversation = Conversation(near, net.Deadline(2), smtp_auth.secrets_of(USER, PASSWORD))
    try:
        shown = str(smtp_auth.log_in(conversation, mechanism, USER, PASSWORD))
    except net.ProbeFailure as failure:
        shown = repr(failure.facts)
    finally:
        conversation.close()
        far.close()
    for secret in (PASSWORD.encode(), f"\0{USER}\0{PASSWORD}".encode()):
        assert base64.b64encode(secret).decode().rstrip("=") not in shown
        assert secret.decode() not in shown


records = st.lists(st.tuples(st.integers(0, 65535), words), max_size=30)
statuses = st.sampled_from(["found", "nodata", "nxdomain", "loop", "servfail", "refused", "lame", "broken", "silent"])


@settings(max_examples=150, deadline=None)
@given(statuses, records, statuses, words)
def test_any_answer_of_the_dns(status, hosts, address_status, address):
    class Resolver:
        def __init__(self, _servers, _left):
            pass

        def ask(self, name, _kind):
            return Answer(status, tuple(hosts) or ((0, "."),), aliases=(name,), name=name)

        def addresses(self, _host):
            return Answer(address_status, ("192.0.2.1",) if address_status == "found" else ()), Answer("nodata")

    def refuse(*_args):
        raise ConnectionRefusedError(111, "refused")

    with mock.patch.object(smtp_domain, "Resolver", Resolver), mock.patch.object(net, "_connect_one", refuse):
        found = check_smtp(SmtpCheck(domain="acme.example", resolver="192.0.2.53", helo=address, timeout=2))
    assert_sound(found)
    assert found.verdict in ("failed", "unknown", "degraded")
    assert found.code != "probe_error" and len(found.evidence.get("servers", [])) <= smtp_domain.MAX_HOSTS


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
