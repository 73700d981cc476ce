"""What earlier runs found of the very same input: which scenarios render, and what policies said of cases.

A key holds everything that an answer depends on: the engine with all that is installed beside it, the policy's code,
the chart, the tools, the hooks, and all that is known of each scenario of the case. Waivers, baseline, severities and
the date come after it, and are no part of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chartgate.charts.chart_values.secret_values import ValueTexts, value_texts
from chartgate.charts.reading.read import files_digest
from chartgate.gate.kept_checks import NotPlainError, kept, read_kept
from chartgate.gate.rules.own_policies import OwnPolicies
from chartgate.gate.scenario_keys import ScenarioKeys
from chartgate.model import Case, Check, Rendering, Scenario
from chartgate.policy.policy import THE_CHART, Counterexample, Policy
from chartgate.rendering.renderings import Renderings, names_of
from chartgate.system.code_digests import engine_digest
from chartgate.system.store import key_of

_UNREADABLE = (ValueError, KeyError, TypeError, RecursionError)
_HELD = b"1"


class Memory:
    """Looks up what earlier runs found, and keeps what this one finds until it ends."""

    def __init__(self, renderings: Renderings, own: OwnPolicies, scenarios: Mapping[str, Scenario]) -> None:
        """Remember nothing where there is no store, or code or tools are not known by their content.

        Args:
            renderings: those of the run, which know its chart, tools and store.
            own: the code of the project's own policies.
            scenarios: those of the matrix, by name: what others are derived from.
        """
        self._renderings = renderings
        self._store = renderings.store
        self._own = own
        self._known = scenarios
        is_kept = self._store.is_used and renderings.helm_digest
        self._engine = (own.engine or engine_digest()) if is_kept else ""
        self._around = key_of("around", self._engine, *self._tools()) if self._engine else ""
        self._given = key_of("given", self._around, *self._inputs()) if self._engine else ""
        self._key_of_scenario = ScenarioKeys(scenarios)
        self._case_keys: dict[tuple[str, str], tuple[Case, str]] = {}
        self._names: dict[str, frozenset[str] | None] = {}
        self._ahead: dict[tuple[str, str], bytes | None] = {}
        self._checks: dict[tuple[str, str], tuple[Check, ...] | None] = {}
        self._found: dict[str, bytes] = {}
        self._kept: set[str] = set()
        self._lasting: dict[str, bool] = {}
        self._is_whole = True

    def _inputs(self) -> list[object]:
        """Give what is the same for all answers of a run, besides the tools."""
        chart = self._renderings.chart
        return [chart.digest, files_digest(chart.ci_values), chart.source, chart.not_fetched]

    def _tools(self) -> list[object]:
        """Give what the same chart is rendered by, and looked at."""
        renderings = self._renderings
        digests = [renderings.helm_digest, renderings.kubectl_digest, renderings.shellcheck.digest]
        return [digests, list(map(repr, renderings.hooks))]

    def renders(self, scenario: Scenario) -> bool:
        """Tell whether a scenario is known to render, with its hooks; then the run knows the names in it."""
        if not self._given or scenario.is_trial:
            return False
        name = scenario.name
        if name not in self._names:
            content = self._store.get(self._key_of_names(scenario))
            try:
                self._names[name] = None if content is None else frozenset(map(str, json.loads(content)))
            except _UNREADABLE:
                self._names[name] = None
            self._renderings.add_names(self._names[name] or frozenset())
        return self._names[name] is not None

    def keep_rendering(self, rendering: Rendering) -> None:
        """Keep that a scenario renders."""
        scenario = rendering.scenario
        if not self._given or scenario.is_trial or scenario.name in self._kept:
            return
        self._kept.add(scenario.name)
        is_lasting = self._is_lasting(scenario)
        self._is_whole &= is_lasting
        if is_lasting and not (rendering.error or rendering.hook_error):
            content = json.dumps(sorted(names_of(rendering.resources))).encode()
            self._found[self._key_of_names(scenario)] = content

    def look_ahead(self, cases: Iterable[tuple[Policy, Case]]) -> None:
        """Read at once what is there of these, which are then asked for one by one: that takes three times as long."""
        if not self._given:
            return
        keys = {(policy.name, case.name): self._key_of_case(policy, case) for policy, case in cases}
        found = self._store.get_all([key for key in keys.values() if key])
        self._ahead |= {place: found.get(key) for place, key in keys.items()}

    def checks(self, policy: Policy, case: Case) -> tuple[Check, ...] | None:
        """Give what counts of the checks of a policy on a case; None where they are not known."""
        if not self._given:
            return None
        place = policy.name, case.name
        if place not in self._checks:
            self._checks[place] = self._read_checks(policy, case)
        return self._checks[place]

    def _read_checks(self, policy: Policy, case: Case) -> tuple[Check, ...] | None:
        content = self._content_of(policy, case)
        try:
            checks = None if content is None else read_kept(content)
        except _UNREADABLE:
            return None
        if checks is None or (policy.over == THE_CHART and all(check.passed for check in checks)):
            return checks
        return checks if all(scenario.is_trial or self.renders(scenario) for scenario in case) else None

    def _content_of(self, policy: Policy, case: Case) -> bytes | None:
        place = policy.name, case.name
        if place in self._ahead:
            return self._ahead.pop(place)
        key = self._key_of_case(policy, case)
        return self._store.get(key) if key else None

    def knows_renderings(self, policy: Policy) -> bool:
        """Tell whether what a policy says may be known of equal renderings, where it looks at nothing else."""
        if not self._given or not self._code_of(policy) or policy.explores is not None or policy.rerenders:
            return False
        if policy.over == THE_CHART:
            return False
        return policy.is_of_a_pack or not self._own.keeps_something(policy)

    def equal_checks(self, policy: Policy, case: Case, renderings: Sequence[Rendering]) -> tuple[Check, ...] | None:
        """Give what a policy said of the very same renderings, whatever chart they were of, where it saw nothing else.

        Args:
            policy: what judges.
            case: what it judges.
            renderings: those of the case; none where `knows_renderings` says no.
        """
        key = self._key_of_renderings(policy, case, renderings)
        content = self._store.get(key) if key else None
        if content is None:
            return None
        try:
            checks = read_kept(content)
        except _UNREADABLE:
            return None
        self.keep_checks(policy, case, checks)
        return checks

    def keep_checks(
        self, policy: Policy, case: Case, checks: Sequence[Check], renderings: Sequence[Rendering] = ()
    ) -> None:
        """Keep what a policy said of a case all of whose scenarios render.

        Args:
            policy: what has judged.
            case: what it has judged.
            checks: what it said.
            renderings: the same, where nothing else has decided.
        """
        key = self._key_of_case(policy, case)
        self._is_whole &= bool(key) and all(map(self._is_lasting, case))
        if key and all(map(self._is_lasting, case)):
            try:
                self._found[key] = kept(checks)
            except (NotPlainError, RecursionError):
                return
            if of_renderings := self._key_of_renderings(policy, case, renderings):
                self._found[of_renderings] = self._found[key]

    def is_proved(self, counterexample: Counterexample, starts_from: Sequence[Scenario]) -> bool:
        """Tell whether a counterexample is known to prove that its policy can fail."""
        key = self._key_of_proof(counterexample, starts_from)
        return bool(key) and self._store.get(key) == _HELD and all(map(self.renders, starts_from))

    def keep_proof(self, counterexample: Counterexample, starts_from: Sequence[Scenario]) -> None:
        """Keep that it does."""
        key = self._key_of_proof(counterexample, starts_from)
        if key and all(map(self._is_lasting, starts_from)):
            self._found[key] = _HELD

    def texts(self, scenarios: Sequence[Scenario]) -> ValueTexts:
        """Give the texts in the values of these scenarios, secret and not."""
        chart = self._renderings.chart
        if not self._given:
            return value_texts((chart, scenario.values) for scenario in scenarios)
        key = key_of("texts", self._given, *map(self._key_of_scenario, scenarios))
        content = self._store.get(key)
        if content is not None:
            try:
                secrets, plain = (frozenset(map(str, texts)) for texts in json.loads(content))
                return ValueTexts(secrets, plain)
            except _UNREADABLE:
                pass
        texts = value_texts((chart, scenario.values) for scenario in scenarios)
        self._found[key] = json.dumps([sorted(texts.secrets), sorted(texts.plain)]).encode()
        return texts

    def key_of_all(self, policies: Sequence[Policy], *parts: object) -> str:
        """Give the key of something that all scenarios of the matrix, the code of policies and some parts make.

        Empty where it must be made anew.
        """
        codes = list(map(self._code_of, policies))
        if not (self._given and all(codes)):
            return ""
        return key_of("all", self._given, codes, parts, *map(self._key_of_scenario, self._known.values()))

    def look_up(self, key: str) -> Any:
        """Give what was kept there; None where nothing is, or no JSON."""
        content = self._store.get(key) if key else None
        try:
            return None if content is None else json.loads(content)
        except _UNREADABLE:
            return None

    def keep(self, key: str, known: Any, scenarios: Iterable[Scenario]) -> None:
        """Keep what JSON can write, if the scenarios that it is about render the same each time."""
        if key and all(map(self._is_lasting, scenarios)):
            self._found[key] = json.dumps(known).encode()

    def keep_run(self, key: str, policies: Sequence[Policy], said: Mapping[str, Any]) -> None:
        """Keep what a run by these policies said, if none of what it has judged may be different next time."""
        if self._given and self._is_whole and all(map(self._code_of, policies)):
            self._found[key] = json.dumps({"engine": self._engine, **said}).encode()

    def close(self) -> None:
        """Hand on what was found, and end the store."""
        self.hand_on()
        self._store.close()

    def hand_on(self) -> None:
        """Give what was found to the store, unless the code that found it may have changed meanwhile."""
        if self._found and engine_digest() == self._engine and self._own.is_unchanged():
            for key, content in self._found.items():
                self._store.put(key, content)
        self._found.clear()

    def _is_lasting(self, scenario: Scenario) -> bool:
        if scenario.name in self._renderings.unanswered:
            return False
        if scenario.name not in self._lasting:
            self._lasting[scenario.name] = self._renderings.is_lasting(scenario)
        return self._lasting[scenario.name]

    def _key_of_names(self, scenario: Scenario) -> str:
        return key_of("names", self._given, self._key_of_scenario(scenario))

    def _key_of_case(self, policy: Policy, case: Case) -> str:
        place = policy.name, case.name
        known = self._case_keys.get(place)
        if known is not None and known[0] is case:
            return known[1]
        code, key = self._code_of(policy), ""
        if self._given and code:
            key = key_of("checks", self._given, code, policy.name, case.name, *map(self._key_of_scenario, case))
        self._case_keys[place] = case, key
        return key

    def _key_of_renderings(self, policy: Policy, case: Case, renderings: Sequence[Rendering]) -> str:
        """Give a key that knows of the chart only what helm made of it; empty where something does not render."""
        if not renderings or not all(one.digest and not one.hook_error for one in renderings):
            return ""
        known = [*map(self._key_of_scenario, case), *(one.digest for one in renderings)]
        return key_of("equal", self._around, self._code_of(policy), policy.name, case.name, *known)

    def _key_of_proof(self, counterexample: Counterexample, starts_from: Sequence[Scenario]) -> str:
        code = self._code_of(counterexample.policy)
        if not self._given or not code:
            return ""
        return key_of("proof", self._given, code, str(counterexample), *map(self._key_of_scenario, starts_from))

    def _code_of(self, policy: Policy) -> str:
        return f"pack {policy.function.__module__}" if policy.is_of_a_pack else self._own.digest_of(policy)
