# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The connections that prove the way of copies, as options of connectivity_check."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._journaling.service import POP3, SMTP, Service, flag


def tls_of(wanted: dict[str, Any], service: Service) -> str:
    """How strictly mail servers encrypt to the journal hosts: as all checks say, else as the service declares it."""
    said = [one["tls"] for one in wanted["checks"] if one.get("tls") and not one.get("host")]
    declared = "strict" if flag(service.transports.get(SMTP, {}).get("tls")) else "none"
    return str(said[-1]) if said else declared


def connections(wanted: dict[str, Any], service: Service, hosts: list[str], tls: str, problems: list[str]) -> list[dict[str, Any]]:
    """The checks of one place, complete; what is wrong with what was given becomes a problem."""
    if wanted["method"] == POP3:
        made = _mailbox(service, problems)
    else:
        made = [{"type": "smtp", "host": host, "port": wanted["port"], "tls": tls} for host in hosts]
    known = [one["host"] for one in made]
    for given in wanted["checks"]:
        if given.get("host") and given["host"] not in known and known:
            problems.append("journaling_checks names {0}, which is none of the servers that are tried: {1}".format(given["host"], ", ".join(known)))
    return [{**one, **_given(wanted["checks"], one["host"]), "type": one["type"]} for one in made]


def _given(checks: list[dict[str, Any]], host: str) -> dict[str, Any]:
    """What was given for this host; what is for all comes first, so that the host's own outweighs it."""
    own = [one for one in checks if one.get("host") == host]
    return {option: value for one in [*(one for one in checks if not one.get("host")), *own] for option, value in one.items() if value is not None}


def _mailbox(service: Service, problems: list[str]) -> list[dict[str, Any]]:
    options = service.transports.get(POP3)
    if options is None:
        return []  # another problem says so
    encrypted = flag(options.get("pop3s"))
    missing = [option for option in ("host", "mailbox", "password") if not options.get(option)]
    if missing:
        problems.append("journaling service {0!r} needs {1} in its pop3, since the mailbox is proved before the service is made".format(
            service.name, " and ".join(missing)))
    if encrypted is None:
        problems.append("journaling service {0!r} has to say pop3s: what the service does without is not published".format(service.name))
    if missing or encrypted is None:
        return []
    made = {"type": "pop", "host": options["host"], "username": options["mailbox"], "password": options["password"], "implicit_tls": encrypted}
    if options.get("port"):
        made["port"] = options["port"]
    return [{**made, "tls": ("relaxed" if flag(options.get("relaxed")) else "strict") if encrypted else "none"}]
