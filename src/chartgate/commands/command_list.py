"""All commands, by what a person wants to do."""

from __future__ import annotations

import click

from chartgate import __version__
from chartgate.commands.check_command import check
from chartgate.commands.grouped_commands import GateCommands
from chartgate.commands.init_command import init
from chartgate.commands.policy_commands import explain, policies
from chartgate.commands.review_command import review
from chartgate.commands.scenarios_command import scenarios, values
from chartgate.commands.short_commands import cache, document, pairwise, provision, risks
from chartgate.commands.watch_command import watch

PROGRAM = "chartgate"

COMMANDS = click.version_option(__version__, message="%(prog)s %(version)s")(
    GateCommands(
        PROGRAM,
        {
            "Judge": (check, review, watch),
            "Look": (scenarios, values, policies, explain, risks),
            "Write": (pairwise, document),
            "Set up": (init, provision, cache),
        },
        about="A policy-as-code gate for Helm charts.",
    )
)
