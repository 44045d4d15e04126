# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The script for Exchange, on premises and online: looks at everything, then creates or sets what differs, and says what it changed.

It keeps to PowerShell 2.0, which Exchange 2010 brings. Whether a change is made is asked of ShouldProcess here and not left to the cmdlets,
since those come from a session of their own, which does not see the script's WhatIf.
"""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import lines_of
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers import powershell
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.wish import Part

MADE = "Made by mimecast.connect"
CONNECTOR = "%CONNECTOR%"

_HEAD = """\
# mimecast.connect mail_server_rendering: {word}
# {title}: {purpose}.
# Run it with -WhatIf first: it then only says what it would change. -Undo takes back what it has made.
[CmdletBinding(SupportsShouldProcess=$true)]
param({parameters})
"""

# With WhatIf on, nothing of what makes a session would happen either; and its scripts do not reckon with errors that stop them.
_CONNECT = """
$asked = $WhatIfPreference
$WhatIfPreference = $false
{0}\
$WhatIfPreference = $asked
$ErrorActionPreference = 'Stop'
"""

_LOOK = r"""
$made = '%MADE%'
$changes = New-Object Collections.ArrayList

function Get-Plain($value) {
  # 'SMTP:*;1', 'smtp:*' and '*' are one address space, and the order of hosts does not matter.
  (@($value) | ForEach-Object { [string]$_ -replace '^smtp:', '' -replace ';1$', '' } | Sort-Object) -join ', '
}

function Show-Settings($source, $names) {
  (@($names) | ForEach-Object { $_ + ' = ' + (Get-Plain $source.$_) }) -join '; '
}

