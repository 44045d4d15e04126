# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests of an Active Directory integration: real connections, to loopback only, never longer than ten seconds."""
from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any

from .resources import Body
from .state import State
from .threads import in_thread
from .verify import dial_target

STAGES = ("connectivity", "certificates", "authentication", "validation", "email")
_LIMIT_S = 10
_HOST_LIMIT_S = 3  # so that there is time left for the alternate host
_PAGE = 500
_MAIL_FILTER = "(|(mail=*)(proxyAddresses=*))"
Outcome = tuple[bool, str]
Target = tuple[str, int]


async def probe(state: State, stored: Body, stage: str) -> Outcome:
    """(success, message) of a stage, after all stages before it."""
    try:
        async with asyncio.timeout(_LIMIT_S):
            return await _probe(state, stored, stage)
    except TimeoutError:
        return False, f"no answer within {_LIMIT_S} seconds"


async def _probe(state: State, stored: Body, stage: str) -> Outcome:
    host, target, message = await _reach(state, stored)
    if target is None or stage == "connectivity":
        return target is not None, message
    if stored["encryptionMode"] != "none":
        try:
            await _handshake(target, host, stored["encryptionMode"], state.trust)
            message = "the certificate is trusted" if stored["encryptionMode"] == "strict" else "TLS works"
        except (OSError, EOFError) as error:
            return False, f"TLS with {host} fails: {getattr(error, 'verify_message', '') or error}"
    else:
        message = "no encryption is asked for"
    if stage == "certificates":
        return True, message
    return await _in_thread(lambda: _converse(target, stored, lambda found: _search(found, stored["rootDn"], stage)))


async def _reach(state: State, stored: Body) -> tuple[str, Target | None, str]:
    """(name, where it is, message) of the first host that takes a connection."""
    port, reasons = stored["port"], []
    for host in filter(None, (stored["hostname"], stored.get("alternateHostname"))):
        target = dial_target(state, host.lower(), port)
        if target is None:
            reasons.append(f"{host} is not in the address book; the sandbox only connects to loopback")
            continue
        try:
            async with asyncio.timeout(_HOST_LIMIT_S):
                _reader, writer = await asyncio.open_connection(*target)
        except OSError as error:  # TimeoutError is one
            reasons.append(f"{host} port {port}: {error or 'no answer'}")
            continue
        writer.transport.abort()
        return host, target, f"{host} port {port} takes connections"
    return "", None, "; ".join(reasons)


async def _handshake(target: Target, host: str, mode: str, trust: str | None) -> None:
    context = ssl.create_default_context(cafile=trust)
    if mode == "relaxed":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    _reader, writer = await asyncio.open_connection(*target, ssl=context, server_hostname=host)
    writer.transport.abort()


async def addresses(state: State, stored: Body) -> dict[str, str]:
    """Mail addresses below the search base, with the name of their entry; {} when the directory cannot be read."""
    _host, target, _message = await _reach(state, stored)
    found: dict[str, str] = {}

    def read(connection: Any) -> Outcome:
        entries = connection.extend.standard.paged_search(
            stored["rootDn"], _MAIL_FILTER, attributes=["cn", "mail", "proxyAddresses"], paged_size=_PAGE, generator=True)
        for entry in entries:
            if entry["type"] == "searchResEntry":
                found.update(dict.fromkeys(_addresses_of(entry["attributes"]), str((entry["attributes"].get("cn") or [""])[0])))
        return True, ""

    if target:
        await _in_thread(lambda: _converse(target, stored, read))
    return found


def _addresses_of(attributes: Any) -> list[str]:
    """mail, and of proxyAddresses those that begin with smtp: in any case of letters."""
    proxies = [text.partition(":") for text in attributes.get("proxyAddresses", [])]
    texts = [*attributes.get("mail", []), *(address for kind, _colon, address in proxies if kind.lower() == "smtp")]
    return [text.lower() for text in texts if "@" in text]


def _converse(target: Target, stored: Body, work: Callable[[Any], Outcome]) -> Outcome:
    """Bind, and then the work with the connection."""
    import ldap3  # here, because no other call needs it, and it takes a fifth of a second
    from ldap3.core.exceptions import LDAPException

    # _handshake has judged the certificate, and the name in it is not the address that is dialled.
    tls = ldap3.Tls(validate=ssl.CERT_NONE)
    server = ldap3.Server(target[0], port=target[1], use_ssl=stored["encryptionMode"] != "none", tls=tls,
                          get_info=ldap3.NONE, connect_timeout=_HOST_LIMIT_S)
    connection = ldap3.Connection(server, user=stored["userDn"], password=stored["password"], auto_referrals=False,
                                  receive_timeout=_HOST_LIMIT_S)
    try:
        if not connection.bind():
            return False, f"{stored['userDn']} may not bind: {connection.result['description']}"
        return work(connection)
    except LDAPException as error:
        return False, f"the directory does not answer: {type(error).__name__}"
    finally:
        with contextlib.suppress(LDAPException, OSError):
            connection.unbind()


def _search(connection: Any, base: str, stage: str) -> Outcome:
    if stage == "authentication":
        return True, "the directory takes the user and the password"
    if not _entries(connection, base, "(objectClass=*)", "BASE"):
        return False, f"there is no search base {base}: {connection.result['description']}"
    if stage == "validation":
        return True, f"the search base {base} exists"
    if not _entries(connection, base, _MAIL_FILTER, "SUBTREE"):
        return False, f"no entry below {base} has a mail address"
    return True, f"there are mail addresses below {base}"


def _entries(connection: Any, base: str, wanted: str, scope: str) -> bool:
    """Whether the search finds an entry; referrals are not followed and do not count."""
    connection.search(base, wanted, search_scope=scope, attributes=["mail"], size_limit=1)
    return any(entry["type"] == "searchResEntry" for entry in connection.response or [])


async def _in_thread(work: Callable[[], Outcome]) -> Outcome:
    try:
        return await in_thread(work)
    except Exception as error:  # whatever ldap3 raises, the call must end
        return False, f"the directory does not answer: {type(error).__name__}"
