# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A Postfix as it is, by postconf and postmap, which change nothing."""

from __future__ import annotations

import json
import os
import re
import stat
from typing import Any, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._postfix.model import (
    CA_FILE, FALLBACK, FILES, MODES, SASL_OPTIONS, TRANSPORT, Found, Override, PostfixError, table)
from ansible_collections.mimecast.connect.plugins.module_utils._postfix.run import Programs, read_file

# Holds what was there before a run, while it lasts. One that is there tells that a run did not come to its end.
UNFINISHED = "mimecast_routing_unfinished"
VALUES = (
    FALLBACK, CA_FILE, SASL_OPTIONS, TRANSPORT, "smtp_tls_CApath", "tls_append_default_CA", "default_transport", "sender_dependent_relayhost_maps",
    "sender_dependent_default_transport_maps", "receive_override_options")
_LINE = re.compile(r"^(\S+) =(?: (.*))?$", re.M)
# Where distributions keep the roots that they trust: Debian and SUSE's link, Fedora and Red Hat, SUSE, Alpine and the BSDs.
ROOTS = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem")


def read(folder: str, programs: Programs) -> Found:
    """All that plans are made of; raises PostfixError."""
    release = _parameters(programs.output("postconf", "-d", "mail_version")).get("mail_version", "")
    given = _parameters(programs.output("postconf", "-n"))
    values = _parameters(programs.output("postconf", "-x", *VALUES))
    services = _services(programs.output("postconf", "-M"))
    wildcards, unasked = _wildcards(folder, values.get(TRANSPORT, ""), programs)
    return Found(
        folder, release, given, values, {name: read_file(os.path.join(folder, name)) for name in FILES}, _loose(folder),
        {name: program for (name, kind), program in services.items() if kind == "unix"},
        tuple(_overrides(programs.output("postconf", "-P"), services)), wildcards, unasked,
        next((path for path in ROOTS if os.path.isfile(path)), ""), "cyrus" in programs.output("postconf", "-A").split(), _unfinished(folder))


def _parameters(printed: str) -> dict[str, str]:
    return {name: value or "" for name, value in _LINE.findall(printed)}


def _services(printed: str) -> dict[tuple[str, str], str]:
    """Programs of master.cf, by name and kind of the service: master(5), seven columns before the program."""
    rows = [line.split(None, 8) for line in printed.splitlines()]
    return {(row[0], row[1]): row[7] for row in rows if len(row) > 7}


def _overrides(printed: str, services: dict[tuple[str, str], str]) -> list[Override]:
    found = []
    for path, value in _LINE.findall(printed):
        service, _slash, name = path.rpartition("/")
        name_of, _slash, kind = service.rpartition("/")
        found.append(Override(service, services.get((name_of, kind), ""), name, value or ""))
    return found


def _wildcards(folder: str, maps: str, programs: Programs) -> tuple[dict[str, str], tuple[str, ...]]:
    """Where foreign transport maps send any address, and those that did not answer."""
    found, unasked = {}, []
    own = {table(folder, name) for name in FILES}
    for one in split_maps(maps):
        if one in own:
            continue
        status, printed, errors = programs.call("postmap", "-q", "*", one)
        if printed.strip():
            found[one] = printed.strip()
        elif status and errors.strip():
            unasked.append(one)
    return found, tuple(unasked)


def split_maps(maps: str) -> list[str]:
    """The single maps of a list: separated by commas and blanks, except within braces."""
    found, depth, word = [], 0, ""
    for sign in maps + ",":
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth == 0 and sign in ", \t\r\n":
            found += [word] if word else []
            word = ""
        else:
            word += sign
    return found


def _loose(folder: str) -> tuple[str, ...]:
    """Own files that more people may read, or write, than shall."""
    found = []
    for name in FILES:
        try:
            known = os.stat(os.path.join(folder, name))
        except FileNotFoundError:
            continue
        if known.st_uid != os.geteuid() or stat.S_IMODE(known.st_mode) & ~MODES[name]:
            found.append(name)
    return tuple(found)


def _unfinished(folder: str) -> Optional[dict[str, Any]]:
    text = read_file(os.path.join(folder, UNFINISHED))
    if text is None:
        return None
    try:
        return dict(json.loads(text))
    except (TypeError, ValueError):
        raise PostfixError("{0} is not as this module writes it; remove it".format(os.path.join(folder, UNFINISHED))) from None
