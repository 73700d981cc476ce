"""Give broken input to whatever reads what people bring, and count what neither answers nor refuses it in one line.

    .venv/bin/python bench/fuzz_readers.py [READER]... [--seconds=60] [--seed=1]

Each reader gets files of this repository with random damage: bytes changed, parts left out, repeated or exchanged, and
what is known to hurt parsers put in between; of YAML and JSON, every second one is whole, with values of other types in
some places. A reader may give a result or an `InputError`; anything else (another
exception, more than SECONDS_EACH of processor time, more memory than MEMORY) ends the run of that reader: the input is
kept, and said is how to see it again. A seed gives the same inputs every time.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import gzip
import io
import itertools
import json
import os
import random
import resource
import shutil
import signal
import sys
import tarfile
import tempfile
import time
import traceback
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from chartgate.charts.chart_values.coalescing import coalesce
from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.chart_values.secret_values import secret_places
from chartgate.charts.reading.read import copy_chart, read_chart
from chartgate.charts.template_texts.template_reads import reads
from chartgate.documents.json_documents.json_text import load_json
from chartgate.documents.walking import leaves, nodes
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.gate.deployment import payloads, placeholders
from chartgate.gate.rules.baseline_file import read_baseline
from chartgate.gate.rules.settings_file import read_settings
from chartgate.matrix.application import read_application
from chartgate.matrix.conventional import conventional_matrix
from chartgate.matrix.scenarios import load_matrix
from chartgate.rendering.manifests import read_output
from chartgate.system.git import Repository

SECONDS_EACH = 10
MEMORY = 4 * 2**30
ROOT = Path(__file__).resolve().parent.parent
CHARTS = [ROOT / "tests/charts" / name for name in ("plain", "with-ci", "with-matrix")]
HURTS = (
    b"&a ", b"*a", b"<<: *a\n", b"? ", b": ", b"- ", b"{", b"[", b"}", b"]", b"|\n", b">-\n", b"'", b'"', b"#", b"%",
    b"@", b"---\n", b"...\n", b"%YAML 1.2\n", b"!!binary ", b"!!set ", b"!!float ", b"!<tag:x> ", b"\t", b"\r\n", b"\r",
    b"\0", "\ufeff".encode(), "\u2028".encode(), "\x85".encode(), "\u202e".encode(), b"\xff", b"\xed\xa0\x80",
    b"\x1b[31m", b"7e10483", b"1e400", b".inf", b".nan", b"0x" + b"f" * 40, b"9" * 5000, b"1_000", b"0o17",
    b"190:20:30", b"-0", b"~", b"true", b"null", b"{{ .Values.a }}", b"{{-", b"-}}", b"{{/*",
    b'"$ref": "file:///etc/passwd"', b'"pattern": "(a+)+$"', b"[" * 3000, b"{a: " * 3000, b"- " * 3000,
    b"&a [*a, *a]", b"a" * 100_000, b"\\ud800", b"..", b"/", b"metadata:", b"name:",
)  # fmt: skip
"""What is put between: tokens of the formats, numbers and characters of the edge, depth, and length."""
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 2**63, 1e300, "", "text", " ", "a.b", "[", "\u202e\n",
    [], {}, [None], {"": None}, [[]], {"a": {}},
)  # fmt: skip
"""What is put in place of a part of a document."""
STRUCTURED = (
    "yaml", "json", "manifests", "values", "metadata", "schema", "matrix", "infrastructure", "payload",
    "baseline", "ci",
)  # fmt: skip
"""The readers of YAML, of which JSON is a part."""


def main(arguments: list[str]) -> int:
    """Run each reader for its time; give 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="*", choices=[[], *READERS], metavar="READER", help=", ".join(READERS))
    parser.add_argument("--seconds", type=float, default=60, help="of processor time, for each reader (60)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one input: to see it again")
    chosen = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGVTALRM, _too_long)
    return max(_run(name, chosen) for name in chosen.readers or READERS)


def _run(name: str, chosen: argparse.Namespace) -> int:
    seeds, read = READERS[name]
    corpus = sorted(seeds())
    documents = [go_yaml.load_all(_text(content), name, []) for content in corpus] if name in STRUCTURED else []
    answered = refused = 0
    slowest, began = 0.0, _spent()
    for number in itertools.count() if chosen.only is None else [chosen.only]:
        if chosen.only is None and _spent() - began > chosen.seconds:
            break
        chance = random.Random(f"{name} {chosen.seed} {number}")  # noqa: S311 - not for secrets
        content = _with_other_types(documents, chance) if documents and number % 2 else _damaged(corpus, chance)
        started = time.process_time()
        with tempfile.TemporaryDirectory(prefix="chartgate-fuzz-") as folder:
            try:
                signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS_EACH)
                read(content, Path(folder))
                answered += 1
            except InputError:
                refused += 1
            except (Exception, SystemExit):  # noqa: BLE001 - that is what is looked for
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
                kept = Path(tempfile.gettempdir()) / f"fuzz-{name}-{chosen.seed}-{number}"
                kept.write_bytes(content)
                traceback.print_exc(limit=-8)
                _say(f"{name}: input {number} of seed {chosen.seed} failed; it is in {kept}")
                _say(f"    bench/fuzz_readers.py {name} --seed={chosen.seed} --only={number}")
                return 1
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        slowest = max(slowest, time.process_time() - started)
    _say(
        f"{name}: {answered + refused} inputs in {chosen.seconds:g} s of processor time (seed {chosen.seed}):"
        f" {answered} answered, {refused} refused, the slowest took {slowest:.2f} s"
    )
    return 0


