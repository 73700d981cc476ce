"""The words of this project as plain data: chart, scenario, resource, rendering, check."""

from chartgate.model.findings import AskedObject, Check, Severity, Waiver
from chartgate.model.given import (
    Case,
    Chart,
    Declarations,
    External,
    OnePer,
    PodSecurityLevel,
    Scenario,
    Schemas,
    Values,
    folder_of,
)
from chartgate.model.objects import Identity, Manifest, Missing, Resource, Resources, in_both
from chartgate.model.rendered import Flaw, Rendering, ScriptFault, ScriptFaults

__all__ = [
    "AskedObject",
    "Case",
    "Chart",
    "Check",
    "Declarations",
    "External",
    "Flaw",
    "Identity",
    "Manifest",
    "Missing",
    "OnePer",
    "PodSecurityLevel",
    "Rendering",
    "Resource",
    "Resources",
    "Scenario",
    "Schemas",
    "ScriptFault",
    "ScriptFaults",
    "Severity",
    "Values",
    "Waiver",
    "folder_of",
    "in_both",
]
