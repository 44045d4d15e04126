# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import yaml

_SHARED = r"""
from:
  description:
    - Senders that the policy applies to. A new policy applies to everyone if this is not set.
  type: dict
  suboptions: &target
    type:
      description: Which addresses are meant; V(internal) and V(external) are those inside and outside of the tenant.
      type: str
      required: true
      choices: [everyone, internal, external, domain, group, address, attribute]
    domain:
      description: The domain, with type V(domain).
      type: str
    group:
      description: Name of the profile group, with type V(group).
      type: str
    address:
      description: The mail address, with type V(address).
      type: str
    attribute_id:
      description:
        - Id of the address attribute, with type V(attribute). No public call lists attributes; the id can be
          read from an existing policy.
      type: str
    attribute_value:
      description: Value of the attribute, with type V(attribute).
      type: str
to:
  description:
    - Recipients that the policy applies to. A new delivery route policy needs it, any other applies to everyone if this is not set.
  type: dict
  suboptions: *target
from_part:
  description:
    - Which sender address counts, that of the envelope, that of the message header, or both.
      A new policy looks at the V(envelope) if this is not set. Anti-spoofing bypass policies always look at V(both).
  type: str
  choices: [envelope, header, both]
valid_from:
  description:
    - First day on which the policy applies, as YYYY-MM-DD, or V(always). A new policy applies V(always) if this is not set.
  type: str
valid_to:
  description:
    - Last day on which the policy applies, as YYYY-MM-DD, or V(always). A new policy applies V(always) if this is not set.
  type: str
enabled:
  description: Whether the policy is in force. A new policy is if this is not set.
  type: bool
override:
  description: Whether the policy wins over more specific ones. A new policy does not if this is not set.
  type: bool
bidirectional:
  description: Whether the policy also applies with sender and recipient swapped. A new policy does not if this is not set.
  type: bool
source_ranges:
  description:
    - Networks from which the mail must come, as IPv4 or IPv6 CIDR. An empty set means any.
    - Give the whole set with C(set), or leave the rest of it to others with C(add) and C(remove). The order does not matter.
  type: dict
  suboptions: &edited
    add:
      description: Items that must be in the set.
      type: list
      elements: str
    remove:
      description: Items that must not be in the set.
      type: list
      elements: str
    set:
      description: The whole set.
      type: list
      elements: str
"""

_NAME = r"""
name:
  description:
    - The description of the policy in the console, which identifies it among the policies of its owner.
  type: str
  required: true
"""

_OWNED = r"""
policies:
  description:
    - All policies of this object. Those that it has beyond this list are removed. Left out, policies stay as they are.
  type: list
  elements: dict
"""


def _owned() -> dict[str, object]:
    options = yaml.safe_load(_OWNED)
    options["policies"]["suboptions"] = {**yaml.safe_load(_NAME), **yaml.safe_load(_SHARED)}
    return options


class ModuleDocFragment:
    """What all policies share: alone, or nested in the object that owns them."""

    DOCUMENTATION: str = json.dumps({"options": yaml.safe_load(_SHARED)})

    OWNED: str = json.dumps({"options": _owned()})
