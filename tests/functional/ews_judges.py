# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What others think of an EWS endpoint: exchangelib, which opens the inbox, and curl, which tells the status."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

ASK = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"
 xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><s:Header>{0}</s:Header><s:Body><m:GetFolder><m:FolderShape>
<t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="inbox">{1}</t:DistinguishedFolderId>
</m:FolderIds></m:GetFolder></s:Body></s:Envelope>"""
AS_OWNER = "<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>{0}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>"
OF_MAILBOX = "<t:Mailbox><t:EmailAddress>{0}</t:EmailAddress></t:Mailbox>"


def exchangelib_says(check: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """'opens' if it opens the inbox, else the name of its exception."""
    import exchangelib
    from exchangelib.protocol import BaseProtocol, FailFast, NoVerifyHTTPAdapter

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", check.ca_path)
    monkeypatch.setenv("NO_PROXY", "*")
    if check.tls == "relaxed":
        monkeypatch.setattr(BaseProtocol, "HTTP_ADAPTER_CLS", NoVerifyHTTPAdapter)
    credentials = exchangelib.Credentials(check.username or "nobody@example.com", check.password or "none")
    config = exchangelib.Configuration(service_endpoint=check.url, credentials=credentials, auth_type=exchangelib.BASIC, retry_policy=FailFast())
    access = exchangelib.IMPERSONATION if check.impersonate else exchangelib.DELEGATE
    exchangelib.close_connections()  # it would go on with the last test's
    exchangelib.protocol.CachingProtocol.clear_cache()
    try:
        account = exchangelib.Account(check.mailbox or credentials.username, config=config, autodiscover=False, access_type=access)
        return "opens" if account.inbox.id else "finds no inbox"
    except (exchangelib.errors.EWSError, exchangelib.errors.TransportError) as error:
        return type(error).__name__


def curl_says(check: Any) -> str:
    """The status of the answer, or curl's exit code where there is none."""
    trust = ["--insecure"] if check.tls == "relaxed" else ["--cacert", check.ca_path]
    user = ["--basic", "--user", f"{check.username}:{check.password}"] if check.username else []
    mailbox = check.mailbox or ""
    body = ASK.format(AS_OWNER.format(mailbox) if check.impersonate else "", OF_MAILBOX.format(mailbox) if mailbox and not check.impersonate else "")
    command = ["curl", "--silent", "--noproxy", "*", *trust, *user, "--header", "Content-Type: text/xml", "--data-binary", body, "--output", "-",
               "--write-out", "\n%{http_code}", check.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return str(done.returncode) if done.returncode else re.findall(r"\n(\d+)$", done.stdout)[0]