function Find-Object($object) {
  switch ($object.Kind) {
    '%CONNECTOR%' { Get-%CONNECTOR% | Where-Object { $_.Name -eq $object.Name } }
    'RemoteDomain' { Get-RemoteDomain | Where-Object { $_.Name -eq $object.Name } }
    'MailContact' { Get-MailContact -Filter ('Name -eq ''' + $object.Name + '''') }
    'JournalRule' { Get-JournalRule | Where-Object { $_.Name -eq $object.Name } }
    'TransportConfig' { Get-TransportConfig }
  }
}
"""

_CHANGE = r"""
function Set-Object($object, $settings, $differs) {
  switch ($object.Kind) {
    '%CONNECTOR%' { Set-%CONNECTOR% -Identity $object.Name @settings }
    'RemoteDomain' {
      $settings.Remove('DomainName')
      Set-RemoteDomain -Identity $object.Name @settings
    }
    'MailContact' { Set-MailContact -Identity $object.Name @settings }
    'JournalRule' {
      $settings.Remove('Enabled')
      Set-JournalRule -Identity $object.Name @settings
      if ($differs -contains 'Enabled') { Enable-JournalRule -Identity $object.Name }
    }
    'TransportConfig' { Set-TransportConfig @settings }
  }
}

function New-There($object, $settings) {
  switch ($object.Kind) {
    '%CONNECTOR%' { New-%CONNECTOR% -Name $object.Name -Comment $made @settings }
    'RemoteDomain' {
      New-RemoteDomain -Name $object.Name -DomainName $settings.DomainName
      Set-Object $object $settings @()
    }
    'MailContact' {
      New-MailContact -Name $object.Name -ExternalEmailAddress $settings.ExternalEmailAddress
      Set-Object $object $settings @()
    }
    'JournalRule' { New-JournalRule -Name $object.Name @settings }
  }
}

function Remove-Object($object) {
  switch ($object.Kind) {
    '%CONNECTOR%' { Remove-%CONNECTOR% -Identity $object.Name -Confirm:$false }
    'RemoteDomain' { Remove-RemoteDomain -Identity $object.Name -Confirm:$false }
    'MailContact' { Remove-MailContact -Identity $object.Name -Confirm:$false }
    'JournalRule' { Remove-JournalRule -Identity $object.Name -Confirm:$false }
  }
}

function Invoke-Change($object, $action, $before, $after, $work) {
  if ($PSCmdlet.ShouldProcess($object.Kind + ' ' + $object.Name, $action)) { & $work | Out-Null }
  elseif (-not $WhatIfPreference) { return }
  [void]$changes.Add((New-Object PSObject -Property @{
    Kind = $object.Kind; Name = $object.Name; Action = $action; Before = $before; After = $after
  }))
  if (Test-Path variable:Ansible) { $Ansible.Changed = $true }
}
"""

_PLAN = r"""
if (Test-Path variable:Ansible) { $Ansible.Changed = $false }
# Everything is looked at before anything is changed.
$plan = @(foreach ($object in $objects) {
  $there = @(Find-Object $object)
  $label = $object.Kind + ' ' + $object.Name
  if ($there.Count -gt 1) { throw ('There are several of ' + $label + '. Nothing was changed.') }
  $differs = @()
  if ($there.Count) {
    $differs = @($object.Settings.Keys | Where-Object { (Get-Plain $there[0].$_) -ne (Get-Plain $object.Settings[$_]) } | Sort-Object)
  }
  if (-not $Undo -and $object.Kind -eq 'RemoteDomain' -and $differs -contains 'DomainName') {
    throw ($label + ' is for another domain. Nothing was changed; render it with another name.')
  }
%CREDENTIAL%\
  @{ Object = $object; There = $there; Differs = $differs }
})
"""

_CREDENTIAL = r"""
  if (-not $Undo -and $object.Settings.SmartHostAuthMechanism -eq 'BasicAuthRequireTLS') {
    $known = if ($there.Count) { $there[0].AuthenticationCredential }
    if ($RenewPassword -or ($Credential -and $known -and $known.UserName -ne $Credential.UserName)) { $differs += 'AuthenticationCredential' }
    if (-not $Credential -and ($differs.Count -or -not $there.Count)) {
      throw ($label + ' needs -Credential with the name and password for the smart hosts. Nothing was changed.')
    }
  }
"""

_APPLY = r"""
function Invoke-Apply($step) {
  $object = $step.Object
  $differs = $step.Differs
  $settings = @{}
  foreach ($key in $object.Settings.Keys) {
    # Nothing is said of what is empty and stays so: TlsAuthLevel may only be named where TLS is required.
    if ($null -ne $object.Settings[$key] -or $differs -contains $key) { $settings[$key] = $object.Settings[$key] }
  }
%GIVE%\
  if (-not $step.There.Count) {
    Invoke-Change $object 'create' '' (Show-Settings $object.Settings @($object.Settings.Keys | Sort-Object)) { New-There $object $settings }
  } elseif ($differs.Count) {
    $before = Show-Settings $step.There[0] $differs
    Invoke-Change $object 'set' $before (Show-Settings $object.Settings $differs) { Set-Object $object $settings $differs }
  }
}

function Invoke-Undo($step) {
  $object = $step.Object
  if (-not $step.There.Count) { return }
  if ($object.Kind -eq 'TransportConfig') {
    Write-Warning 'JournalingReportNdrTo stays as it is: what it was before stands in the output of the run that set it.'
  } elseif ($object.Kind -eq '%CONNECTOR%' -and $step.There[0].Comment -ne $made) {
    Write-Warning ($object.Kind + ' ' + $object.Name + ' was not made by this script and stays. What it was stands in the output of the run that set it.')
  } else {
    Invoke-Change $object 'remove' (Show-Settings $step.There[0] @($object.Settings.Keys | Sort-Object)) '' { Remove-Object $object }
  }
}

if ($Undo) {
  [array]::Reverse($plan)
  foreach ($step in $plan) { Invoke-Undo $step }
} else {
  foreach ($step in $plan) { Invoke-Apply $step }
}
"""

_GIVE = "  if ($Credential -and $settings.SmartHostAuthMechanism -eq 'BasicAuthRequireTLS') { $settings.AuthenticationCredential = $Credential }\n"

_OTHERS = r"""
# Exchange takes one connector for a message. What another one for all domains takes does not go through Mimecast.
$ours = @($objects | ForEach-Object { $_.Name })
$others = @(Get-%CONNECTOR% | Where-Object {
  $_.Enabled -and $ours -notcontains $_.Name -and @($_.%SPACES% | Where-Object { [string]$_ -match '^(smtp:)?\*(;\d+)?$' }).Count
})
foreach ($other in $others) {
  if (-not $Undo) { Write-Warning ($other.Name + ' takes mail for all domains as well: disable it when a test message has arrived through Mimecast.') }
}
"""

_NOBODY = r"""
if ($Undo -and -not $others.Count) { Write-Warning 'No other enabled connector takes mail for all domains: mail to the outside waits until one does.' }
"""

_JOURNALED = r"""
if (-not $Undo -and '' -eq ([string](Get-TransportConfig).JournalingReportNdrTo -replace '^<>$', '')) {
  Write-Warning 'No address for undeliverable journal reports is set (JournalingReportNdrTo).'
}
"""

_END = r"""
if (Test-Path variable:Ansible) { $Ansible.Result = @{ changes = @($changes) } }
$changes
"""


def script(parts: tuple[Part, ...], *, head: dict[str, str], connect: str, connector: str, spaces: str, authentication: bool, needs_other: bool) -> str:
    """The whole script. ``connect`` makes sure that the cmdlets are there, ``spaces`` is where a connector has its domains."""
    kinds = {part.kind for part in parts}
    outbound = any(part.kind == connector and "*" in "".join(dict(part.settings)[spaces]) for part in parts)
    body = _LOOK + _CHANGE + _PLAN + _APPLY + (_OTHERS + (_NOBODY if needs_other else "") if outbound else "")
    body += _JOURNALED if "JournalRule" in kinds and "TransportConfig" not in kinds else ""
    for word, text in (
        ("%CREDENTIAL%\\\n", _CREDENTIAL.lstrip("\n") if authentication else ""), ("%GIVE%\\\n", _GIVE if authentication else ""),
        (CONNECTOR, connector), ("%SPACES%", spaces), ("%MADE%", MADE),
    ):
        body = body.replace(word, text)
    return _HEAD.format(**head) + _CONNECT.replace("{0}", connect) + lines_of(powershell.lines_of(parts)) + body + _END
