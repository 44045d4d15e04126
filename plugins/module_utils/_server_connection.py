# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mimecast_server_connection: what is connected, what a person has to do in the console, and removal."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError, ConnectError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.apply import Applier
from ansible_collections.mimecast.connect.plugins.module_utils._engine.manage import outcome
from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Plan, make_plan
from ansible_collections.mimecast.connect.plugins.module_utils._engine.wishes import wishes
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._handover import (
    ACKNOWLEDGED_SPEC, Acknowledgement, Handover, acknowledgement,
)
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import (
    CONNECTED, CONNECTION_PROVIDERS, CONNECTION_USERS, DELETABLE_PROVIDERS, SERVER_CONNECTIONS,
)
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

PAUSE = 5.0  # seconds between looks while a person is at work in the console
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


def wish_of(params: dict[str, Any]) -> Wish:
    """The declared connection; InputError says at once all that is wrong with it."""
    problems: list[str] = []
    try:
        name = values.name(params["name"])
    except ValueError as error:
        raise InputError("Nothing was changed, the input is wrong. Server connection: name: {0}.".format(error)) from None
    word = params["type"] or ""
    given = _given(params, word)
    found = {}
    for option in given:
        if word and option not in [expected for _label, expected in FIELDS[word]]:
            problems.append("{0} does not go with type {1}".format(option, word))
        elif option != PASSWORD:
            try:
                found[option] = CLEAN[option](params[option])
            except ValueError as error:
                # An address can hold a password, so it is not quoted.
                shown = "" if option == "url" else " is {0!r}".format(params[option])
                problems.append("{0}{1}: {2}".format(option, shown, error))
    acknowledged = None
    try:
        acknowledged = acknowledgement(params["acknowledged"])
    except ValueError as error:
        problems.append("acknowledged: {0}".format(error))
    if params["wait_timeout"] < 0:
        problems.append("wait_timeout is {0}: give a number of seconds, not less than 0".format(params["wait_timeout"]))
    if problems:
        raise InputError("Nothing was changed, the input is wrong. Server connection {0!r}: {1}.".format(name, "; ".join(problems)))
    return Wish(name, params["state"], word, found, frozenset(given), acknowledged, params["account_code"] or "")


def _given(params: dict[str, Any], word: str) -> list[str]:
    """The options that the user gave; the security mode has a default, which goes with one type only."""
    given = [option for option in (*CLEAN, PASSWORD) if params[option] is not None and option != "security_mode"]
    if PASSWORD in given and not params[PASSWORD]:
        given.remove(PASSWORD)
    return given + (["security_mode"] if word == EWS or params["security_mode"] != "strict" else [])


def _work(context: Context) -> dict[str, Any]:
    wish = wish_of(context.params)
    world = World(context.client, CATALOGUE)
    result = _absent(context, world, wish) if wish.state == "absent" else _connected(context, world, wish)
    mailbox = wish.values.get("master_mailbox", "")
    if mailbox.endswith(".local"):
        result["warnings"] = ["The master mailbox {0} has a local user principal name. The service advises against that: let the account log on "
                              "with the name of a mail domain".format(mailbox)]
    return result


def _connected(context: Context, world: World, wish: Wish) -> dict[str, Any]:
    found, lacking = _look(world, wish)
    known = wish.acknowledged is not None and wish.acknowledged.holds()
    if wish.state == "present" and lacking:
        _require_values(wish, found)
    seconds = 0 if context.dry or known else context.params["wait_timeout"]
    if lacking and seconds:
        found, lacking = _await(world, wish, seconds)
    if not lacking:
        return _result(found)
    if wish.state == "exists":
        raise ConnectError("Cannot confirm {0}: {1}; state=exists changes nothing".format(wish, lacking))
    handover = _handover(wish, found, lacking)
    if seconds:
        raise ConnectError("Cannot see {0} connected after {1} s: {2}. Do what follows, and run again. {3}".format(
            wish, seconds, lacking, handover.as_text()))
    return _pending(found, handover)


def _result(found: dict[str, Any], plan: Plan | None = None) -> dict[str, Any]:
    return {**outcome(plan or Plan([])), "pending": False, "server_connection": found}


