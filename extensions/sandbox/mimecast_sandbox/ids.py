# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opaque ids and page tokens.

An id is 252 characters of base64 that always hold / + and = (API notes, section 2). Inside: an HMAC, and a masked
header (epoch, kind, row). The same row looks different in every epoch; ids of older epochs stay valid.
"""
from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from functools import lru_cache

_HEADER = struct.Struct(">IBQ")
_TAG = 16
_AWKWARD = b"\xfb\xef\xff"  # "++//" in base64 when it stands on a multiple of three
_AWKWARD_AT = 48
_SIZE = 187  # leaves one byte over, so that base64 ends in "=="
PAGE = 0  # kind of a page token


class IdCodec:
    """Encodes (kind, row) to text and back, for one database."""

    def __init__(self, secret: bytes, epoch: int = 0):
        self._secret = secret
        self.epoch = epoch
        self._encode = lru_cache(maxsize=50_000)(self._make)
        self.decode = lru_cache(maxsize=50_000)(self._parse)

    def encode(self, kind: int, row: int) -> str:
        return self._encode(self.epoch, kind, row)

    def _parse(self, text: str) -> tuple[int, int] | None:
        """`decode`: (kind, row), or None when the text is malformed, cut or forged."""
        try:
            raw = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(raw) != _SIZE:
            return None
        tag, masked = raw[:_TAG], raw[_TAG:_TAG + _HEADER.size]
        header = _xor(masked, self._mask(tag))
        epoch, kind, row = _HEADER.unpack(header)
        if not hmac.compare_digest(self._make(epoch, kind, row), text):
            return None
        return kind, row

    def _make(self, epoch: int, kind: int, row: int) -> str:
        header = _HEADER.pack(epoch, kind, row)
        tag = hmac.digest(self._secret, header, "sha256")[:_TAG]
        start = tag + _xor(header, self._mask(tag))
        filler = hashlib.shake_256(self._secret + start).digest(_SIZE)
        raw = start + filler[:_AWKWARD_AT - len(start)] + _AWKWARD
        raw += filler[:_SIZE - len(raw)]
        return base64.b64encode(raw).decode("ascii")

    def _mask(self, tag: bytes) -> bytes:
        return hashlib.shake_256(self._secret + tag).digest(_HEADER.size)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
