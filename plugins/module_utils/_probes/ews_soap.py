# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The one question that is put to Exchange Web Services, and its answer, which is read as a stranger's XML.

Names and codes are those of Microsoft's EWS reference (GetFolder, ServerVersionInfo, ResponseCode).
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Tuple
from xml.parsers import expat
from xml.sax.saxutils import escape

MAX_DEPTH = 40
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
BASE = "http://schemas.microsoft.com/exchange/services/2006/"
TYPES, MESSAGES, ERRORS = BASE + "types", BASE + "messages", BASE + "errors"
ENVELOPE, VERSION = f"{SOAP} Envelope", f"{TYPES} ServerVersionInfo"
# What is read of an answer; the first of each counts. A fault has its code in other places than a response.
TEXTS = {
    f"{MESSAGES} ResponseCode": "code",
    f"{MESSAGES} MessageText": "text",
    f"{ERRORS} ResponseCode": "code",
    f"{ERRORS} Message": "text",
    "faultstring": "text",
}
OLDEST = (14, 1)  # Exchange 2010 SP1
NAMES = {(8, 0): "2007", (8, 1): "2007 SP1", (8, 2): "2007 SP2", (8, 3): "2007 SP3", (14, 0): "2010", (14, 1): "2010 SP1",
         (14, 2): "2010 SP2", (14, 3): "2010 SP3", (15, 0): "2013", (15, 1): "2016", (15, 2): "2019 or Subscription Edition"}

ASK = """<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="{soap}" xmlns:t="{types}" xmlns:m="{messages}">
<s:Header><t:RequestServerVersion Version="Exchange2010_SP1"/>{impersonation}</s:Header>
<s:Body><m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>
<m:FolderIds><t:DistinguishedFolderId Id="inbox">{mailbox}</t:DistinguishedFolderId></m:FolderIds></m:GetFolder></s:Body>
</s:Envelope>"""
IMPERSONATION = ("<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>{0}</t:PrimarySmtpAddress></t:ConnectingSID>"
                 "</t:ExchangeImpersonation>")
MAILBOX = "<t:Mailbox><t:EmailAddress>{0}</t:EmailAddress></t:Mailbox>"


class Spoken(NamedTuple):
    """What a SOAP answer says. code is empty where it says none; version is (major, minor, build, revision) or None."""

    code: str
    text: str
    version: Optional[Tuple[int, int, int, int]]

    @property
    def release(self) -> str:
        """The name of the Exchange release; empty when it is not told or not known."""
        return NAMES.get(self.version[:2], "") if self.version else ""

    @property
    def too_old(self) -> bool:
        return self.version is not None and self.version[:2] < OLDEST


def question(mailbox: str, impersonate: bool) -> bytes:
    """GetFolder of the inbox: one's own, another's, or another's as its owner. Nothing is changed by it."""
    address = escape(mailbox)
    return ASK.format(
        soap=SOAP, types=TYPES, messages=MESSAGES,
        impersonation=IMPERSONATION.format(address) if impersonate else "",
        mailbox=MAILBOX.format(address) if mailbox and not impersonate else "",
    ).encode("utf-8")


def read_answer(body: bytes) -> Spoken:
    """The SOAP envelope in these bytes; ValueError for anything else, and for XML that a SOAP message must not hold.

    A DOCTYPE ends the reading before anything in it is looked at, so there are no entities to expand or to fetch.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(body, True)
    except expat.ExpatError as exc:
        raise ValueError(f"its XML is broken: {exc}") from exc
    return Spoken(reader.texts.get("code", "").strip(), " ".join(reader.texts.get("text", "").split()), reader.version)


class _Reader:
    def __init__(self) -> None:
        self.texts: Dict[str, str] = {}
        self.version: Optional[Tuple[int, int, int, int]] = None
        self._depth = 0
        self._into = ""

    def doctype(self, *_declaration: object) -> None:
        raise ValueError("its XML has a DOCTYPE, which SOAP forbids")

    def start(self, name: str, attributes: Dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1 and name != ENVELOPE:
            raise ValueError("it sends XML that is no SOAP envelope")
        if self._depth > MAX_DEPTH:
            raise ValueError(f"its XML is more than {MAX_DEPTH} levels deep")
        if name == VERSION and self.version is None:
            self.version = _version(attributes)
        self._into = TEXTS.get(name, "")
        if self._into in self.texts:
            self._into = ""
        elif self._into:
            self.texts[self._into] = ""

    def end(self, _name: str) -> None:
        self._depth -= 1
        self._into = ""

    def characters(self, text: str) -> None:
        if self._into:
            self.texts[self._into] += text


def _version(attributes: Dict[str, str]) -> Optional[Tuple[int, int, int, int]]:
    parts: List[int] = []
    for name in ("MajorVersion", "MinorVersion", "MajorBuildNumber", "MinorBuildNumber"):
        value = attributes.get(name, "0" if "Build" in name else "")
        if not (value.isascii() and value.isdigit() and len(value) <= 6):
            return None
        parts.append(int(value))
    return parts[0], parts[1], parts[2], parts[3]
