# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Directory connectors: where the service learns which recipients exist (docs/service.md, directory connectors)."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import READ, WRITE, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import EditedSet, NameOf, Plain, Reference, Secret, Shown
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field, Resource

_BASE = "/directory/cloud-gateway/v1/integrations"
_PRODUCTS = ("emailsecurityonboarding", "userandgroupmanagement")
_MAY_READ = {"permission": "Services | Directory Sync | Read", "products": _PRODUCTS}
_MAY_EDIT = {"permission": "Services | Directory Sync | Edit", "products": _PRODUCTS}
_LIST = Operation("GET", _BASE, READ, list_keys=("integrations",), **_MAY_READ)

# Written with a separator, read as a number.
_UNLINK = {word.replace(",", ""): word for word in (
    "0", "10", "20", "50", "100", "300", "500", "1,000", "2,000", "5,000", "10,000", "50,000", "100,000", "unlimited")}


class _MaxUnlink(Plain):
    def read(self, row: dict[str, Any], name_of: NameOf) -> Any:
        found = super().read(row, name_of)
        return str(found).replace(",", "") if isinstance(found, (int, str)) else found


def _alone(option: str, codec: Any, **more: Any) -> Field:
    # The list gives just name and state of a connector, the rest is read singly.
    return Field(option, codec, listed=False, **more)


def _flag(option: str, api: str) -> Field:
    return _alone(option, Plain(api, bool, "bool"))


_SHARED = (
    Field("enabled", Plain("enabled", bool, "bool"), default=True),
    _alone("info", Plain("info", values.text), default=""),
    _alone("domains", EditedSet("domains", values.domain), default=[]),
    _flag("acknowledge_disabled_accounts", "acknowledgeDisabledAccounts"),
    _flag("delete_users", "deleteUsers"),
    _alone("max_unlink", _MaxUnlink("maxUnlink", choices=_UNLINK)),
)
_SHOWN = (
    Field("status", Shown("status"), read_only=True),
    _alone("last_sync", Shown("lastSyncDateTime"), read_only=True),
    _alone("sync_running", Shown("syncRunning"), read_only=True),
)


def _operations(path: str) -> dict[str, Operation]:
    path = "{0}/{1}".format(_BASE, path)
    return {
        "list": _LIST,
        "get": Operation("GET", path + "/{id}", READ, **_MAY_READ),
        "create": Operation("POST", path, WRITE, **_MAY_EDIT),
        "update": Operation("PATCH", path + "/{id}", WRITE, **_MAY_EDIT),
        "delete": Operation("DELETE", path + "/{id}", WRITE, **_MAY_EDIT),
    }


ACTIVE_DIRECTORY = Resource(
    kind="active_directory_connectors",
    label="Active Directory connector",
    fields=(
        _alone("hostname", Plain("hostname", values.host), required=True),
        _alone("alternate_hostname", Plain("alternateHostname", values.host)),
        _alone("port", Plain("port", values.port, "int"), default=636),
        _alone("encryption", Plain("encryptionMode", choices={word: word for word in ("strict", "relaxed", "none")}), default="strict"),
        _alone("user_dn", Plain("userDn", values.text), required=True),
        Field("password", Secret("password"), required=True),
        _alone("root_dn", Plain("rootDn", values.text), required=True),
        _flag("sync_contacts", "syncContacts"),
        *_SHARED,
        *_SHOWN,
    ),
    listed_as=("type", "active_directory"),
    **_operations("active-directory"),
)

MICROSOFT_365 = Resource(
    kind="microsoft_365_connectors",
    label="Microsoft 365 connector",
    fields=(
        _alone("tenant_domain", Plain("tenantDomain", values.domain), required=True),
        _alone("connector", Reference("connectorId", "server_connections", values.name), default=""),
        _alone("cloud", Plain("serverSubtype", choices={"standard": "standard", "gov": "gov"}), default="standard"),
        _flag("sync_guests", "syncGuestUsers"),
        _flag("sync_contacts", "syncContacts"),
        *_SHARED,
        *_SHOWN,
    ),
    listed_as=("type", "m365"),
    **_operations("m365"),
)

GOOGLE = Resource(
    kind="google_workspace_connectors",
    label="Google Workspace connector",
    fields=(
        _alone("user", Plain("user", values.address), required=True),
        Field("key", Secret("key"), required=True),
        *_SHARED,
        *_SHOWN,
    ),
    listed_as=("type", "google"),
    **_operations("google"),
)

# the user's word -> the kind, and the tests that the service offers for it
CONNECTOR_TYPES = {"active_directory": ACTIVE_DIRECTORY, "microsoft_365": MICROSOFT_365, "google_workspace": GOOGLE}
TESTS = {
    "active_directory": ("connectivity", "egress-connectivity", "certificates", "authentication", "validation", "email"),
    "microsoft_365": ("connectivity", "authentication", "authorisation", "connector", "email"),
    "google_workspace": ("connectivity", "authentication", "authorisation", "email"),
}


def operation_of_test(resource: Resource, test: str) -> Operation:
    """A test acts on a stored connector and changes nothing."""
    return Operation("POST", "{0}/test-{1}".format(resource.get.path, test), READ, **_MAY_READ)


SYNC = Operation("POST", _BASE + "/sync-requests", WRITE, **_MAY_READ)

_CONNECTORS = "/connector/cloud-gateway/v1/connectors"
_MAY_CONNECT = {"permission": "Services | Connectors | Edit", "products": ("connector", "emailsecurityonboarding")}

CONNECTION_USERS = (
    "Continuity", "Sync & Recover", "Remediation", "Archive for Teams", "Directory Synchronization", "Essentials for Outlook",
    "SimplyMigrate", "Internal Email Protect",
)

# A person makes and changes these (docs/service.md, server connections), so nothing here creates or updates.
SERVER_CONNECTIONS = Resource(
    kind="server_connections",
    label="server connection",
    fields=(
        Field("provider", Shown("provider"), read_only=True),
        Field("product", Shown("product", "name"), read_only=True),
        Field("status", Shown("status"), read_only=True),
    ),
    name_api="name",
    list=Operation("GET", _CONNECTORS, READ, list_keys=("connectors",), **_MAY_CONNECT),
    delete=Operation("DELETE", _CONNECTORS + "/{id}", WRITE, **_MAY_CONNECT),
    if_kept="A connection in use is not deleted; {{0}} is listed for the product {{product!r}}; services that can use one are {0}. "
            "Take it out of them first, then run again".format(", ".join(CONNECTION_USERS)),
)

CONNECTED = "connected"
# The user's word -> the providers under which the service may list such a connection; no page says how they belong together.
CONNECTION_PROVIDERS = {
    "office_365": ("office_365", "office_365_gcc", "azure_standard", "azure_gcc"),
    "exchange_web_services": ("exchange_web_services",),
}
# All that the description of the API claims to delete.
DELETABLE_PROVIDERS = ("azure_standard", "azure_gcc")
