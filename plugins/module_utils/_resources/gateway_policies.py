# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Policies that stand alone: who may send as us, whom we refuse, whom we let wait (docs/service.md, other policies)."""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import EditedSet, Plain
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field, Resource
from ansible_collections.mimecast.connect.plugins.module_utils._resources.policies import ends_after_start, policy_operations, policy_rows


def _action(*words: str) -> Field:
    """What the policy does; the words are the service's own."""
    return Field("action", Plain("option", choices={word: word for word in words}), required=True)


ANTI_SPOOFING = Resource(
    kind="anti_spoofing_policies",
    label="anti-spoofing policy",
    fields=(
        _action("no_action", "apply", "apply_non_mimecast"),
        *policy_rows(),
        Field("hostnames", EditedSet("hostnames", values.domain), default=[]),
    ),
    **policy_operations("anti-spoofing", "policies", "definitions"),
    checks=(ends_after_start,),
)

# The service looks at both addresses of the sender here and at no networks, but at the SPF record of domains.
ANTI_SPOOFING_BYPASS = Resource(
    kind="anti_spoofing_bypass_policies",
    label="anti-spoofing bypass policy",
    fields=(
        _action("enable_bypass", "disable_bypass"),
        *policy_rows(from_part=False, source_ranges=False),
        Field("from_part", Plain("fromPart", choices={"both": "both"}), default="both"),
        Field("spf_domains", EditedSet("spfDomains", values.domain), default=[]),
    ),
    **policy_operations("anti-spoofing-bypass", "policies", "definitions"),
    checks=(ends_after_start,),
)

BLOCKED_SENDERS = Resource(
    kind="blocked_senders_policies",
    label="blocked senders policy",
    fields=(_action("no_action", "block_sender"), *policy_rows()),
    **policy_operations("blocked-senders", "policies", "definitions"),
    checks=(ends_after_start,),
)

GREYLISTING = Resource(
    kind="greylisting_policies",
    label="greylisting policy",
    fields=(_action("no_action", "apply"), *policy_rows(dates="Date")),
    **policy_operations("greylisting", "policies", "definitions"),
    checks=(ends_after_start,),
)

# the user's word -> the kind
POLICY_TYPES = {
    "anti_spoofing": ANTI_SPOOFING,
    "anti_spoofing_bypass": ANTI_SPOOFING_BYPASS,
    "blocked_senders": BLOCKED_SENDERS,
    "greylisting": GREYLISTING,
}