def _spent() -> float:
    """Give the seconds of processor time of this process and of the tools that it has started."""
    return sum(os.times()[:4])


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _too_long(_number: int, _frame: types.FrameType | None) -> None:
    raise TimeoutError(f"more than {SECONDS_EACH} s of processor time")


def _damaged(corpus: list[bytes], chance: random.Random) -> bytes:
    """Give one file of the corpus with one to six kinds of damage."""
    content = bytearray(chance.choice(corpus))
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(content) + 1)
        end = min(len(content), start + chance.choice((1, 4, 40, 400)))
        match chance.randrange(6):
            case 0:
                content[start:start] = chance.choice(HURTS)
            case 1:
                content[start:end] = chance.choice(HURTS)
            case 2:
                del content[start:end]
            case 3:
                content[start:start] = content[start:end] * chance.choice((1, 2, 50))
            case 4:
                other = chance.choice(corpus)
                at = chance.randrange(len(other) + 1)
                content[start:end] = other[at : at + chance.choice((4, 40, 400))]
            case _:
                content[start : start + 1] = bytes([chance.randrange(256)])
    return bytes(content)


def _with_other_types(documents: list[list[Any]], chance: random.Random) -> bytes:
    """Give one file of the corpus with something else in place of one to four of its parts, as JSON, which is YAML."""
    changed = copy.deepcopy(chance.choice(documents))
    for _ in range(chance.randint(1, 4)):
        holders = [node for _, node in nodes(changed) if isinstance(node, dict | list) and node]
        holder = chance.choice(holders)
        place = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        if isinstance(holder, dict) and chance.random() < 0.2:
            holder[chance.choice(("", "a b", "\u202e", "5", place + "x"))] = holder.pop(place)
        else:
            holder[place] = copy.deepcopy(chance.choice((*ODD, changed[0])))
    return "\n---\n".join(json.dumps(document) for document in changed).encode()


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _read_yaml(content: bytes, _: Path) -> None:
    documents = go_yaml.load_all(_text(content), "input", [])
    for document in documents:
        go_yaml.load(go_yaml.dump(document), "what was written")


def _read_json(content: bytes, _: Path) -> None:
    load_json(_text(content), "input")


def _read_manifests(content: bytes, _: Path) -> None:
    given = read_output(f"---\n# Source: chart/templates/a.yaml\n{_text(content)}", "shop")
    for found in given[0]:
        str(found.identity)


def _read_chart_with(file: str) -> Callable[[bytes, Path], None]:
    """Give the reader of a chart in which one file is the input."""

    def read(content: bytes, folder: Path) -> None:
        copy = copy_chart(CHARTS[1], folder)
        (copy / file).write_bytes(content)
        chart = read_chart(copy, "input")
        coalesce(chart, {"global": {"a": 1}, "b": None})
        rules = Rules(chart)
        rules.accept(chart.defaults)
        rules.refused_in(chart.defaults)
        for address, value in itertools.islice(leaves(chart.defaults), 20):
            list(itertools.islice(rules.others(address, value), 20))
        secret_places(chart, chart.defaults)
        reads(chart)

    return read


def _read_archive(content: bytes, folder: Path) -> None:
    archive = folder / "input.tgz"
    archive.write_bytes(content)
    read_chart(copy_chart(archive, folder / "copy"), "input.tgz")


def _read_tar(content: bytes, folder: Path) -> None:
    """Read damage below the compression, whose sum would give it away."""
    _read_archive(gzip.compress(content, 1), folder)


def _read_matrix(content: bytes, folder: Path) -> None:
    shutil.copytree(CHARTS[2], folder, dirs_exist_ok=True)
    file = folder / "matrix.yaml"
    file.write_bytes(content)
    load_matrix(file, read_chart(folder, "input"), "")


def _read_baseline(content: bytes, folder: Path) -> None:
    file = folder / "baseline.yaml"
    file.write_bytes(content)
    read_baseline(str(file), "rhdh-helm")


def _read_settings(content: bytes, folder: Path) -> None:
    (folder / "chartgate.toml").write_bytes(content)
    read_settings(folder)


