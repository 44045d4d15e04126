# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A server connection as people declare it: its options, and what is wrong with them, said before anything is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._handover import ACKNOWLEDGED_SPEC, Acknowledgement, acknowledgement
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import CONNECTION_PROVIDERS, SERVER_CONNECTIONS

HTTPS = 443

OFFICE_365, EWS = "office_365", "exchange_web_services"
CONSOLE_TYPES = {OFFICE_365: "Office 365", EWS: "Exchange Web Services URL"}
PASSWORD = "master_mailbox_password"
# type -> the fields of the console in their order: label there, option here
FIELDS = {
    OFFICE_365: (("Client Id", "application_id"), ("Tenant Domain", "tenant_domain"), ("Mailbox Check", "mailbox_check")),
    EWS: (("Exchange Web Services URL", "url"), ("Security Mode", "security_mode"), ("Master Mailbox Address", "master_mailbox"),
          ("Master Mailbox Password", PASSWORD), ("Mailbox Check", "mailbox_check")),
}
SECURITY_MODES = {"strict": "Strict", "relaxed": "Relaxed"}

CONNECTION_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "type": {"type": "str", "choices": list(CONNECTION_PROVIDERS)},
    "application_id": {"type": "str"},
    "tenant_domain": {"type": "str"},
    "url": {"type": "str"},
    "security_mode": {"type": "str", "choices": list(SECURITY_MODES), "default": "strict"},
    "master_mailbox": {"type": "str"},
    PASSWORD: {"type": "str", "no_log": True},
    "mailbox_check": {"type": "str"},
    "acknowledged": ACKNOWLEDGED_SPEC,
    "state": {"type": "str", "choices": ["present", "absent", "exists"], "default": "present"},
}
CONNECTION_RULES = {"required_if": [["state", "present", ["type"]]]}


@dataclass(frozen=True)
class Wish:
    """What is declared, cleaned. ``values`` are options for the console; the password is just named in ``given``."""

    name: str
    state: str
    type: str  # '' when not given
    values: dict[str, str] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    acknowledged: Acknowledgement | None = None
    account: str = ""

    def __str__(self) -> str:
        return SERVER_CONNECTIONS.describe(self.name)

    def takes(self, provider: str) -> bool:
        """Whether connections of that provider can be of the declared type, if any is."""
        return not self.type or provider in CONNECTION_PROVIDERS[self.type]


def ews_url(value: Any) -> str:
    """An address of Exchange Web Services; ValueError never quotes it, since it could hold a password."""
    found = values.text(value)
    try:
        parts = urlsplit(found)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("it is not a URL such as https://mail.example.com/EWS/Exchange.asmx") from None
    if "@" in parts.netloc:
        raise ValueError("it must not hold a user name or password; give them as master_mailbox and master_mailbox_password")
    if parts.scheme != "https" or not host or " " in found:
        raise ValueError("it must begin with https:// and a host name, such as https://mail.example.com/EWS/Exchange.asmx")
    if port not in (None, HTTPS):
        raise ValueError("the service connects to port 443 only, so leave the port out")
    values.host(host)
    return found


def _filled(value: Any) -> str:
    found = values.text(value)
    if not found:
        raise ValueError("it must not be empty")
    return found


CLEAN = {
    "application_id": _filled, "tenant_domain": values.domain, "mailbox_check": values.address, "url": ews_url,
    "security_mode": str, "master_mailbox": values.address,
}


def wish_of(item: dict[str, Any], account: str, problems: list[str], place: str = "") -> Wish | None:
    """The declared connection; everything wrong with it is added to ``problems``, and None without a name."""
    try:
        name = values.name(item["name"])
    except ValueError as error:
        problems.append("Server connection{0}: name: {1}".format(place, error))
        return None
    wrong: list[str] = []
    word = item["type"] or ""
    given = _given(item, word)
    found = {}
    for option in given:
        if word and option not in [expected for _label, expected in FIELDS[word]]:
            wrong.append("{0} does not go with type {1}".format(option, word))
        elif option != PASSWORD:
            try:
                found[option] = CLEAN[option](item[option])
            except ValueError as error:
                # An address can hold a password, so it is not quoted.
                shown = "" if option == "url" else " is {0!r}".format(item[option])
                wrong.append("{0}{1}: {2}".format(option, shown, error))
    acknowledged = None
    try:
        acknowledged = acknowledgement(item["acknowledged"])
    except ValueError as error:
        wrong.append("acknowledged: {0}".format(error))
    if wrong:
        problems.append("Server connection {0!r}: {1}".format(name, "; ".join(wrong)))
    return Wish(name, item["state"], word, found, frozenset(given), acknowledged, account)


def _given(item: dict[str, Any], word: str) -> list[str]:
    """The options that the user gave; the security mode has a default, which goes with one type only."""
    given = [option for option in (*CLEAN, PASSWORD) if item[option] is not None and option != "security_mode"]
    if PASSWORD in given and not item[PASSWORD]:
        given.remove(PASSWORD)
    return given + (["security_mode"] if word == EWS or item["security_mode"] != "strict" else [])


def warnings_of(wish: Wish) -> list[str]:
    """What the service advises against."""
    mailbox = wish.values.get("master_mailbox", "")
    if not mailbox.endswith(".local"):
        return []
    return ["The master mailbox {0} has a local user principal name. The service advises against that: let the account log on "
            "with the name of a mail domain".format(mailbox)]
