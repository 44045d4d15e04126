# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Codes of a message that is really sent; those of the dialogue are the smtp probe's."""

from __future__ import annotations

from typing import Dict

CODES: Dict[str, str] = {
    "ok_message_accepted": "{target} accepted the message for {recipient}: {reply}; nothing to do",
    "ok_message_refused": "{target} refuses the message for {recipient}, as it should: {reply}; nothing to do",
    "message_accepted": "{target} accepted the message for {recipient}, which it should refuse: {reply}; see which rule lets it in",
    "message_refused": "{target} refuses the message for {recipient}: {reply}; {advice}",
    "message_unknown": "{target} got the whole message for {recipient}, and did not say whether it takes it ({reason}); look for its id there "
    "before you send it again",
    "message_not_sent": "No message was sent to {target} for {recipient}, since this is check mode; run without it",
}
