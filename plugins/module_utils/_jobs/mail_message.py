# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mail_message: one real message, and a verdict on what the server made of it."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._probes.message import ACCEPTED, REFUSED, SUBJECT, MessageCheck, new_id, not_sent, send
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job


def work(context: Context) -> dict[str, Any]:
    """The verdict. In check mode nobody is connected to."""
    given = context.params
    check = MessageCheck(
        host=given["host"], port=given["port"], address=given["address"], tls=given["tls"], ca_path=given["ca_path"],
        sender=given["from"], to=given["to"], subject=given["subject"], helo=given["helo"] or "", timeout=given["timeout"],
        username=given["username"], password=given["password"], message_id=new_id(given["from"]), expect=given["expect"],
    )
    verdict = not_sent(check) if context.dry else send(check)
    found = verdict.as_dict()
    evidence = found["evidence"]
    accepted = evidence.get("command") == "message" and 200 <= evidence["reply_code"] < 300
    bad = given["assert"] and not context.dry and verdict.verdict in ("failed", "unknown")
    return {
        "changed": False, **found, "accepted": accepted, "message_id": check.message_id,
        "reply": evidence.get("reply"), "encrypted": evidence.get("encrypted"), **({"failed": True, "msg": verdict.message} if bad else {}),
    }


JOB = Job(
    {
        "host": {"type": "str", "required": True},
        "port": {"type": "int", "default": 25},
        "address": {"type": "str"},
        "tls": {"type": "str", "choices": ["strict", "relaxed", "none"], "default": "relaxed"},
        "ca_path": {"type": "path"},
        "helo": {"type": "str"},
        "from": {"type": "str", "required": True},
        "to": {"type": "str", "required": True},
        "subject": {"type": "str", "default": SUBJECT},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "expect": {"type": "str", "choices": [ACCEPTED, REFUSED], "default": ACCEPTED},
        "timeout": {"type": "int", "default": 60},
        "assert": {"type": "bool", "default": False},
    },
    work,
    {"required_together": [["username", "password"]]},
)
