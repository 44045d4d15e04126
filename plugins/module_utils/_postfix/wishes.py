# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Options into what is declared. Everything that is wrong is said at once, before anything is read."""

from __future__ import annotations

import os
import re
from typing import Any, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._postfix.model import (
    FILES, NONE, TOUCHED, Journal, PostfixError, SmartHosts, Wish)

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(r"{0}(\.{0})*\.?".format(_LABEL), re.I | re.A)
_LOCAL = re.compile(r"[a-z0-9_%=+-]+(\.[a-z0-9_%=+-]+)*", re.I | re.A)  # nothing that means something in main.cf or in a table


def wished(params: dict[str, Any]) -> Wish:
    """What is declared; raises PostfixError."""
    wrong: list[str] = []
    given, journal = params["smart_hosts"], params["journal"]
    tls, username, password = params["tls"], params["username"] or "", params["password"] or ""
    relay = None
    if given is not None:
        relay = SmartHosts(_hosts("smart_hosts", given, wrong), _port("port", params["port"], wrong), tls, username, password)
        _login(username, password, wrong)
        if username and tls == NONE:
            wrong.append("tls is none, but a password needs an encrypted connection: tls must be relaxed or strict")
    elif username or password:
        wrong.append("username and password are those of smart_hosts, which is missing")
    copies = _journal(journal, tls, wrong) if journal is not None else None
    ca_file = params["tls_ca_file"] or ""
    if ca_file:
        _roots(ca_file, wrong)
    _refuse(wrong)
    return Wish(relay, copies, ca_file)


def folder(params: dict[str, Any]) -> str:
    """The configuration folder; raises PostfixError."""
    path = os.path.normpath(params["config_directory"])
    if not os.path.isabs(path) or not re.fullmatch(r"[\w./+-]+", path):
        raise PostfixError("config_directory {0!r} must be an absolute path of letters, digits and ._+-/".format(path))
    if not os.path.isfile(os.path.join(path, "main.cf")):
        raise PostfixError("There is no main.cf in {0}: config_directory must be the folder of a Postfix's configuration".format(path))
    return path


def taken_back(before: Any) -> dict[str, dict[str, Optional[str]]]:
    """What ``restore`` holds, if it has the form of an earlier result; raises PostfixError."""
    wrong: list[str] = []
    if not isinstance(before, dict) or set(before) != {"parameters", "files"}:
        wrong.append("it has parameters and files, and nothing else")
    for part, names in (("parameters", TOUCHED), ("files", FILES)):
        values = before.get(part) if isinstance(before, dict) else None
        if not isinstance(values, dict):
            continue
        wrong += ["{0} is none of its {1}".format(name, part) for name in values if name not in names]
        wrong += ["{0} is neither text nor null".format(name) for name, value in values.items() if not (value is None or isinstance(value, str))]
        if part == "parameters":
            wrong += ["{0} has more than one line".format(name) for name, value in values.items() if isinstance(value, str) and "\n" in value]
    if isinstance(before, dict) and not all(isinstance(part, dict) for part in before.values()):
        wrong.append("parameters and files are dictionaries")
    _refuse(["restore must be before of an earlier result: {0}".format(one) for one in wrong])
    return before


def login_of(params: dict[str, Any]) -> tuple[str, str]:
    """Name and password that are given along with ``restore``; raises PostfixError."""
    wrong: list[str] = []
    username, password = params["username"] or "", params["password"] or ""
    _login(username, password, wrong)
    _refuse(wrong)
    return username, password


def _refuse(wrong: list[str]) -> None:
    if wrong:
        raise PostfixError(". ".join(wrong))


def _hosts(option: str, given: list[str], wrong: list[str]) -> tuple[str, ...]:
    hosts = tuple(_plain(said) for said in given)
    if not hosts:
        wrong.append("{0} is empty, but mail needs a host to go to".format(option))
    for said in given:
        host = _plain(said)
        if not _HOST.fullmatch(said.strip()) or len(host) > 253 or host.rpartition(".")[2].isdigit():
            wrong.append("{0}: {1!r} is no host name; it must be one such as eu-smtp-outbound-1.mimecast.com, without brackets and port".format(option, said))
        elif hosts.count(host) > 1:
            wrong.append("{0}: {1} is named more than once".format(option, host))
    return tuple(dict.fromkeys(hosts))


def _plain(host: str) -> str:
    return host.strip().rstrip(".").lower()


def _port(option: str, port: int, wrong: list[str]) -> int:
    if not 1 <= port <= 65535:
        wrong.append("{0} is {1}, but must be from 1 to 65535".format(option, port))
    return port


def _login(username: str, password: str, wrong: list[str]) -> None:
    if bool(username) != bool(password):
        wrong.append("username and password belong together, and one of them is missing")
    # A table has a line for each host, "host user:password".
    if ":" in username or not _one_line(username):
        wrong.append("username must be one line without a colon, and without blanks around it")
    if not _one_line(password):
        wrong.append("password must be one line without blanks around it")


def _one_line(text: str) -> bool:
    return text == text.strip() and text.isprintable()


def _journal(given: dict[str, Any], tls: str, wrong: list[str]) -> Journal:
    address = given["address"].strip()
    local, _at, domain = address.rpartition("@")
    if not _LOCAL.fullmatch(local) or not _HOST.fullmatch(domain) or "." not in domain:
        wrong.append("journal: address {0!r} must be a plain mail address such as journaling@journal.example.com".format(given["address"]))
    named = (given["domain"] or domain).strip().rstrip(".").lower()
    if named != domain.lower():
        wrong.append("journal: address {0} is not in domain {1}".format(address, named))
    return Journal(address, named, _hosts("journal: hosts", given["hosts"], wrong), _port("journal: port", given["port"], wrong), tls)


def _roots(path: str, wrong: list[str]) -> None:
    if not os.path.isabs(path) or not re.fullmatch(r"[\w./+@-]+", path):
        wrong.append("tls_ca_file {0!r} must be an absolute path of letters, digits and ._+@-/".format(path))
        return
    try:
        with open(path, "rb") as file:
            if b"-----BEGIN CERTIFICATE-----" not in file.read():
                wrong.append("tls_ca_file {0} holds no certificate in PEM".format(path))
    except OSError as error:
        wrong.append("tls_ca_file {0} cannot be read on this machine: {1}".format(path, error.strerror))
