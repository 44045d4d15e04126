# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a person does in the console for a TLS policy: no public API makes Secure Delivery and Secure Receipt policies.

Labels are those of the vendor's pages on Secure Delivery, Secure Receipt, policy basics and the TLS step of Connect. The words of the
enforced options of a Secure Receipt policy are in no public material.
"""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tls_policy_domains import STRICT, Mode
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tls_policy_evidence import DELIVERY, Sight

# The seed's names of the two modes, and what they mean for a certificate.
CONSOLE_MODES = {"strict": "Strict - Trusted Enforced", "relaxed": "Relaxed"}
MEANING = {"strict": "TLS enforced, with a certificate of a public root", "relaxed": "TLS enforced, self-signed certificates taken"}
WHY = "No public API makes, changes or reads {0} policies"


def creation(mode: Mode, policy_type: str, account: str, sight: Sight | None) -> Handover:
    """Definition and policy of one mode, pointing at its group."""
    steps = _definition(mode) if policy_type == DELIVERY else []
    why = WHY.format(policy_type)
    return Handover(
        title="Create the {0} policy {1!r} ({2})".format(policy_type, mode.policy, mode.name),
        for_whom=_for_whom(account),
        steps=(_log_in(account), *steps, *_policy(mode, policy_type)),
        why="{0}. {1}".format(why, _upper(sight.said())) if sight else why + ".",
        gone_when="With evidence, a message {0} a domain of group {1!r} is found that names {2} policy {3!r} and whose connection was encrypted; or "
                  "{4}.acknowledged says that it is done.".format(
                      "to" if policy_type == DELIVERY else "from", mode.group, policy_type, mode.policy, mode.name),
        acknowledged=mode.acknowledged,
    )


def removal(mode: Mode, account: str) -> Handover:
    """The policies of one mode; its group can go only after them."""
    return Handover(
        title="Remove the Secure Delivery and Secure Receipt policies of group {0!r} ({1})".format(mode.group, mode.name),
        for_whom=_for_whom(account),
        steps=(
            _log_in(account),
            "Navigate to Policies | Gateway Policies | Secure Delivery.",
            "Right-click on the policy that applies to group {0!r} and click Remove Policy.".format(mode.group),
            "Click Definitions and remove its definition, if nothing else uses it.",
            "Navigate to Policies | Gateway Policies | Secure Receipt, and remove the policy of group {0!r} in the same way.".format(mode.group),
        ),
        why="{0}. The group is empty, so they apply to nobody, but what the service does with a policy whose group is gone is not "
            "published.".format(WHY.format("Secure Delivery and Secure Receipt")),
        gone_when="{0}.acknowledged says that they are removed; then the group is removed as well.".format(mode.name),
        acknowledged=mode.acknowledged,
    )


def _definition(mode: Mode) -> list[str]:
    return [
        "Navigate to Policies | Gateway Policies | Secure Delivery and click Definitions, then Add Secure Delivery Definition.",
        "Enter the Description: {0}".format(mode.policy),
        "Select the Option: {0} ({1})".format(CONSOLE_MODES[mode.name], MEANING[mode.name]),
        "Save the definition.",
    ]


def _policy(mode: Mode, policy_type: str) -> list[str]:
    if policy_type == DELIVERY:
        option = "Select the Definition: {0}".format(mode.policy)
    else:
        option = "Select the Option that enforces TLS in {0} mode ({1}); its words in the console are not published".format(mode.name, MEANING[mode.name])
        if mode.name != STRICT:
            option += ", and self-signed certificates may need an option that only Mimecast Support can set"
    return [
        "Navigate to Policies | Gateway Policies | {0} and click New Policy.".format(policy_type),
        "Enter the Policy Narrative: {0}".format(mode.policy),
        option,
        "Under Emails From, select Applies From: Internal Addresses.",
        "Under Emails To, select Applies To: the profile group {0!r}".format(mode.group),
        "Under Validity, enable the policy, set it to Always On, and tick Bi Directional, so that it applies to mail from these domains too.",
        "Save the policy. It can take up to five minutes to apply.",
    ]


def _log_in(account: str) -> str:
    return "Log in to the Administration Console{0}.".format(" of account " + account if account else "")


def _for_whom(account: str) -> str:
    return "an administrator of the Mimecast account{0}".format(" " + account if account else "")


def _upper(text: str) -> str:
    return "{0}{1}.".format(text[:1].upper(), text[1:])
