# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Journaling services (API notes, section 4). Stored under the names of create and read; PATCH has its own."""
from __future__ import annotations

from .call import Call
from .errors import Answer, invalid
from .resources import Body, Handler, Resource, create_object, crud, patch_object, register

_CONNECTIONS = {"smtp": "smtpJournalingConnection", "pop3": "pop3JournalingConnection"}
_DEFAULTS: dict[str, Body] = {
    "smtp": {"ipRanges": [], "usesAuthentication": False, "usesTls": True, "prefersClearText": False,
             "extendedDeduplication": False, "deliveryWaitAttempts": 3, "inactivityTimeout": 180,
             "processInitialDelay": 0},
    "pop3": {"port": 995, "usesPOP3S": True, "encryptionIsRelaxed": False, "detailedLoggingIsEnabled": False},
}
_NEEDED = {"smtp": ("emailAddress",), "pop3": ("emailAddress", "mailbox", "password", "host")}
_PATCH_NAMES = {"useAuthentication": "usesAuthentication", "useTls": "usesTls", "preferClearText": "prefersClearText",
                "usePop3": "usesPOP3S", "relaxedEncryption": "encryptionIsRelaxed",
                "detailedLogging": "detailedLoggingIsEnabled"}


def _protocol(body: Body) -> str:
    return "pop3" if body.get(_CONNECTIONS["pop3"]) else "smtp"


def _create(call: Call) -> Answer:
    given = [key for key in _CONNECTIONS.values() if key in call.body]
    if len(given) != 1:
        code = "err_validation" if given else "err_validation_null"
        raise invalid(_CONNECTIONS["smtp"], "exactly one of the two connections is needed", code)
    protocol = _protocol(call.body)
    _check_connection(protocol, call.body[given[0]])
    _check_address(call, protocol, call.body[given[0]], 0)
    return create_object(call, SERVICES)


def _patch(call: Call) -> Answer:
    """Turns the body into the stored form, connection included, and lets the generic handler merge the rest."""
    ref = call.path_ref(SERVICES.number)
    current = call.state.store.get(call.tenant, SERVICES.kind, ref)
    if current is not None and set(call.body) & {"transferProtocol", *_CONNECTIONS.values()}:
        change = {key: value for key, value in call.body.items()
                  if key != "transferProtocol" and key not in _CONNECTIONS.values()}
        protocol, connection = _merged_connection(call, current)
        _check_connection(protocol, connection)
        _check_address(call, protocol, connection, ref)
        call.body = {**change, _CONNECTIONS[protocol]: connection}
    return patch_object(call, SERVICES)


def _merged_connection(call: Call, current: Body) -> tuple[str, Body]:
    old = _protocol(current)
    new = call.body.get("transferProtocol", old)
    for protocol, key in _CONNECTIONS.items():
        if protocol != new and key in call.body:
            raise invalid(key, f"{key} does not belong to the transfer protocol {new}",
                          "err_validation_value_not_allowed")
    change = {_PATCH_NAMES.get(name, name): value for name, value in call.body.get(_CONNECTIONS[new], {}).items()
              if name not in call.settings["patch_ignores"]}
    if "usesPOP3S" in change and call.settings["journaling_use_pop3"] == "inverted":
        change["usesPOP3S"] = not change["usesPOP3S"]
    return new, {**((current.get(_CONNECTIONS[new]) or {}) if new == old else _DEFAULTS[new]), **change}


def _check_connection(protocol: str, connection: Body) -> None:
    needed = _NEEDED[protocol] + (("password",) if connection.get("usesAuthentication") else ())
    for name in needed:
        if not connection.get(name):
            raise invalid(f"{_CONNECTIONS[protocol]}.{name}", f"{name} is needed", "err_validation_null")


def _check_address(call: Call, protocol: str, connection: Body, own: int) -> None:
    """Two SMTP services must not wait for mail to the same address."""
    key = _CONNECTIONS["smtp"]
    taken = [(body.get(key) or {}).get("emailAddress", "").casefold()
             for ref, body in call.state.store.rows(call.tenant, SERVICES.kind) if ref != own]
    if protocol == "smtp" and connection["emailAddress"].casefold() in taken:
        raise invalid(f"{key}.emailAddress", "another journaling service has this address")


def _complete(body: Body) -> Body:
    protocol = _protocol(body)
    key = _CONNECTIONS[protocol]
    return {**body, key: {**_DEFAULTS[protocol], **(body.get(key) or {})}}


def _normalise(body: Body, change: Body) -> Body:
    """A connection of the other protocol in the change replaces the present one."""
    protocol = _protocol(change) if set(change) & set(_CONNECTIONS.values()) else _protocol(body)
    other = _CONNECTIONS["smtp" if protocol == "pop3" else "pop3"]
    return {name: value for name, value in body.items() if name != other}


def _item(call: Call, body: Body) -> Body:
    protocol = _protocol(body)
    key = _CONNECTIONS[protocol]
    connection = dict(body.get(key) or {})
    if not call.settings["journaling_echo_password"]:
        connection.pop("password", None)
    if protocol == "smtp":
        region = call.account["region"].lower()
        connection["hostnames"] = [f"{region}-smtp-journal-{number}.mimecast.com" for number in (1, 2)]
    return {**body, key: connection, "transferProtocol": protocol}


def _read(call: Call, body: Body) -> Body:
    number = SERVICES.number
    return {"id": call.id_of(number, call.path_ref(number)), **_item(call, body)}


SERVICES = register(Resource(
    kind="journaling_services", number=40, list_key=lambda call: call.settings["journaling_list_key"],
    fields=frozenset({"description", "enabled", "messageFormat", "removeJournalHeaders", "journalNonInternalAddresses",
                      "journalUnknownInternalAddresses", *_CONNECTIONS.values(), "queueSize", "statusInfo"}),
    defaults={"enabled": True, "messageFormat": "exchange_env", "removeJournalHeaders": False,
              "journalNonInternalAddresses": False, "journalUnknownInternalAddresses": False, "queueSize": 0,
              "statusInfo": {"status": "not_active"}},
    complete=_complete, normalise=_normalise, item=_item, read=_read,
))

HANDLERS: dict[str, Handler] = {
    **crud("JournalingService", SERVICES),
    "createJournalingService": _create,
    "updateJournalingService": _patch,
}
