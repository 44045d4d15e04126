# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a directory's refusal means: the result codes of RFC 4511, and the reasons that Active Directory adds to them."""

from __future__ import annotations

import re
from typing import Dict

from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_messages import Result

SUCCESS, PROTOCOL_ERROR, SIZE_LIMIT_EXCEEDED, REFERRAL, ADMIN_LIMIT_EXCEEDED = 0, 2, 4, 10, 11
UNAVAILABLE_CRITICAL_EXTENSION, NO_SUCH_OBJECT, INVALID_DN_SYNTAX, INVALID_CREDENTIALS = 12, 32, 34, 49
UNWILLING_TO_PERFORM = 53

# Win32 errors in hexadecimal, as in "AcceptSecurityContext error, data 52e".
REASON = re.compile(r"\bdata ([0-9a-f]{3})\b", re.IGNORECASE)
REASONS = {
    "525": "bind_user_unknown",
    "52e": "bind_credentials_wrong",
    "530": "bind_hours",
    "531": "bind_workstation",
    "532": "bind_password_expired",
    "533": "bind_account_disabled",
    "701": "bind_account_expired",
    "773": "bind_password_must_change",
    "775": "bind_account_locked",
}
BIND: Dict[int, str] = {
    INVALID_CREDENTIALS: "bind_credentials_wrong",
    INVALID_DN_SYNTAX: "bind_name_invalid",
    7: "bind_not_allowed",  # authMethodNotSupported
    8: "stronger_auth_required",
    13: "confidentiality_required",
    48: "bind_not_allowed",  # inappropriateAuthentication
    50: "bind_not_allowed",  # insufficientAccessRights
    51: "directory_busy",
    52: "directory_busy",  # unavailable
    UNWILLING_TO_PERFORM: "bind_not_allowed",
}
SEARCH: Dict[int, str] = {
    NO_SUCH_OBJECT: "base_dn_missing",
    REFERRAL: "base_dn_missing",  # so Active Directory answers for a DN of another domain
    INVALID_DN_SYNTAX: "base_dn_invalid",
    1: "search_not_allowed",  # operationsError: Active Directory wants a bind first
    8: "search_not_allowed",
    13: "confidentiality_required",
    48: "search_not_allowed",
    50: "search_not_allowed",
    51: "directory_busy",
    52: "directory_busy",
}
NO_STARTTLS = (PROTOCOL_ERROR, UNAVAILABLE_CRITICAL_EXTENSION, UNWILLING_TO_PERFORM)
LIMITS = (SIZE_LIMIT_EXCEEDED, ADMIN_LIMIT_EXCEEDED)
# What servers answer that know no pages, or not for this user, or not of this size.
NO_PAGES = (ADMIN_LIMIT_EXCEEDED, UNAVAILABLE_CRITICAL_EXTENSION, UNWILLING_TO_PERFORM)


def bind_code(result: Result) -> str:
    """The code of a bind that failed."""
    reason = REASON.search(result.text) if result.code == INVALID_CREDENTIALS else None
    return REASONS.get(reason.group(1).lower() if reason else "", BIND.get(result.code, "bind_refused"))


def search_code(result: Result) -> str:
    """The code of a search that failed."""
    return SEARCH.get(result.code, "search_refused")
