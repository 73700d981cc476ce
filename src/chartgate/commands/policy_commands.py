"""`chartgate policies` and `chartgate explain`: which policies there are, and what one or a class of risk is about."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartgate.commands.grouped_commands import GateCommand
from chartgate.commands.shared_options import choice_of, policies_option
from chartgate.commands.streams import write_out
from chartgate.errors import InputError

if TYPE_CHECKING:
    from chartgate.catalogs.policy_examples import Example
    from chartgate.gate.rules.settings import Settings
    from chartgate.policy.policy import Policy

SEVERITIES = ("error", "warning")
"""Written out, since importing them takes a while."""


@click.command(cls=GateCommand)
@click.argument("sources", nargs=-1, metavar="[FOLDER_OR_PACK]...", type=click.Path())
@click.option(
    "--family",
    "families",
    multiple=True,
    metavar="NAME",
    show_default="all",
    help="Only those of this family, or of this package of families. May be given several times.",
)
@click.option("--severity", type=click.Choice(SEVERITIES), default=None, show_default="both", help="Only those.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "markdown", "json"]),
    default=None,
    show_default="table at a terminal, else markdown",
    help="The form of the list.",
)
def policies(sources: tuple[str, ...], families: tuple[str, ...], severity: str | None, form: str | None) -> None:
    """List the policies.

    Each FOLDER_OR_PACK is a package of policies [default: those of the settings, else every pack, and policies/ where
    there is one]. `chartgate explain POLICY` tells more of one.
    """
    from chartgate.catalogs.policy_catalog import policy_json, policy_list, policy_table
    from chartgate.documents.words import listed, near
    from chartgate.gate.rules.settings import policy_sources
    from chartgate.gate.rules.settings_file import read_settings
    from chartgate.policy.loading import load_policies

    settings = read_settings(Path.cwd())
    every = load_policies(policy_sources(sources, settings, Path.cwd()))
    known = sorted({name for policy in every for name in (*policy.packages, policy.family)})
    for name in families:
        if name not in known:
            there = near(name, known) or known
            raise InputError(f"there is no family {name!r} among these policies; there is: {listed(there, 80)}")
    found = [
        policy
        for policy in every
        if (not families or {*policy.packages, policy.family} & {*families}) and severity in (None, policy.severity)
    ]
    form = form or ("table" if sys.stdout is not None and sys.stdout.isatty() else "markdown")
    if form == "markdown":
        write_out(policy_table(found))
    else:
        write_out((policy_json if form == "json" else policy_list)(found, settings))


def _names_like(_context: click.Context, _argument: click.Parameter, beginning: str) -> list[str]:
    from chartgate.policy.loading import load_policies, packs_there
    from chartgate.review.risks.risk_classes import CLASSES

    known = [policy.name for policy in load_policies([f"pack:{name}" for name in packs_there()])]
    return sorted(name for name in (*known, *CLASSES) if name.startswith(beginning))


@click.command(cls=GateCommand)
@click.argument("name", metavar="POLICY_OR_RISK", shell_complete=_names_like)
@policies_option("Look among these policies.", "those of the settings, else ")
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "markdown", "json"]),
    default="terminal",
    show_default=True,
    help="The form of the explanation.",
)
def explain(name: str, policies: tuple[str, ...], form: str) -> None:
    """Explain a policy, or a class of risk.

    POLICY_OR_RISK is its exact name, as reports of `chartgate check` and `chartgate review` give it. Told are why it
    is demanded and who says so, what it looks at, an example of a finding, the better form, and how to waive it.
    """
    from chartgate.catalogs.explained_texts import json_explanation, markdown_explanation, terminal_explanation
    from chartgate.catalogs.explanation import explained_policy, explained_risk
    from chartgate.documents.words import listed, near
    from chartgate.gate.rules.settings import policy_sources
    from chartgate.gate.rules.settings_file import read_settings
    from chartgate.policy.loading import load_policies
    from chartgate.review.risks.risk_classes import CLASSES

    settings = read_settings(Path.cwd())
    known = {policy.name: policy for policy in load_policies(policy_sources(policies, settings, Path.cwd()))}
    today = datetime.datetime.now(datetime.UTC).date()
    if name in known:
        choice = choice_of("", "", settings=settings)
        matrix = choice.matrix or choice.default_matrix
        example = _example(known[name], settings, policies)
        explained = explained_policy(known[name], settings, example, matrix, today)
    elif name in CLASSES:
        explained = explained_risk(CLASSES[name], today)
    else:
        meant = near(name, [*known, *CLASSES], 5)
        hint = f"did you mean {listed(meant, 5)}?" if meant else "`chartgate policies` and `chartgate risks` list them"
        raise InputError(f"there is no policy and no class of risk {name!r}: {hint}")
    forms = {"terminal": terminal_explanation, "markdown": markdown_explanation, "json": json_explanation}
    write_out(forms[form](explained))


def _example(policy: Policy, settings: Settings, sources: tuple[str, ...]) -> Example | str:
    """Make an example; that of a policy which speaks of the project's scenarios, from its matrix."""
    from chartgate.catalogs.policy_examples import example_of
    from chartgate.gate.gate import open_gate
    from chartgate.gate.judgement import Judgement
    from chartgate.gate.rules.settings import policy_sources
    from chartgate.matrix.choice import copy_for_run
    from chartgate.system.scratch import make_private, scratch_folder

    choice = choice_of("", "", settings=settings)
    if any(example.manifests for example in policy.counterexamples) or not (choice.matrix or choice.default_matrix):
        return example_of(policy, None)
    with scratch_folder() as scratch:
        try:
            gate = open_gate(
                choice,
                policy_sources(sources, settings, Path.cwd()),
                scratch,
                copied_chart=copy_for_run(choice, scratch),
                options=(),
                is_selection=True,
                settings=settings,
            )
        except InputError as error:  # it is explained without a chart that can be used, or without helm
            return str(error)
        make_private(scratch)
        return example_of(policy, Judgement(gate))
