# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Codes of the ews probe."""

from __future__ import annotations

from typing import Dict

CODES: Dict[str, str] = {
    # good
    "ok_basic_offered": "{target} asks for a log-in and takes Basic; nothing to do",
    "ok_ews": "{target} lets {username} in and opens {mailbox}; nothing to do",
    # what answers
    "not_ews": "{target} does not answer like Exchange Web Services ({reason}); check that the URL is theirs",
    "ews_path_not_found": "{target} has nothing at this path (HTTP {status}); correct the URL, whose path is /EWS/Exchange.asmx by default",
    "ews_forbidden": "{target} forbids access (HTTP 403); check address restrictions and client certificates in IIS, the rules of the "
    "reverse proxy, and that EWS is enabled for the account",
    "ews_server_error": "{target} fails with HTTP {status}; check the application pool of EWS, and what stands before the server",
    "ews_unexpected_status": "{target} answers with HTTP {status}; check that the URL is that of EWS and what stands before the server",
    "ews_forms_page": "{target} shows a page for people (HTTP {status}) instead of asking for a log-in; let the connection pass the "
    "forms-based log-on of the reverse proxy, which is not supported",
    "ews_forms_redirect": "{target} redirects to a log-on page ({location}); let the connection pass the forms-based log-on of the "
    "reverse proxy, which is not supported",
    "ews_redirected": "{target} redirects to {location}; declare the URL where EWS answers itself",
    # the log-in
    "ews_basic_not_offered": "{target} offers no Basic log-in (it offers {schemes}); enable Basic Authentication for EWS in IIS on every "
    "Exchange server",
    "ews_login_refused": "{target} refuses the user name or the password of {username}; correct them. Whether the account is locked, "
    "disabled or its password has expired, the answer does not tell: see the log of the domain controller",
    "ews_local_name": "{target} is to be used as {username}, a .local name; give the account a UPN of a mail domain, and use that",
    # the mailbox
    "ews_mailbox_unknown": "{target} knows no mailbox {mailbox}: {reply}; correct the address",
    "ews_impersonation_denied": "{target} does not let {username} impersonate {mailbox}: {reply}; assign the role ApplicationImpersonation "
    "to it, with a scope that holds the mailbox",
    "ews_access_denied": "{target} does not let {username} open {mailbox}: {reply}; grant access, or check with impersonate as the service does",
    "ews_no_own_mailbox": "{target} finds no mailbox of {username}: {reply}; give the account one, or name another in mailbox",
    "ews_busy": "{target} cannot open {mailbox} now: {reply}; try again later",
    "ews_refused": "{target} refuses to open {mailbox}: {reply}; see the meaning of this code in the EWS reference",
    "ews_version_too_old": "{target} is Exchange {release}; Exchange 2010 SP1 or later is required, so update it",
    "ews_version_unknown": "{target} does not tell the version of Exchange; 2010 SP1 or later is required, so look it up on the server",
    # several connections
    "ews_affinity": "{target} answers several connections from different servers ({servers}); make the load balancer keep one source "
    "address on one server",
    "ews_answers_differ": "{target} answers several connections differently ({answers}); make all servers behind it alike, and the load "
    "balancer keep one source address on one server",
}
