# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the parts of an X.509 certificate that a report shows, from its DER bytes.

The standard library tells nothing about the certificate of a peer that it has not verified except these bytes, and the
private `ssl._ssl._test_decode_cert` wants a file and may vanish. So this is a reader of our own, made for hostile input: no
recursion, definite and minimal lengths only, every step moves forward, and anything odd is a ValueError (RFC 5280, X.690).
It verifies nothing. Trust is decided by OpenSSL alone.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Dict, Iterator, List, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable

MAX_BYTES = 256 * 1024
SHOWN_NAMES = 50
SHOWN_CHARACTERS = 300

INTEGER, BIT_STRING, OCTET_STRING, OID, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x06, 0x30, 0x31
UTC_TIME, GENERALIZED_TIME, BOOLEAN = 0x17, 0x18, 0x01
VERSION, ISSUER_ID, SUBJECT_ID, EXTENSIONS = 0xA0, 0x81, 0x82, 0xA3
DNS_NAME, IP_ADDRESS = 0x82, 0x87
# The ASCII kinds are read as UTF-8, since issuers write that into them.
STRINGS = {
    **dict.fromkeys((0x0C, 0x12, 0x13, 0x16, 0x1A), "utf-8"),
    0x14: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
SUBJECT_ALT_NAME = "2.5.29.17"
SHORT_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}

Attributes = Tuple[Tuple[str, str], ...]


@dataclass(frozen=True)
class Certificate:
    """subject and issuer are (dotted OID, text) pairs in the certificate's order; names are DNS names and addresses."""

    subject: Attributes
    issuer: Attributes
    names: Tuple[str, ...]
    not_before: datetime
    not_after: datetime
    self_signed: bool

    def days_left(self, now: datetime) -> int:
        """Whole days until it expires; negative when it has expired."""
        return (self.not_after - now).days

    def as_dict(self, now: datetime) -> Dict[str, Any]:
        """The evidence: bounded, however large the certificate is."""
        return {
            "subject": _shown(self.subject),
            "issuer": _shown(self.issuer),
            "names": [printable(name, SHOWN_CHARACTERS) for name in self.names[:SHOWN_NAMES]],
            "names_total": len(self.names),
            "not_before": self.not_before.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "not_after": self.not_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "days_left": self.days_left(now),
            "self_signed": self.self_signed,
        }

    def matches(self, host: str) -> bool:
        """Whether the host (A-label or address) is among the names, a wildcard standing for one whole label (RFC 9525)."""
        wanted = _canonical(host)
        _first, dot, rest = wanted.partition(".")
        wildcard = "*." + rest if dot and not _is_address(wanted) else wanted
        return any(_canonical(name) in (wanted, wildcard) for name in self.names)


class _Reader:
    """A cursor over the elements of one constructed value: data[position:end]."""

    def __init__(self, data: bytes, position: int, end: int) -> None:
        self.data, self.position, self.end = data, position, end

    def more(self) -> bool:
        return self.position < self.end

    def peek(self) -> int:
        return self.data[self.position] if self.more() else -1

    def element(self) -> Tuple[int, int, int]:
        """The next element as (tag, start, end of its content); the cursor moves behind it."""
        if self.position + 2 > self.end:
            raise ValueError("the certificate ends within an element")
        tag, length = self.data[self.position], self.data[self.position + 1]
        start = self.position + 2
        if tag & 0x1F == 0x1F:
            raise ValueError("the certificate has a tag of more than one byte")
        if length >= 0x80:
            count = length & 0x7F
            if not 1 <= count <= 3 or start + count > self.end:
                raise ValueError("the certificate has a length that is indefinite or too large")
            length = int.from_bytes(self.data[start : start + count], "big")
            start += count
            if length < 0x80 or length >> (8 * (count - 1)) == 0:
                raise ValueError("the certificate has a length that is not minimal")
        if start + length > self.end:
            raise ValueError("the certificate has an element that is longer than its container")
        self.position = start + length
        return tag, start, self.position

    def expect(self, *tags: int) -> Tuple[int, int, int]:
        found = self.element()
        if found[0] not in tags:
            raise ValueError(f"the certificate has tag {found[0]:#04x} where {tags[0]:#04x} is due")
        return found

    def enter(self, tag: int) -> _Reader:
        _tag, start, end = self.expect(tag)
        return _Reader(self.data, start, end)

    def content(self, *tags: int) -> bytes:
        _tag, start, end = self.expect(*tags)
        return self.data[start:end]

    def done(self) -> None:
        if self.more():
            raise ValueError("the certificate has data after an element's end")


