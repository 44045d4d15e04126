# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Outbound DNS authentication: the key that signs mail, the record to publish, and the policies that use it."""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import READ, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import Plain, Reference, Shown
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field, Owner, Resource
from ansible_collections.mimecast.connect.plugins.module_utils._resources.policies import (
    BASE, MAY_READ, ends_after_start, policy_operations, policy_rows,
)

_NEW_KEY = "The service fixes it when it makes the key. Declare a second definition with another name, publish its record, then remove this one"

VERIFY_DKIM = Operation("POST", BASE + "/dns-authentication-outbound/definitions/{id}/verify", READ, **MAY_READ)

DKIM = Resource(
    kind="dkim",
    label="DKIM definition",
    fields=(
        Field("domain", Plain("domain", values.domain), required=True, immutable=_NEW_KEY),
        Field("selector", Plain("selector", values.domain), immutable=_NEW_KEY),
        Field("key_length", Plain("keyLength", values.number, "int"), default=2048, immutable=_NEW_KEY),
        Field("sign", Plain("signDkim", bool, "bool"), default=True),
        Field("dns_address", Shown("dnsAddress"), read_only=True),
        Field("public_key", Shown("publicKey"), read_only=True),
        Field("validated", Shown("validated"), read_only=True),
    ),
    **policy_operations("dns-authentication-outbound", "dnsOutboundDefinitions", "definitions", what="definitions"),
)

DKIM_POLICIES = Resource(
    kind="dkim_policies",
    label="DKIM policy",
    fields=(Field("definition", Reference("definitionId", "dkim"), required=True), *policy_rows()),
    **policy_operations("dns-authentication-outbound", "policies", "definitions"),
    owner=Owner("dkim", "policies", "definition"),
    checks=(ends_after_start,),
)
