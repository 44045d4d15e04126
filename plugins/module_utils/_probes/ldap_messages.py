# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""LDAP messages as bytes (RFC 4511). ldap3 writes them; they are read here, without trust, within fixed time and memory.

The decoder of ldap3 takes minutes for one long number, and its connection reads answers of any length. Import this only
where a directory is asked: ldap3 may be missing, and takes a fifth of a second.
"""

from __future__ import annotations

from typing import Any, Iterator, List, NamedTuple, Tuple

try:
    from ldap3.core.results import RESULT_CODES
    from ldap3.operation.bind import bind_operation
    from ldap3.operation.extended import extended_operation
    from ldap3.operation.search import search_operation
    from ldap3.protocol.convert import build_controls_list
    from ldap3.protocol.rfc2696 import paged_search_control
    from ldap3.protocol.rfc4511 import LDAPMessage, MessageID, ProtocolOp
    from ldap3.utils.asn1 import encode
except ImportError:
    HAS_LDAP3 = False
    RESULT_CODES = {}
else:
    HAS_LDAP3 = True

# Tags of RFC 4511: what a message is, and what stands in it.
BIND_ANSWER, ENTRY, DONE, REFERENCE, EXTENDED_ANSWER, INTERMEDIATE = 0x61, 0x64, 0x65, 0x73, 0x78, 0x79
INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET, CONTROLS = 0x02, 0x04, 0x0A, 0x30, 0x31, 0xA0
PAGED_RESULTS = b"1.2.840.113556.1.4.319"
STARTTLS = "1.3.6.1.4.1.1466.20037"
UNBIND = bytes([0x30, 0x05, 0x02, 0x01, 0x7F, 0x42, 0x00])

Part = Tuple[int, int, int]  # tag, and where in the message the value begins and ends
Attribute = Tuple[bytes, Iterator[bytes]]


class Result(NamedTuple):
    """How an operation ended: the code with its name in RFC 4511, and the server's own text."""

    code: int
    name: str
    text: str


class Answer(NamedTuple):
    """One message of a server. What is not as it should be is a ValueError, here and in the properties."""

    number: int
    operation: int
    message: bytes
    body: Part
    controls: Part

    @property
    def result(self) -> Result:
        code, _matched, text = _first(self.message, self.body, (ENUMERATED, OCTETS, OCTETS))
        number = _number(self.message, code)
        return Result(number, str(RESULT_CODES.get(number, "unknown")), self.message[text[1] : text[2]].decode("utf-8", "replace"))

    @property
    def attributes(self) -> Iterator[Attribute]:
        """Names and values of an entry, one after the other, so that an entry of many parts takes no more memory."""
        message = self.message
        _name, rows = _first(message, self.body, (OCTETS, SEQUENCE))
        for row in _parts(message, rows):
            name, values = _first(message, row, (OCTETS, SET))
            yield message[name[1] : name[2]], (message[start:stop] for _tag, start, stop in _parts(message, values))

    @property
    def cookie(self) -> bytes:
        """What asks for the next page; empty at the end, and from a server that knows no pages."""
        for control in _parts(self.message, self.controls):
            parts = [part for _most, part in zip(range(3), _parts(self.message, control))]
            start, stop = parts[0][1:]
            if self.message[start:stop] == PAGED_RESULTS:
                value = _first(self.message, parts[-1], (SEQUENCE,))[0]
                _size, cookie = _first(self.message, value, (INTEGER, OCTETS))
                return self.message[cookie[1] : cookie[2]]
        return b""


def read(message: bytes) -> Answer:
    """A whole message; ValueError on garbage."""
    everything = _first(message, (0, 0, len(message)), (SEQUENCE,))[0]
    parts = iter(_parts(message, everything))
    number, body = next(parts, None), next(parts, None)
    if not number or not body or number[0] != INTEGER:
        raise ValueError("no message")
    controls = next(parts, (CONTROLS, 0, 0))
    return Answer(_number(message, number), body[0], message, body, controls if controls[0] == CONTROLS else (CONTROLS, 0, 0))


def _parts(message: bytes, within: Part) -> Iterator[Part]:
    _tag, at, end = within
    while at < end:
        if at + 2 > end:
            raise ValueError("a part is cut off")
        tag, size = message[at], message[at + 1]
        at += 2
        if size & 0x80:
            width = size & 0x7F
            if not 0 < width <= 4:
                raise ValueError("a length is out of all proportion")
            size = int.from_bytes(message[at : at + width], "big")
            at += width
        if at + size > end:
            raise ValueError("a part is longer than what it is in")
        yield tag, at, at + size
        at += size


def _first(message: bytes, within: Part, tags: Tuple[int, ...]) -> List[Part]:
    """The first parts, which must have these tags."""
    found = [part for _tag, part in zip(tags, _parts(message, within))]
    if tuple(part[0] for part in found) != tags:
        raise ValueError("a part is of another kind than it should be")
    return found


def _number(message: bytes, part: Part) -> int:
    _tag, start, stop = part
    if not 0 < stop - start <= 4:
        raise ValueError("a number is too long")
    return int.from_bytes(message[start:stop], "big", signed=True)


def bind(number: int, user: str, password: str) -> bytes:
    return _message(number, "bindRequest", bind_operation(3, "SIMPLE", user, password, auto_encode=True))


def search(number: int, base: str, scope: str, wanted: str, attributes: List[str], paged: Tuple[int, bytes] = (0, b"")) -> bytes:
    """scope is BASE or SUBTREE; paged the size of a page, 0 for none, and the cookie of the page before."""
    request = search_operation(base, wanted, scope, "NEVER", attributes, 0, 0, False, False, True)
    size, cookie = paged
    controls = [paged_search_control(True, size, cookie)] if size else None
    return _message(number, "searchRequest", request, controls)


def starttls(number: int) -> bytes:
    return _message(number, "extendedReq", extended_operation(STARTTLS))


def _message(number: int, name: str, request: Any, controls: Any = None) -> bytes:
    message = LDAPMessage()
    message["messageID"] = MessageID(number)
    message["protocolOp"] = ProtocolOp().setComponentByName(name, request)
    if controls:
        message["controls"] = build_controls_list(controls)
    return bytes(encode(message))