def read_certificate(der: bytes) -> Certificate:
    """The certificate in these DER bytes; ValueError for anything that is none. Time grows linearly, up to MAX_BYTES."""
    if len(der) > MAX_BYTES:
        raise ValueError(f"the certificate has {len(der)} bytes, more than {MAX_BYTES}")
    outside = _Reader(der, 0, len(der))
    outer = outside.enter(SEQUENCE)
    outside.done()
    body = outer.enter(SEQUENCE)
    outer.expect(SEQUENCE)
    outer.expect(BIT_STRING)
    outer.done()

    if body.peek() == VERSION:
        body.expect(VERSION)
    body.expect(INTEGER)
    body.expect(SEQUENCE)
    _tag, issuer_start, issuer_end = body.expect(SEQUENCE)
    validity = body.enter(SEQUENCE)
    not_before, not_after = _time(validity), _time(validity)
    validity.done()
    _tag, subject_start, subject_end = body.expect(SEQUENCE)
    body.expect(SEQUENCE)
    for unique_id in (ISSUER_ID, SUBJECT_ID):
        if body.peek() == unique_id:
            body.expect(unique_id)
    names = _alternative_names(body.enter(EXTENSIONS)) if body.peek() == EXTENSIONS else ()
    body.done()
    return Certificate(
        subject=_name(_Reader(der, subject_start, subject_end)),
        issuer=_name(_Reader(der, issuer_start, issuer_end)),
        names=names,
        not_before=not_before,
        not_after=not_after,
        self_signed=der[issuer_start:issuer_end] == der[subject_start:subject_end],
    )


def _name(reader: _Reader) -> Attributes:
    return tuple(_attributes(reader))


def _attributes(reader: _Reader) -> Iterator[Tuple[str, str]]:
    while reader.more():
        group = reader.enter(SET)
        while group.more():
            pair = group.enter(SEQUENCE)
            oid = _oid(pair.content(OID))
            tag, start, end = pair.element()
            pair.done()
            yield oid, _text(tag, reader.data[start:end])


def _text(tag: int, raw: bytes) -> str:
    """The text, with a replacement character where it breaks its own encoding: a report is worth more than purity here."""
    encoding = STRINGS.get(tag)
    return raw.decode(encoding, "replace") if encoding else "#" + raw.hex()


def _oid(raw: bytes) -> str:
    if not raw or len(raw) > 64 or raw[-1] & 0x80:
        raise ValueError("the certificate has an object identifier that is empty, cut or too long")
    numbers: List[int] = []
    value = 0
    for index, byte in enumerate(raw):
        if byte == 0x80 and value == 0:
            raise ValueError(f"the certificate has an object identifier with padding at byte {index}")
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(str(number) for number in (first, numbers[0] - 40 * first, *numbers[1:]))


def _time(reader: _Reader) -> datetime:
    tag, start, end = reader.expect(UTC_TIME, GENERALIZED_TIME)
    raw = reader.data[start:end]
    digits = 12 if tag == UTC_TIME else 14
    if len(raw) != digits + 1 or raw[-1:] != b"Z" or not raw[:-1].isdigit():
        raise ValueError("the certificate has a time that is not in the form of RFC 5280")
    text = raw[:-1].decode("ascii")
    if tag == UTC_TIME:
        text = ("20" if text < "50" else "19") + text
    parts = [int(text[:4]), *(int(text[i : i + 2]) for i in range(4, 14, 2))]
    return datetime(*parts, tzinfo=timezone.utc)


def _alternative_names(wrapper: _Reader) -> Tuple[str, ...]:
    extensions = wrapper.enter(SEQUENCE)
    wrapper.done()
    names: Tuple[str, ...] = ()
    while extensions.more():
        extension = extensions.enter(SEQUENCE)
        oid = _oid(extension.content(OID))
        if extension.peek() == BOOLEAN:
            extension.expect(BOOLEAN)
        value = extension.content(OCTET_STRING)
        extension.done()
        if oid == SUBJECT_ALT_NAME:
            outside = _Reader(value, 0, len(value))
            names += tuple(_general_names(outside.enter(SEQUENCE)))
            outside.done()
    return names


def _general_names(reader: _Reader) -> Iterator[str]:
    while reader.more():
        tag, start, end = reader.element()
        raw = reader.data[start:end]
        if tag == DNS_NAME:
            yield _text(0x16, raw)
        elif tag == IP_ADDRESS:
            if len(raw) not in (4, 16):
                raise ValueError("the certificate has an address of neither 4 nor 16 bytes")
            yield str(ipaddress.ip_address(raw))


def _shown(attributes: Attributes) -> str:
    text = ", ".join(f"{SHORT_NAMES.get(oid, oid)}={value}" for oid, value in attributes[:SHOWN_NAMES])
    return printable(text, SHOWN_CHARACTERS)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _canonical(name: str) -> str:
    return str(ipaddress.ip_address(name)) if _is_address(name) else name.rstrip(".").lower()
