# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The kinds of checks that connectivity_check knows: which options each takes, and which probe it becomes.

An option of a check has no default in the argument spec: what is not given is left to the probe, and what is given but does
not belong to the kind is an error instead of being ignored.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._engine.values import port
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns import DnsCheck
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns_parts import PARTS
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ews import EwsCheck
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap import LdapCheck
from ansible_collections.mimecast.connect.plugins.module_utils._probes.pop import PopCheck
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import SmtpCheck
from ansible_collections.mimecast.connect.plugins.module_utils._probes.tcp import TcpCheck

# type of check -> the option that names an object of the document, the list it stands in, and what such an object needs
FROM_DOCUMENT = {
    "smtp": ("route", "delivery_routes", " that has a hostname"),
    "ldap": ("connector", "directory_connectors", ""),
    "ews": ("connection", "server_connections", " of type exchange_web_services"),
}


@dataclass(frozen=True)
class Kind:
    """check: the probe's dataclass, whose fields are options; needs: options without which it cannot start, `a or b` for either.

    library: what Python needs, if library_for is empty or an option that is given.
    """

    check: type
    needs: tuple[str, ...] = ("host",)
    defaults: dict[str, Any] = field(default_factory=dict)
    library: str = ""
    library_for: str = ""

    @property
    def options(self) -> set[str]:
        return {one.name for one in fields(self.check)}


KINDS = {
    "smtp": Kind(SmtpCheck, ("host or domain",), library="dnspython", library_for="domain"),
    "tcp": Kind(TcpCheck, ("host", "port")),
    "ews": Kind(EwsCheck, ("url",)),
    "pop": Kind(PopCheck),
    "ldap": Kind(LdapCheck, library="ldap3"),
    "dns": Kind(DnsCheck, ("domain",), library="dnspython"),
}
IMPORTED_AS = {"dnspython": "dns"}  # libraries whose packages have another name

_TEXTS = ("name", "route", "connector", "connection", "host", "address", "recipient", "sender", "helo", "url", "username", "mailbox", "base_dn")
_MAIL_TEXTS = ("refused_recipient", "relay_recipient")
_DNS_TEXTS = ("domain", "region", "spf_include", "dkim_selector", "dkim_record", "resolver")
_NAMING = ("name", "type", *(option for option, _list, _need in FROM_DOCUMENT.values()))
_NUMBERS = ("port", "timeout", "warn_days", "connections")
_FLAGS = ("implicit_tls", "impersonate", "dmarc", "authoritative")

CHECK_SPEC: dict[str, Any] = {
    "type": {"type": "str", "choices": list(KINDS), "default": "smtp"},
    **{option: {"type": "str"} for option in (*_TEXTS, *_MAIL_TEXTS, *_DNS_TEXTS)},
    **{option: {"type": "int"} for option in _NUMBERS},
    **{option: {"type": "bool"} for option in _FLAGS},
    "tls": {"type": "str", "choices": ["strict", "relaxed", "none"]},
    "ca_path": {"type": "path"},
    "password": {"type": "str", "no_log": True},
    "expect": {"type": "str", "choices": ["open", "closed"]},
    "internal_domains": {"type": "list", "elements": "str"},
    "mx_hosts": {"type": "list", "elements": "str"},
    "old_mx": {"type": "list", "elements": "str"},
    "verification_token": {"type": "str", "no_log": False},  # the DNS shows it to everybody
    "records": {"type": "list", "elements": "str", "choices": list(PARTS)},
    "nameservers": {"type": "dict"},
}


def label_of(check: dict[str, Any], position: int) -> str:
    """The name of a check in results and errors."""
    url = (check.get("url") or "").rpartition("@")[2]  # some put a password before the @
    named = (check[option] for option in ("name", "route", "connector", "connection", "host", "domain") if check.get(option))
    return next(named, url or "number {0}".format(position))


def probe_of(label: str, check: dict[str, Any], known: dict[str, Any]) -> Any:
    """The probe's check from what was given; ``known`` holds what the document says of its object, which what is given outweighs."""
    kind = KINDS[check["type"]]
    given = {option: value for option, value in check.items() if value is not None and option not in _NAMING}
    for option in given:
        if option not in kind.options:
            raise InputError("Check {0!r}: {1} does not go with type {2}; that takes {3}".format(
                label, option, check["type"], ", ".join(sorted(kind.options))))
    settings = {**kind.defaults, **known, **given}
    missing = [needed for needed in kind.needs if not any(settings.get(option) for option in needed.split(" or "))]
    if missing:
        source = FROM_DOCUMENT.get(check["type"])
        raise InputError("Check {0!r}: give {1}{2}".format(label, " and ".join(missing), ", or a {0} of {1}{2}".format(*source) if source else ""))
    if "port" in given:
        try:
            settings["port"] = port(given["port"])
        except ValueError as error:
            raise InputError("Check {0!r}: port is {1!r}: {2}".format(label, given["port"], error)) from None
    return kind.check(**settings)
