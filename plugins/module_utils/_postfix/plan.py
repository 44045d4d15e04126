# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""From what is declared, or was before, and what is there: what there will be. Pure functions."""

from __future__ import annotations

import re
from typing import Any, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._postfix import guards
from ansible_collections.mimecast.connect.plugins.module_utils._postfix.model import (
    ALWAYS_BCC, CA_FILE, FALLBACK, HEADER, HIDDEN, JOURNAL_TLS, JOURNAL_TRANSPORT, LEVELS, PASSWORD, RELAYHOST, SASL, SASL_MAPS, SASL_OPTIONS,
    SMART_HOSTS_TLS, STRICT, TLS_POLICY, TRANSPORT, Found, Journal, PostfixError, SmartHosts, Target, Wish, holds_passwords, shown, table)

PASSWORDS_SHOWN = "smtp_sasl_password_maps holds passwords itself: move them into a file, so that no result has to show them"
REPLACED = {
    RELAYHOST: "relayhost was {0}, which no mail goes through any more",
    ALWAYS_BCC: "always_bcc was {0}, which gets no copies any more",
    FALLBACK: "smtp_fallback_relay was {0}, by which mail would pass the smart hosts when they do not answer",
    CA_FILE: "smtp_tls_CAfile was {0}; it is also what all other servers are trusted by",
}


def declared(wish: Wish, found: Found) -> Target:
    """What there will be when the wish has come true; raises PostfixError where mail would not go that way."""
    parameters, files = found.parameters(), dict(found.files)
    if wish.ca_file or _lacks_roots(wish, found):
        parameters[CA_FILE] = wish.ca_file or found.roots
    if wish.smart_hosts:
        _relay(wish.smart_hosts, found, parameters, files)
    if wish.journal:
        _copies(wish.journal, found, parameters, files)
    refused, warnings = guards.judged(wish, found, parameters)
    refused = [*_missing(wish, found), *refused]
    if refused:
        raise PostfixError("Nothing was changed: {0}".format(". ".join(refused)))
    told = [text.format(found.given[name]) for name, text in REPLACED.items() if found.given.get(name) and parameters[name] != found.given[name]]
    return Target(parameters, files, (*told, *warnings))


def _lacks_roots(wish: Wish, found: Found) -> bool:
    """Whether a certificate must be trusted, and Postfix has been told of no roots."""
    strict = STRICT in {part.tls for part in (wish.smart_hosts, wish.journal) if part}
    own = any(found.values.get(name) for name in (CA_FILE, "smtp_tls_CApath")) or found.values.get("tls_append_default_CA") == "yes"
    return strict and not own


def _missing(wish: Wish, found: Found) -> list[str]:
    wrong = []
    if not wish.ca_file and not found.roots and _lacks_roots(wish, found):
        wrong.append("tls is strict, and this machine has no roots to trust where distributions keep them: name them in tls_ca_file")
    if wish.smart_hosts and wish.smart_hosts.username:
        if not found.sasl:
            wrong.append("username is given, but this Postfix cannot log in (postconf -A does not name cyrus): install its SASL package")
        if holds_passwords(found.given.get(SASL_MAPS)):
            wrong.append(PASSWORDS_SHOWN)
    return wrong


def _relay(relay: SmartHosts, found: Found, parameters: dict[str, Optional[str]], files: dict[str, Optional[str]]) -> None:
    hops = relay.hops()
    if found.takes_lists:
        parameters[RELAYHOST] = ", ".join(hops)
        # What is not delivered otherwise goes there, and so would mail for smart hosts that do not answer.
        if found.values.get(FALLBACK):
            parameters[FALLBACK] = ""
    else:
        parameters[RELAYHOST] = hops[0]
        if hops[1:] or found.values.get(FALLBACK):
            parameters[FALLBACK] = ", ".join(hops[1:])
    files[SMART_HOSTS_TLS] = _lines(hops, LEVELS[relay.tls])
    parameters[TLS_POLICY] = _first(found, TLS_POLICY, SMART_HOSTS_TLS)
    if relay.username:
        _log_in(relay, found, parameters, files)
    elif table(found.folder, PASSWORD) in (found.given.get(SASL_MAPS) or ""):
        _log_out(found, parameters, files)
    else:
        files[PASSWORD] = None


def _log_in(relay: SmartHosts, found: Found, parameters: dict[str, Optional[str]], files: dict[str, Optional[str]]) -> None:
    files[PASSWORD] = _lines(relay.hops(), "{0}:{1}".format(relay.username, relay.password))
    parameters[SASL], parameters[SASL_MAPS] = "yes", _first(found, SASL_MAPS, PASSWORD)
    # The service takes PLAIN and LOGIN, which this would forbid; without TLS they stay forbidden by smtp_sasl_security_options.
    if "noplaintext" in found.values.get(SASL_OPTIONS, ""):
        parameters[SASL_OPTIONS] = "noanonymous"


