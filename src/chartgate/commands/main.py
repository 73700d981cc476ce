"""The command line: translates between a shell and the engine."""

from __future__ import annotations

import click

from chartgate import __version__
from chartgate.commands.check_command import check
from chartgate.commands.grouped_commands import GateCommands, tell, tell_usage
from chartgate.commands.review_command import review
from chartgate.commands.short_commands import document, pairwise, policies, provision, risks, values
from chartgate.errors import InputError

_PROGRAM = "chartgate"
_UNUSABLE = 2
_INTERRUPTED = 130
"""As a shell reports a command that was ended by Ctrl-C."""

COMMANDS = click.version_option(__version__, message="%(prog)s %(version)s")(
    GateCommands(
        _PROGRAM,
        {
            "Judge": (check, review),
            "Look": (values, policies, risks),
            "Write": (pairwise, document),
            "Set up": (provision,),
        },
        about="A policy-as-code gate for Helm charts.",
    )
)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; give its exit code (0 unless it has one), or 2 with a message on stderr for unusable input."""
    try:
        return COMMANDS.main(arguments, _PROGRAM, standalone_mode=False) or 0
    except click.UsageError as error:
        tell_usage(error)
        return _UNUSABLE
    except InputError as error:
        tell(str(error))
        return _UNUSABLE
    except click.Abort:
        tell("interrupted")
        return _INTERRUPTED