def _pending(found: dict[str, Any], handover: Handover) -> dict[str, Any]:
    message = "Nothing was changed. To be done by hand ({0}): {1}".format(handover.state(), handover.title)
    return {**_result(found), "pending": True, "handover": handover.as_dict(), "msg": message}


def _look(world: World, wish: Wish) -> tuple[dict[str, Any], str]:
    """The connection as the service lists it, and what it lacks in words, or ''."""
    item = world.one(SERVER_CONNECTIONS.kind, wish.name)
    if item is None:
        return {}, "the tenant lists none of that name"
    found = {"name": item.name, **item.values()}
    lacking = []
    if not _provider_fits(wish, found):
        lacking.append("its provider is {0!r} instead of {1}".format(found["provider"], " or ".join(CONNECTION_PROVIDERS[wish.type])))
    if found["status"] != CONNECTED:
        lacking.append("its status is {0!r} instead of {1!r}".format(found["status"], CONNECTED))
    return found, " and ".join(lacking)


def _provider_fits(wish: Wish, found: dict[str, Any]) -> bool:
    return not wish.type or found["provider"] in CONNECTION_PROVIDERS[wish.type]


def _await(world: World, wish: Wish, seconds: int) -> tuple[dict[str, Any], str]:
    deadline = time.monotonic() + seconds
    while True:
        time.sleep(max(0.0, min(PAUSE, deadline - time.monotonic())))
        world.forget(SERVER_CONNECTIONS.kind)
        found, lacking = _look(world, wish)
        if not lacking or time.monotonic() >= deadline:
            return found, lacking


def _require_values(wish: Wish, found: dict[str, Any]) -> None:
    """The console wants every field for a new connection, and again when its type changes."""
    if found and _provider_fits(wish, found):
        return
    missing = [option for _label, option in FIELDS[wish.type] if option not in wish.given]
    if missing:
        raise InputError("Cannot hand over {0}: it {1} and needs {2}".format(
            wish, "would change its type" if found else "does not exist yet", " and ".join(missing)))


def _absent(context: Context, world: World, wish: Wish) -> dict[str, Any]:
    # Plans first: a directory connector of this tenant that uses the connection ends the run here.
    plan = make_plan(world, wishes(CATALOGUE, {SERVER_CONNECTIONS.kind: [{"name": wish.name, "state": "absent"}]}))
    found, _lacking = _look(world, wish)
    if not found:
        return _result({}, plan)
    if not _provider_fits(wish, found):
        raise ConnectError("Cannot delete {0}: its provider is {1!r}, which is not of type {2}; leave type out if it is meant all the same".format(
            wish, found["provider"], wish.type))
    if found["provider"] not in DELETABLE_PROVIDERS:
        return _pending(found, _removal(wish, found))
    if not context.dry:
        _delete(world, wish, plan, found)
    return _result({}, plan)


def _delete(world: World, wish: Wish, plan: Plan, found: dict[str, Any]) -> None:
    try:
        Applier(world).apply(plan)
    except ApiError as error:
        if error.status not in (400, 409, 422):
            raise
        raise ApiError("{0}. A connection in use is not deleted; {1} is listed for the product {2!r}; services that can use one are {3}. "
                       "Take it out of them first, then run again".format(
                           str(error).rstrip("."), wish, found["product"], ", ".join(CONNECTION_USERS)),
                       error.status, error.code) from None