def _read_ci(content: bytes, folder: Path) -> None:
    copy = copy_chart(CHARTS[1], folder)
    (copy / "ci/input-values.yaml").write_bytes(content)
    conventional_matrix(read_chart(copy, "input"), "")


def _read_infrastructure(content: bytes, folder: Path) -> None:
    file = folder / "infrastructure.yaml"
    file.write_bytes(content)
    application = read_application(file, "rhdh-helm")
    list(placeholders(application.values))


def _read_payload(content: bytes, folder: Path) -> None:
    file = folder / "np-hub-secret-4.json"
    file.write_bytes(content)
    payloads(folder / "infrastructure.yaml", ["np-hub-secret-4"], [])


def _read_reference(content: bytes, _: Path) -> None:
    with contextlib.suppress(ValueError):  # the system itself takes no NUL in an argument
        Repository(ROOT).commit(_text(content[:200]))


def _packed(mode: Literal["w", "w:gz"]) -> Iterator[bytes]:
    """Give charts as archives."""
    for chart in CHARTS:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode=mode) as tar:
            tar.add(chart, chart.name)
        yield packed.getvalue()


def _in(*patterns: str) -> Callable[[], Iterator[bytes]]:
    """Give what the files of this repository hold."""
    return lambda: (file.read_bytes() for pattern in patterns for file in ROOT.glob(pattern) if file.is_file())


BASELINES = [
    b"format: 1\nchart: rhdh-helm\nfindings:\n"
    b"- {fingerprint: images_are_pinned Deployment web spec, severity: error, since: '2026-11-27', who: a, why: b}\n"
    b"- {fingerprint: names_fit Secret b, severity: warning, since: '2026-01-01'}\n"
]
SETTINGS = [
    b'chart = "chart"\nmatrix = "tests/matrix.yaml"\npolicies = ["kubernetes", "rules"]\nbaseline = "baseline.yaml"\n'
    b'fail_on = "warning"\npod_security = "restricted"\nguard_packs = true\n[disable]\nno_dead_values = "generated"\n'
    b'[severity]\nimages_are_pinned = {to = "error", reason = "we mirror them"}\n',
    b"[tool.chartgate]\nguard_packs = 1979-05-27T07:32:00Z\nchart = 0x_1\nmatrix = inf\n",
]
TOGGLES = (
    b"chart: .\nrelease: web\nnamespace: shop\ntoggles:\n  settings: settings.enabled\n"
    b"  more: {settings.enabled: true, replicas: 2, image: x}\n"
    b"  other: {values: {replicas: 3}, switch: settings.enabled}\n"
    b"axes: {size: {one: {replicas: 1}, two: {replicas: 2}}}\nscenarios: {a: {toggles: all, axes: {size: two}}}\n"
    b"refusals: {b: {values: {replicas: x}, stderr: [replicas]}}\n"
)

REFERENCES = (b"HEAD", b"HEAD~1", b"HEAD^{commit}", b"HEAD^", b"@{0}", b"@~2^{}")

READERS: dict[str, tuple[Callable[[], Iterator[bytes]], Callable[[bytes, Path], None]]] = {
    "yaml": (_in("chart/*.yaml", "chart/charts/**/values.yaml", "tests/snapshots/**/*.yaml"), _read_yaml),
    "json": (_in("chart/**/*.json", "tests/schemas/*.json", "docs/*.json"), _read_json),
    "manifests": (_in("tests/snapshots/**/*.yaml"), _read_manifests),
    "values": (_in("chart/**/values.yaml", "tests/charts/*/values.yaml"), _read_chart_with("values.yaml")),
    "metadata": (_in("chart/**/Chart.yaml", "tests/charts/*/Chart.yaml"), _read_chart_with("Chart.yaml")),
    "schema": (_in("chart/**/values.schema.json"), _read_chart_with("values.schema.json")),
    "helmignore": (_in("chart/.helmignore", "README.md"), _read_chart_with(".helmignore")),
    "template": (_in("chart/**/templates/*"), _read_chart_with("templates/input.yaml")),
    "archive": (lambda: _packed("w:gz"), _read_archive),
    "tar": (lambda: _packed("w"), _read_tar),
    "matrix": (
        lambda: itertools.chain([TOGGLES], _in("tests/matrix.yaml", "tests/charts/*/matrix.yaml")()),
        _read_matrix,
    ),
    "baseline": (lambda: iter(BASELINES), _read_baseline),
    "settings": (lambda: iter(SETTINGS), _read_settings),
    "ci": (_in("chart/ci/*.yaml", "tests/charts/*/ci/*.yaml", "tests/charts/*/values.yaml"), _read_ci),
    "infrastructure": (_in("examples/np-hub/infrastructure.yaml"), _read_infrastructure),
    "payload": (_in("examples/np-hub/*.json"), _read_payload),
    "reference": (lambda: iter(REFERENCES), _read_reference),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