def _log_out(found: Found, parameters: dict[str, Optional[str]], files: dict[str, Optional[str]]) -> None:
    files[PASSWORD] = None
    rest = _without(found.given[SASL_MAPS], table(found.folder, PASSWORD))
    parameters[SASL_MAPS] = rest or None
    if not rest:
        parameters[SASL] = None  # Postfix sends nothing if it shall log in and has no passwords at all


def _copies(journal: Journal, found: Found, parameters: dict[str, Optional[str]], files: dict[str, Optional[str]]) -> None:
    hops = journal.hops() if found.takes_lists else journal.hops()[:1]
    parameters[ALWAYS_BCC] = journal.address
    files[JOURNAL_TLS] = _lines(hops, LEVELS[journal.tls])
    parameters[TLS_POLICY] = _first(found, TLS_POLICY, JOURNAL_TLS, now=parameters[TLS_POLICY])
    # All maps are searched for the whole address first, so it must be here as well to win over others.
    files[JOURNAL_TRANSPORT] = _lines((journal.address.lower(), journal.domain), "smtp:" + ", ".join(hops))
    parameters[TRANSPORT] = _first(found, TRANSPORT, JOURNAL_TRANSPORT)


def _lines(keys: tuple[str, ...], value: str) -> str:
    return HEADER + "".join("{0} {1}\n".format(key, value) for key in keys)


def _first(found: Found, parameter: str, name: str, now: Optional[str] = None) -> str:
    """A list of maps with one of the own ones before all that are not its own; as it is if it is there already."""
    maps = now if now is not None else found.given.get(parameter) or ""
    own = {table(found.folder, one) for one in (SMART_HOSTS_TLS, JOURNAL_TLS, JOURNAL_TRANSPORT, PASSWORD)}
    mine = table(found.folder, name)
    words = maps.replace(",", " ").split()
    ahead = words[:next((place for place, word in enumerate(words) if word not in own), len(words))]
    if mine in ahead:
        return maps
    rest = _without(maps, mine)
    return "{0}, {1}".format(mine, rest) if rest else mine


def _without(maps: str, one: str) -> str:
    return re.sub(r"(^|[\s,]+){0}(?=[\s,]|$)".format(re.escape(one)), "", maps).strip(" ,\t")


def restored(before: dict[str, Any], found: Found, login: tuple[str, str]) -> Target:
    """What there was before an earlier run; raises PostfixError if that needs a password that is neither there nor given."""
    if SASL_MAPS in before["parameters"] and any(map(holds_passwords, (before["parameters"][SASL_MAPS], found.given.get(SASL_MAPS)))):
        raise PostfixError("Nothing was changed: {0}".format(PASSWORDS_SHOWN))
    files = {**found.files, **before["files"]}
    wanted = files[PASSWORD]
    if wanted is not None and HIDDEN in wanted:
        files[PASSWORD] = _with_password(wanted, found.files[PASSWORD], login)
    return Target({**found.parameters(), **before["parameters"]}, files)


def _with_password(wanted: str, there: Optional[str], login: tuple[str, str]) -> str:
    username, password = login
    if there is not None and shown(PASSWORD, there) == wanted and not password:
        return there
    if password and wanted.count(" {0}:{1}\n".format(username, HIDDEN)) == wanted.count(HIDDEN):
        return wanted.replace(HIDDEN, password)
    raise PostfixError("Nothing was changed: there was another log-in before, whose password no result keeps: "
                       "give its username and password along with restore")


def differences(found: Found, target: Target) -> tuple[dict[str, Optional[str]], dict[str, Optional[str]]]:
    """The parameters and the files that have to be written."""
    now = found.parameters()
    parameters = {name: value for name, value in target.parameters.items() if now.get(name) != value}
    files = {name: text for name, text in target.files.items() if found.files[name] != text or text is not None and name in found.loose}
    return parameters, files


def changes(found: Found, target: Target) -> list[dict[str, str]]:
    """What a run does, as results list it."""
    parameters, files = differences(found, target)
    told = [_change("postfix_parameter", name, found.given.get(name), value) for name, value in parameters.items()]
    return told + [_change("postfix_file", name, found.files[name], text) for name, text in files.items()]


def _change(kind: str, name: str, before: Optional[str], after: Optional[str]) -> dict[str, str]:
    return {"action": "create" if before is None else "delete" if after is None else "update", "kind": kind, "name": name}


def diff(found: Found, target: Target) -> dict[str, dict[str, str]]:
    """Both sides of what differs, without the password."""
    parameters, files = differences(found, target)
    sides: dict[str, dict[str, str]] = {"before": {}, "after": {}}
    for name, value in parameters.items():
        sides["before"][name], sides["after"][name] = _said(found.given.get(name)), _said(value)
    for name, text in files.items():
        title, now = "file " + name, shown(name, found.files[name])
        sides["before"][title], sides["after"][title] = _said(now), _said(shown(name, text))
        if found.files[name] == text:
            sides["before"][title] = "others may read or write it"
        elif now == shown(name, text):
            sides["after"][title] = "{0}(with another password)".format(now)
    return sides


def _said(value: Optional[str]) -> str:
    return "(not there)" if value is None else value