def _handover(wish: Wish, found: dict[str, Any], lacking: str) -> Handover:
    """The steps in the console for a connection that is missing or not as declared."""
    type_word = CONSOLE_TYPES[wish.type]
    button, last = ("Edit Connection to the right of {0!r}".format(wish.name), "Save Changes") if found else ("New Server Connection", "Create Connection")
    steps = [*_before(wish), *_console(wish), "Click {0}.".format(button)]
    if not found:
        steps.append("Enter the Name: {0}".format(wish.name))
    steps.append("Select the Connection Type: {0}".format(type_word))
    steps += [_entered(label, option, wish) for label, option in FIELDS[wish.type] if option in wish.given]
    steps += ["Click Test Connection; it must succeed.", "Click {0}.".format(last)]
    why = "No public API creates or changes a server connection: {0}.".format(lacking)
    if found and not _provider_fits(wish, found):
        why += " If something still uses the one that is there, declare yours under another name."
    return Handover(
        title="{0} the server connection {1!r} ({2})".format("Edit" if found else "Create", wish.name, type_word),
        for_whom=_for_whom(wish),
        steps=tuple(steps),
        why=why,
        gone_when="The tenant lists {0} with status {1!r} and provider {2}.".format(
            wish, CONNECTED, " or ".join(CONNECTION_PROVIDERS[wish.type])),
        acknowledged=wish.acknowledged,
    )


def _removal(wish: Wish, found: dict[str, Any]) -> Handover:
    return Handover(
        title="Delete the server connection {0!r} ({1})".format(wish.name, found["provider"]),
        for_whom=_for_whom(wish),
        steps=(*_console(wish), "Make sure that no service uses {0!r} any more; those that can are {1}.".format(
            wish.name, ", ".join(CONNECTION_USERS)),
            "Click the Delete icon to the right of {0!r}.".format(wish.name), "Click Delete Connection."),
        why="The API deletes connections of the providers {0} only, and the provider of this one is {1!r}.".format(
            " and ".join(DELETABLE_PROVIDERS), found["provider"]),
        gone_when="The tenant does not list {0} any more.".format(wish),
        acknowledged=wish.acknowledged,
    )


def _for_whom(wish: Wish) -> str:
    admin = "an administrator of the Mimecast account{0}".format(" " + wish.account if wish.account else "")
    if wish.state == "absent":
        return admin
    other = {EWS: "an administrator of Exchange", OFFICE_365: "somebody who may give consent for the Microsoft 365 tenant"}
    return "{0} and {1}".format(admin, other[wish.type])


def _console(wish: Wish) -> list[str]:
    return [
        "Log in to the Administration Console{0}.".format(" of account " + wish.account if wish.account else ""),
        "Click Administrator, then Services | Server Connections (in newer consoles Services | Connectors, where fields can have other names).",
    ]


def _before(wish: Wish) -> list[str]:
    """What has to be true outside of the console (the vendor's page Managing Server Connections)."""
    if wish.type == OFFICE_365:
        return ["Make the association between Mimecast and Office 365{0} if there is none; the vendor's page Creating an Office 365 Association "
                "for Server Connections says how, and where its client id is found.".format(_for(wish, "tenant_domain"))]
    host = urlsplit(wish.values["url"]).hostname if "url" in wish.values else "Exchange"
    return [
        "On every Exchange server (2010 SP1 or later), in IIS Manager, Server > Sites > Default Web Site > EWS > Authentication, enable "
        "Basic Authentication.",
        "Let {0} show a certificate that Mimecast trusts, and open TCP port 443 to it from the Mimecast ranges, past any log-on form of a "
        "reverse proxy; a load balancer must send these ranges to one and the same server.".format(host),
        "Configure application impersonation{0}; the vendor's page Configuring Application Impersonation says how. Exempt the password of "
        "the master mailbox from ageing, or set a reminder to change it here too.".format(_for(wish, "master_mailbox")),
    ]


def _for(wish: Wish, option: str) -> str:
    return " for {0}".format(wish.values[option]) if option in wish.values else ""


def _entered(label: str, option: str, wish: Wish) -> str:
    if option == PASSWORD:
        return "Type the {0} from the vault; it is the value of {1} in the task.".format(label, PASSWORD)
    if option == "security_mode":
        return "Select the {0}: {1}".format(label, SECURITY_MODES[wish.values[option]])
    return "Enter the {0}: {1}".format(label, wish.values[option])


JOB = Job(
    {
        **API_SPEC,
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
        "wait_timeout": {"type": "int", "default": 0},
        "state": {"type": "str", "choices": ["present", "absent", "exists"], "default": "present"},
    },
    _work,
    {"required_if": [["state", "present", ["type"]]]},
)
