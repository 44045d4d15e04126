# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Codes of the pop probe."""

from __future__ import annotations

from typing import Dict

CODES: Dict[str, str] = {
    # good
    "ok_pop": "{target} answers as a POP3 server and offers STLS; nothing to do",
    "ok_mailbox": "{target} lets {username} in, and {messages} messages are waiting; nothing to do",
    # the dialogue
    "not_pop": "{target} does not answer like a POP3 server ({reason}); check that address and port are the mail server's",
    "pop_turned_away": "{target} turns this client away: {reply}; see the server's log for the reason",
    # encryption
    "stls_not_offered": "{target} offers no STLS; {advice}",
    "stls_refused": "{target} offers STLS but refuses it: {reply}; check the certificate and key that the server loads",
    "stls_injection": "{target} sent data in clear text after its reply to STLS; something on the way may alter the dialogue, "
    "so update the server and check proxies and firewalls that inspect POP3",
    # the mailbox
    "clear_login_disabled": "{target} takes no password in clear text (CAPA lists no USER), so none was sent; declare the check, and "
    "the journaling, with TLS",
    "clear_login": "{target} was told the password of {username} in clear text, as declared; enable TLS on the server and declare it",
    "pop_login_refused": "{target} refuses the user name or the password of {username}: {reply}; correct them, or allow POP3 for this "
    "mailbox on the server (the server's log says which)",
    "pop_login_deferred": "{target} cannot open the mailbox of {username} now: {reply}; try again later",
    "mailbox_in_use": "{target} says that the mailbox of {username} is in use: {reply}; try again when no other program reads it",
    "stat_refused": "{target} lets {username} in but does not count the messages: {reply}; check the mailbox on the server",
}
