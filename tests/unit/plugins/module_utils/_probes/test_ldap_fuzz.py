# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a directory says, and however a check is written, there is a verdict with a sentence and plain evidence."""

from __future__ import annotations

import json
import socket
from unittest import mock

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes import ldap_dialogue, ldap_messages, net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap import LdapCheck, check_ldap
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_coverage import Coverage
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import CODES

hypothesis = pytest.importorskip("hypothesis", reason="the dialogue is tested with generated servers")
pytest.importorskip("ldap3", reason="the ldap probe needs it")
from hypothesis import given, settings
from hypothesis import strategies as st

TAGS = [0x02, 0x04, 0x0A, 0x30, 0x31, 0x61, 0x64, 0x65, 0x73, 0x78, 0x79, 0xA0]


def ber(tag, content):
    return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content


def known(number, operation, *parts):
    return ber(0x30, b"\x02\x01" + bytes([number]) + ber(operation, b"".join(parts)))


values = st.binary(max_size=12) | st.sampled_from([b"a@example.com", b"smtp:b@example.org", b"514", b"mail", b"proxyAddresses"])
octets = values.map(lambda value: ber(0x04, value))
results = st.sampled_from([0, 2, 4, 8, 10, 11, 12, 32, 34, 49, 53, 99]).map(lambda code: bytes([0x0A, 1, code]))
entries = st.lists(st.tuples(octets, st.lists(octets, max_size=4)), max_size=4).map(
    lambda rows: ber(0x04, b"cn=a") + ber(0x30, b"".join(ber(0x30, name + ber(0x31, b"".join(some))) for name, some in rows)))
noise = st.tuples(st.sampled_from(TAGS), st.binary(max_size=30)).map(lambda one: ber(*one))
bodies = st.tuples(results, octets, octets).map(b"".join) | entries | st.lists(noise, max_size=4).map(b"".join)
messages = st.builds(known, st.integers(0, 5), st.sampled_from([0x61, 0x64, 0x65, 0x73, 0x78, 0x79]), bodies)
servers = st.lists(messages | st.binary(max_size=20), max_size=12).map(b"".join)
honest = known(1, 0x61, b"\x0a\x01\x00\x04\x00\x04\x00") + known(2, 0x64, b"\x04\x00\x30\x00") + known(2, 0x65, b"\x0a\x01\x00\x04\x00\x04\x00")
words = st.text(max_size=20) | st.from_regex(r"[a-z0-9.:@\[\]*%=,\\-]{0,20}", fullmatch=True)


def assert_sound(verdict):
    assert verdict.code in CODES
    assert verdict.message.isprintable()
    assert len(json.dumps(verdict.as_dict())) < 40_000
    assert verdict.code != "probe_error", verdict


@settings(max_examples=250, deadline=None)
@given(servers, st.sampled_from([b"", honest]), st.booleans())
def test_any_server(said, before, encrypted):
    far_ends = []

    def connect(_addresses, _deadline, tried):
        near, far = socket.socketpair()
        far.sendall(before + said)
        far.shutdown(socket.SHUT_WR)
        far_ends.append(far)
        tried.append({"address": "192.0.2.1:389", "result": "connected"})
        return near

    with mock.patch.object(net, "connect", connect):
        tls = "strict" if encrypted else "none"
        found = check_ldap(LdapCheck("192.0.2.1", 389, tls=tls, username="cn=a", password="secret", base_dn="dc=a", timeout=2))
    for far in far_ends:
        far.close()
    assert_sound(found)


@settings(max_examples=150, deadline=None)
@given(words, words, words, words, words, st.lists(words, max_size=3), st.none() | st.integers(-1, 70000))
def test_any_check(host, address, username, password, base_dn, domains, port):
    """The server lets everybody in, and has nothing."""
    def connect(_addresses, _deadline, tried):
        near, far = socket.socketpair()
        far.sendall(honest)
        far.close()
        tried.append({"address": "192.0.2.1:389", "result": "connected"})
        return near

    found_addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 389))]
    look_up = mock.patch.object(socket, "getaddrinfo", return_value=found_addresses)
    with look_up, mock.patch.object(net, "connect", connect):
        found = check_ldap(LdapCheck(
            host, port, address or None, "none", username=username, password=password, base_dn=base_dn, internal_domains=domains, timeout=2))
    assert_sound(found)


@settings(max_examples=300, deadline=None)
@given(st.lists(messages | st.binary(max_size=40), max_size=6).map(b"".join), st.integers(1, 9))
def test_messages_do_not_depend_on_how_they_arrive(said, step):
    def messages_of(chunks):
        buffer, found = ldap_dialogue.MessageBuffer(), []
        try:
            for chunk in chunks:
                buffer.feed(chunk)
                while (one := buffer.take()) is not None:
                    found.append(one)
        except net.ProbeFailure as failure:
            found.append(failure.code)
        return found

    assert messages_of([said]) == messages_of([said[at : at + step] for at in range(0, len(said), step)])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([b"mail", b"MAIL;lang-de", b"proxyAddresses;range=0-1499", b"cn"]), st.lists(values, max_size=3)), max_size=4))
def test_any_entry_is_counted(attributes):
    coverage = Coverage(["example.com"])
    coverage.add((name, iter(some)) for name, some in attributes)
    addresses = {value.lower() for name, some in attributes if name.lower().startswith(b"mail") for value in some}
    addresses |= {value[5:].lower() for name, some in attributes if name.startswith(b"proxy") for value in some if value[:5].lower() == b"smtp:"}
    assert coverage.addresses + coverage.unreadable == len(addresses)
    assert coverage.found == bool(addresses)


def test_a_request_follows_the_grammar():
    """The specification's own grammar, as pyasn1 reads it, finds in a search what was asked for."""
    from ldap3.protocol.rfc4511 import LDAPMessage
    from pyasn1.codec.ber import decoder

    sent = ldap_messages.search(7, "dc=example", "SUBTREE", "(mail=*)", ["mail"], (1000, b"next"))
    found, rest = decoder.decode(sent, asn1Spec=LDAPMessage())
    assert rest == b"" and int(found["messageID"]) == 7 and str(found["protocolOp"]["searchRequest"]["baseObject"]) == "dc=example"
    assert str(found["controls"][0]["controlType"]) == "1.2.840.113556.1.4.319" and bool(found["controls"][0]["criticality"])
