# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""POST /oauth/token: client credentials in a form, or as HTTP Basic (API notes, section 1)."""
from __future__ import annotations

import base64
import binascii
from urllib.parse import parse_qsl, unquote_plus

from .call import Call
from .errors import Answer, ApiError

_FORM = "application/x-www-form-urlencoded"


def issue_token(call: Call, media: str, authorization: str, raw: bytes) -> Answer:
    """A fresh token for `token_lifetime_s` seconds."""
    if media != _FORM:
        raise ApiError(400, "invalid_request", f"the content type must be {_FORM}")
    form = _form(raw)
    form.update(_basic(authorization))
    try:
        call.operation.check_request(form)
    except ApiError as error:
        code = "unsupported_grant_type" if error.name == "grant_type" else "invalid_request"
        raise ApiError(400, code, error.message) from error
    credential = call.state.store.check_credential(form["client_id"], form["client_secret"])
    if credential is None:
        raise ApiError(401, "invalid_client", "client id or secret is wrong")
    call.tenant = call.home = credential["tenant"]
    lifetime = call.settings["token_lifetime_s"]
    token = call.state.tokens.issue(credential, lifetime)
    return Answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": int(lifetime)})


def _form(raw: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(raw))
    except ValueError as error:
        raise ApiError(400, "invalid_request", "the form cannot be read") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise ApiError(400, "invalid_request", "a form field is repeated")
    return form


def _basic(authorization: str) -> dict[str, str]:
    scheme, _space, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client, colon, secret = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError) as error:
        raise ApiError(400, "invalid_request", "the Basic header cannot be read") from error
    if not colon:
        raise ApiError(400, "invalid_request", "the Basic header holds no colon")
    return {"client_id": unquote_plus(client), "client_secret": unquote_plus(secret)}
