"""What all commands do alike: headings over them in the help, and errors that list what is accepted."""

from __future__ import annotations

import itertools
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from chartgate.commands.streams import CANNOT_WRITE, flush_out, give_up, takes_colours
from chartgate.documents.escaping import message_text, one_line
from chartgate.documents.words import near
from chartgate.errors import InputError

TEXT = "TEXT"
"""What the help calls the value of an option that may have several lines."""
_LONGEST_VALUE = 4096
"""Characters: the longest path that Linux takes."""


class OptionOfNone(click.Option):
    """An option to which an empty text means something: none."""


class GateCommand(click.Command):
    """A command that is told each thing once and in full: `--output --format=json` names no file, nor does `--output=`.

    An empty value is mostly one that a script failed to make, and to go on as if nothing were asked for is wrong.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what follows the command's name.

        Raises:
            click.UsageError: it is not what the command accepts.
            InputError: a value cannot be meant.
        """
        with _errors_of(ctx):
            if not ctx.resilient_parsing:
                self._require_values(ctx, args)
                self._check_given(ctx, args)
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        Raises:
            InputError: its input cannot be used, or the system refuses something: the disk is full, a pipe is closed.
        """
        with _refusals("the system refuses"):
            result = super().invoke(ctx)
            flush_out()
            return result

    def _require_values(self, ctx: click.Context, args: Sequence[str]) -> None:
        options = {name: option for option in _options(self) if not option.is_flag for name in option.opts}
        for word, following in itertools.pairwise((*args, "--")):
            if word == "--":
                return
            if word in options and following.startswith("--"):
                raise click.BadOptionUsage(word, f"{word} needs a value: {_accepted(options[word])}", ctx)

    def _check_given(self, ctx: click.Context, args: Sequence[str]) -> None:
        """Refuse a value that cannot be meant, and a second one where only one counts."""
        given, _, order = self.make_parser(ctx).parse_args(list(args))
        for option in _options(self):
            if order.count(option) > 1 and not (option.multiple or option.is_flag):
                raise InputError(f"{option.opts[-1]} is given twice, and only one would count: give it once")
        for parameter in self.params:
            name = parameter.opts[-1] if isinstance(parameter, click.Option) else parameter.human_readable_name
            found = given.get(str(parameter.name))
            for value in found if isinstance(found, list | tuple) else [found]:
                if isinstance(value, str) and (fault := _fault_of(value, parameter)):
                    raise InputError(f"{name} {fault}")


def _fault_of(value: str, parameter: click.Parameter) -> str:
    """Say what is wrong with a value, whatever it is for; empty where nothing is."""
    if not value and not isinstance(parameter, OptionOfNone):
        form = f", {_accepted(parameter)}" if isinstance(parameter, click.Option) else ""
        return f"is empty: give it a value{form}, or leave it out"
    if len(value) > _LONGEST_VALUE:
        return f"has a value of {len(value)} characters, and the most are {_LONGEST_VALUE}: {value[:40]!a}..."
    if parameter.metavar != TEXT and any(unicodedata.category(character) == "Cc" for character in value):
        return f"has a value with control characters: {value!a}"
    return ""


class GateCommands(click.Group):
    """The commands under headings, in the order in which they are given."""

    def __init__(self, name: str, sections: Mapping[str, Sequence[click.Command]], about: str) -> None:
        super().__init__(
            name,
            {str(command.name): command for section in sections.values() for command in section},
            help=about,
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        self._sections = sections

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Give the names in the order of the help."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the part of the help that lists the commands."""
        width = max(map(len, self.commands))
        for heading, commands in self._sections.items():
            with formatter.section(heading):
                formatter.write_dl([(f"{c.name:<{width}}", c.get_short_help_str(limit=200)) for c in commands])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what comes before the command's name.

        Raises:
            click.UsageError: no command is named.
        """
        if not args and not ctx.resilient_parsing:
            raise click.UsageError(f"Name a command: {', '.join(self.commands)}.", ctx)
        with _errors_of(ctx):
            return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of that name.

        Raises:
            click.UsageError: there is no such command.
        """
        name = args[0]
        if name not in self.commands and not ctx.resilient_parsing:
            raise click.UsageError(f"No such command '{name}'. {meant(name, self.commands)}", ctx)
        return super().resolve_command(ctx, args)


def tell_usage(error: click.UsageError) -> None:
    """Say on stderr how the command is used, and what is wrong with the way it was used."""
    context, message = error.ctx, error.format_message()
    if context is not None:
        help_ = f"Try '{context.command_path} --help' for help."
        _say(f"{context.get_usage()}\n{help_}\n")
        if isinstance(error, click.NoSuchOption):
            names = [max(option.opts, key=len) for option in _options(context.command)]
            message = f"No such option '{error.option_name}'. {meant(error.option_name, [*names, '--help'])}"
    tell(one_line(message))


def tell(message: str) -> None:
    """Say on stderr what is wrong, in red where a person sees it."""
    _say(click.style(message_text(f"chartgate: {message}"), fg="red"))


def _say(text: str) -> None:
    try:
        click.echo(text, err=True, color=colour())
    except OSError:  # nobody reads it: the exit code says enough
        give_up(sys.stderr)


def warn(message: str) -> None:
    """Say on stderr what a run goes on with all the same; nothing for empty text."""
    if message:
        _say(click.style(message_text(f"chartgate: warning: {message}"), fg="yellow"))


def colour() -> bool | None:
    """Give False where nobody wants colours; None leaves it to click, which colours what goes to a terminal."""
    return None if takes_colours() else False


def meant(name: str, known: Iterable[str]) -> str:
    """Say which of the known names was meant, or, where none is like it, which there are."""
    known = list(known)
    similar = near(name, known)
    return f"Did you mean {' or '.join(similar)}?" if similar else f"Accepted: {', '.join(known)}."


@contextmanager
def _errors_of(context: click.Context) -> Iterator[None]:
    """Note which command an error is about, where click does not: its usage is shown with the error."""
    try:
        with _refusals(CANNOT_WRITE):  # the help and the version, while words are parsed
            yield
    except click.UsageError as error:
        error.ctx = error.ctx or context
        raise


@contextmanager
def _refusals(what: str) -> Iterator[None]:
    """Turn what the system refuses into a message; click would end with exit code 1 for a closed pipe.

    Args:
        what: the words for an error that names no file.
    """
    try:
        yield
    except OSError as error:
        give_up(sys.stdout)
        said = error.strerror or str(error)
        if isinstance(error, FileNotFoundError) and error.filename is None and not _is_somewhere():
            raise InputError("the folder that this was started in is no longer there: go to another one") from error
        raise InputError(f"{error.filename or what}: {said}") from error


def _is_somewhere() -> bool:
    try:
        return bool(Path.cwd())
    except FileNotFoundError:
        return False


def _options(command: click.Command) -> list[click.Option]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def _accepted(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return " or ".join(option.type.choices)
    return option.metavar or str(option.name).upper()
