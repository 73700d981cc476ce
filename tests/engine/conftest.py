"""Fixtures of the engine's tests: the real tools, a toy chart, and whole projects around it."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from chartgate.documents.yaml_texts import go_yaml
from chartgate.model import Chart
from chartgate.system import toolchain
from chartgate.system.toolchain import Tools
from tests.engine.toys import MATRIX, TOY, Wrapper, chart_from, wrapper, write

SETTINGS = """
[tool.pytest]
strict = true
pythonpath = ["."]
testpaths = ["tests"]
filterwarnings = ["error"]

[tool.chartgate]
matrix = "tests/matrix.yaml"
policies = ["rules"]
fail_on = "warning"
"""

POLICIES = '''
from chartgate.policy.checks import equals, rendered
from chartgate.policy.policy import policy


def secret_on(scenario):
    return scenario.value("secret.enabled") is True


@policy(severity="error", remediation="Name it after the release.", spec="Names")
def config_is_rendered(rendering):
    """Every release has its ConfigMap."""
    yield rendered(rendering, "ConfigMap", f"{rendering.scenario.release}-config")


@config_is_rendered.counterexample("off")
def nothing_is_left(rendering):
    rendering.resources.clear()
    return rendering


@policy(where=secret_on, severity="warning", remediation="Copy the token as it is.")
def token_arrives(rendering):
    """The Secret holds the token of the values."""
    secret = rendering.resources.one("Secret", f"{rendering.scenario.release}-secret")
    yield equals(secret.place("stringData.token"), rendering.scenario.value("secret.token"))


@token_arrives.counterexample("secret")
def another_token(rendering):
    secret = rendering.resources.one("Secret", "demo-secret")
    secret.manifest["stringData"]["token"] = "other"
    return rendering
'''

GENERIC = '''
from chartgate.policy.checks import exists
from chartgate.policy.policy import policy


@policy(severity="error", remediation="Give it data.")
def config_has_data(rendering):
    """Every ConfigMap has data."""
    for config in rendering.resources.of_kind("ConfigMap"):
        yield exists(config.place("data"))


CONFIG = "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a}\\ndata: {}\\n"
SERVICE = "apiVersion: v1\\nkind: Service\\nmetadata: {name: a}\\nspec: {ports: []}\\n"


@config_has_data.counterexample(manifests=CONFIG)
def no_data(rendering):
    del rendering.resources[0].manifest["data"]
    return rendering


@policy(severity="error", remediation="Give it ports.")
def service_has_ports(rendering):
    """Every Service has ports."""
    for service in rendering.resources.of_kind("Service"):
        yield exists(service.place("spec.ports"))


@service_has_ports.counterexample(manifests=SERVICE)
def no_ports(rendering):
    del rendering.resources[0].manifest["spec"]["ports"]
    return rendering
'''


@pytest.fixture(autouse=True)
def forgotten_rules() -> Iterator[None]:
    """Forget the policies of a toy project that ran in this process: the next one has a package of the same name."""
    yield
    for name in [name for name in sys.modules if name == "rules" or name.startswith("rules.")]:
        del sys.modules[name]


@pytest.fixture
def heard_signals() -> Iterator[None]:
    """Let what is started here hear the signals that a shell lets its work in the background ignore."""
    meant = (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
    ignored = [number for number in meant if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(scope="session")
def tools() -> Tools:
    """Give the provisioned helm and kubectl."""
    return toolchain.find()


@pytest.fixture
def toy(tmp_path: Path) -> Chart:
    """Give the toy chart, read from tmp_path/toy."""
    return chart_from(tmp_path / "toy", TOY)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@dataclass(frozen=True)
class Project:
    """A project like this repository, with the toy chart, a matrix and two policies; pytest collects the matrix."""

    root: Path
    pytester: pytest.Pytester
    helm: Wrapper

    def run(self, *arguments: str) -> pytest.RunResult:
        """Run pytest with a helm that counts its starts."""
        self.helm.forget()
        return self.run_plainly(f"--helm={self.helm.path}", *arguments)

    def run_plainly(self, *arguments: str) -> pytest.RunResult:
        """Run pytest as a person would type it."""
        # A process of its own costs most of a second; only xdist needs one.
        run = self.pytester.runpytest_subprocess if "-n" in arguments else self.pytester.runpytest_inprocess
        # syrupy keeps its session in a global variable, which a run in this process would take from ours; hypothesis,
        # and anyio that watchfiles brings, take a third of what a process needs to start, and have no use here.
        unused = ("syrupy", "hypothesispytest", "anyio", "xdist.looponfail", "doctest", "unittest", "legacypath")
        return run(*(word for name in unused for word in ("-p", f"no:{name}")), *arguments)

    def collected(self, *arguments: str) -> list[str]:
        """Give the names of the items that these arguments select."""
        result = self.run_plainly("--collect-only", "-q", *arguments)
        return [line.partition("::")[2] for line in result.outlines if "::" in line]

    def write(self, files: Mapping[str, str]) -> None:
        """Write files below the project's root."""
        write(self.root, files)

    def rendered(self) -> list[str]:
        """Give the values of every `helm template` of the last run, as one line each."""
        return sorted(json.dumps(go_yaml.load(start.stdin, "stdin")) for start in self.helm.starts("template"))


@pytest.fixture
def project(
    pytester: pytest.Pytester,
    tmp_path: Path,
    tools: Tools,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Project:
    """Write a project into pytester's folder; pytester gives it a HOME of its own, so we say where our tools are."""
    request.getfixturevalue("helm_asked_once")
    monkeypatch.setenv("CHARTGATE_CACHE", str(tools.helm.parents[1]))
    # On a CI server pytest repeats whole messages in its summary.
    for variable in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(variable, raising=False)
    write(pytester.path / "toy", TOY)
    write(
        pytester.path,
        {
            "pyproject.toml": SETTINGS,
            "tests/matrix.yaml": MATRIX,
            "rules/__init__.py": "",
            "rules/shop/__init__.py": "",
            "rules/shop/identity.py": POLICIES,
        },
    )
    return Project(pytester.path, pytester, wrapper(tmp_path / "wrapped", tools.helm))
