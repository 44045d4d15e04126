# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The DER reader against the cryptography library, and against noise."""

from __future__ import annotations

import ipaddress
import json
import time
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes.certificate import MAX_BYTES, Certificate, read_certificate

x509 = pytest.importorskip("cryptography.x509", reason="the judge of the DER reader is the cryptography library")
hypothesis = pytest.importorskip("hypothesis", reason="the DER reader is tested with generated certificates")
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
OIDS = [NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.LOCALITY_NAME, NameOID.EMAIL_ADDRESS]


LEAF, CA = ((NameOID.COMMON_NAME, "mx1"),), ((NameOID.COMMON_NAME, "CA"),)


def make(names=(), subject=LEAF, issuer=CA, start=NOW, end=NOW + timedelta(90)):
    def name(pairs):
        return x509.Name([x509.NameAttribute(oid, text) for oid, text in pairs])

    builder = x509.CertificateBuilder(name(issuer), name(subject), KEY.public_key(), 7, start, end)
    builder = builder.add_extension(x509.BasicConstraints(False, None), True)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(names)), False)
    return builder.sign(KEY, None).public_bytes(serialization.Encoding.DER)


GOOD = make([x509.DNSName("mx1.acme.example"), x509.IPAddress(ipaddress.ip_address("2001:db8::1"))])
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=16)  # 64 bytes, the limit of a common name
attributes = st.lists(st.tuples(st.sampled_from(OIDS), texts), max_size=5)
labels = st.from_regex(r"[a-z0-9*]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{2,8}){0,3}", fullmatch=True)
general_names = st.lists(
    st.builds(x509.DNSName, labels)
    | st.builds(x509.IPAddress, st.ip_addresses())
    | st.builds(x509.RFC822Name, st.just("postmaster@acme.example")),
    max_size=8,
)
moments = st.datetimes(datetime(1950, 1, 1), datetime(9999, 12, 31)).map(lambda moment: moment.replace(microsecond=0))


@settings(max_examples=100, deadline=None)
@given(general_names, attributes, attributes, st.lists(moments, min_size=2, max_size=2).map(sorted))
def test_agrees_with_cryptography(names, subject, issuer, validity):
    der = make(names, subject, issuer, *validity)
    expected, found = x509.load_der_x509_certificate(der), read_certificate(der)
    assert list(found.subject) == [(one.oid.dotted_string, one.value) for one in expected.subject]
    assert list(found.issuer) == [(one.oid.dotted_string, one.value) for one in expected.issuer]
    assert found.names == tuple(str(one.value) for one in names if not isinstance(one, x509.RFC822Name))
    assert found.not_before.replace(tzinfo=None) == validity[0]
    assert found.not_after.replace(tzinfo=None) == validity[1]
    assert found.self_signed == (subject == issuer)


def assert_certificate_or_value_error(data):
    try:
        assert isinstance(read_certificate(data), Certificate)
    except ValueError:
        pass


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_certificate_or_value_error(data):
    assert_certificate_or_value_error(data)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.binary(max_size=4)), min_size=1, max_size=4), st.integers(0, 3))
def test_any_damage_gives_a_certificate_or_value_error(changes, removed):
    data = GOOD
    for position, replacement in changes:
        data = data[:position] + replacement + data[position + max(removed, len(replacement)) :]
    assert_certificate_or_value_error(data)


def test_every_truncation_is_refused():
    for length in range(len(GOOD)):
        with pytest.raises(ValueError, match="certificate"):
            read_certificate(GOOD[:length])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x30\x80\x00\x00", id="indefinite"),
        pytest.param(b"\x30\x81\x05abcde", id="not-minimal"),
        pytest.param(b"\x30\x84\x00\x00\x00\x01a", id="four-byte-length"),
        pytest.param(b"\x1f\x81\x01", id="long-tag"),
        pytest.param(GOOD + b"\x00", id="trailing"),
        pytest.param(b"\x30" * (MAX_BYTES + 1), id="too-large"),
    ],
)
def test_refuses(data):
    with pytest.raises(ValueError, match="the certificate"):
        read_certificate(data)


def test_ten_thousand_names_take_little_time_and_a_small_report():
    der = make([x509.DNSName(f"n{index}.example") for index in range(10_000)])
    start = time.process_time()
    certificate = read_certificate(der)
    assert certificate.matches("n9999.example")
    assert not certificate.matches("other.example")
    assert time.process_time() - start < 1
    shown = certificate.as_dict(NOW)
    assert shown["names_total"] == 10_000
    assert len(json.dumps(shown)) < 4000


def test_report_is_free_of_control_characters():
    shown = read_certificate(make(subject=[(NameOID.COMMON_NAME, "a\x1b[31m\nb")])).as_dict(NOW)
    assert shown["subject"] == "CN=a\ufffd[31m\ufffdb"


def test_days_left():
    certificate = read_certificate(GOOD)
    assert certificate.days_left(NOW) == 90
    assert certificate.days_left(NOW + timedelta(90, hours=1)) == -1


@pytest.mark.parametrize(
    ("name", "host", "matches"),
    [
        ("mx1.acme.example", "mx1.acme.example", True),
        ("MX1.Acme.Example", "mx1.acme.example.", True),
        ("*.acme.example", "mx1.acme.example", True),
        ("*.acme.example", "acme.example", False),
        ("*.acme.example", "a.mx1.acme.example", False),
        ("*", "localhost", False),
        ("m*.acme.example", "mx1.acme.example", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("*.0.0.1", "10.0.0.1", False),
        ("2001:db8::1", "2001:0db8:0::1", True),
        ("", "localhost", False),
    ],
)
def test_matches(name, host, matches):
    certificate = Certificate((), (), (name,), NOW, NOW, False)
    assert certificate.matches(host) is matches
