# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Journaling services: how copies of internal mail reach the archive (docs/service.md, journaling)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import READ, WRITE, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import Compound, EditedSet, Plain, Secret, Shown
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field, Resource

if TYPE_CHECKING:
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Change
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World

_PATH = "/journaling/cloud-gateway/v1/services"
_PRODUCTS = ("cloudgateway", "emailsecurityonboarding")
_SMTP, _POP3 = "smtpJournalingConnection", "pop3JournalingConnection"


def _flag(option: str, api: str, patch: str = "") -> Field:
    return Field(option, Plain(api, bool, "bool", patch=patch))


def _count(option: str, api: str, clean: Any = values.number) -> Field:
    return Field(option, Plain(api, clean, "int"))


SMTP = Compound(
    _SMTP,
    rows=(
        Field("email", Plain("emailAddress", values.address)),
        Field("source_ranges", EditedSet("ipRanges", values.cidr)),
        _flag("authentication", "usesAuthentication", "useAuthentication"),
        Field("password", Secret("password")),
        _flag("tls", "usesTls", "useTls"),
        _flag("prefer_clear_text", "prefersClearText", "preferClearText"),
        _flag("extended_deduplication", "extendedDeduplication"),
        _count("delivery_wait_attempts", "deliveryWaitAttempts"),
        _count("inactivity_timeout", "inactivityTimeout", values.between(180, 960)),
        _count("initial_delay", "processInitialDelay"),
    ),
    needs=("email",),
    keeps_secret=True,
)

POP3 = Compound(
    _POP3,
    rows=(
        Field("email", Plain("emailAddress", values.address)),
        Field("mailbox", Plain("mailbox", values.text)),
        Field("password", Secret("password")),
        Field("host", Plain("host", values.host)),
        _count("port", "port", values.port),
        # Whether the two names mean the same or the opposite is unknown; the same is assumed, and read back.
        _flag("pop3s", "usesPOP3S", "usePop3"),
        _flag("relaxed", "encryptionIsRelaxed", "relaxedEncryption"),
        _flag("detailed_log", "detailedLoggingIsEnabled", "detailedLogging"),
    ),
    needs=("email", "mailbox", "host", "password"),
    keeps_secret=True,
)


def one_transport(change: Change, world: World) -> None:
    """A service takes its mail by SMTP or fetches it by POP3."""
    given = [option for option in ("smtp", "pop3") if change.after.get(option)]
    if len(given) != 1:
        raise InputError("Cannot {0} {1}: it has {2}, and needs one of smtp and pop3. To change from one to the other, remove "
                         "the service and declare it anew".format(change.action, change, " and ".join(given) or "neither"))


JOURNALING_SERVICES = Resource(
    kind="journaling_services",
    label="journaling service",
    fields=(
        Field("enabled", Plain("enabled", bool, "bool"), default=True),
        Field("message_format", Plain("messageFormat", choices={word: word for word in ("standard_eml", "exchange_env")})),
        _flag("remove_journal_headers", "removeJournalHeaders"),
        _flag("archive_non_internal", "journalNonInternalAddresses"),
        _flag("archive_unknown_internal", "journalUnknownInternalAddresses"),
        Field("smtp", SMTP, default={}),
        Field("pop3", POP3, default={}),
        Field("hostnames", Shown(_SMTP, "hostnames"), read_only=True),
        Field("status", Shown("statusInfo", "status"), read_only=True),
        Field("last_received", Shown("statusInfo", "lastReceivedDateTime"), read_only=True),
        Field("queue_size", Shown("queueSize"), read_only=True),
    ),
    list=Operation("GET", _PATH, READ, list_keys=("journalingServices", "services"), permission="Services | Journaling | Read", products=_PRODUCTS),
    get=Operation("GET", _PATH + "/{id}", READ, permission="Services | Journaling | Read", products=_PRODUCTS),
    create=Operation("POST", _PATH, WRITE, permission="Gateway | Policies | Edit", products=_PRODUCTS),
    update=Operation("PATCH", _PATH + "/{id}", WRITE, permission="Services | Journaling | Edit", products=_PRODUCTS),
    delete=Operation("DELETE", _PATH + "/{id}", WRITE, permission="Services | Journaling | Edit", products=_PRODUCTS),
    checks=(one_transport,),
)
