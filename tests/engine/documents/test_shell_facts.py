"""What is read out of a script: commands and their words, files, variables."""

from __future__ import annotations

import pytest

from chartgate.documents.shell.shell_facts import facts_of, set_options


def _words(script: str, **known: str) -> list[list[str | None]]:
    facts = facts_of(script)
    assert facts is not None
    return [[word.resolved(known) for word in command.words] for command in facts.commands]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("run a 'b c' \"d e\"", [["run", "a", "b c", "d e"]]),
        ('run "$DIR/x y" ${DIR}/z', [["run", "/opt/x y", "/opt/z"]]),
        ('run "a $DIR b"', [["run", "a /opt b"]]),
        ("run a\\ b \"c\\$d\" '$e'", [["run", "a b", "c$d", "$e"]]),
        (
            "run $OTHER ${DIR:-x} $(date) `date` *.sql ~/x",
            [["run", None, None, None, None, None, None], ["date"], ["date"]],
        ),
        ("A=1 run <in >out b 2>&1", [["run", "b"]]),
        ("a | b && c || d; e & f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("# run\ncat <<'END'\nrun $DIR\nEND\n", [["cat"]]),
        ("run \\\n  more", [["run", "more"]]),
    ],
)
def test_words(script: str, words: list[list[str | None]]) -> None:
    assert _words(script, DIR="/opt") == words


@pytest.mark.parametrize(
    ("script", "reads"),
    [
        ('echo "$A" ${B}', {"A": "", "B": ""}),
        ("echo ${A:-x} ${B-} ${C:+y} ${D:=z}", {"A": "optional", "B": "optional", "C": "optional", "D": "optional"}),
        (': "${A:?}" ${B?no}', {"A": "demanded", "B": "demanded"}),
        ("echo ${A%%x} ${#B} ${C[0]:1} $1 $@ $$", {"A": "", "B": ""}),
        ("echo '$A' \\$B $((C + 1))", {}),
        ("cat <<END\n$A\nEND\ncat <<'END'\n$B\nEND\n", {"A": ""}),
    ],
)
def test_variables_that_are_read(script: str, reads: dict[str, str]) -> None:
    facts = facts_of(script)
    assert facts is not None
    kinds = {
        read.name: "optional" if read.is_optional else "demanded" if read.is_demanded else "" for read in facts.reads
    }
    assert kinds == reads


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ("A=1; export B=2; local C=3; readonly D=4", {"A", "B", "C", "D"}),
        ("export A", set()),
        ("for A in 1 2; do read -r B C; done", {"A", "B", "C"}),
        ("mapfile -t A < x; printf -v B x; getopts ab C; : ${D:=1}", {"A", "B", "C", "D"}),
        ("declare -A A; A[1]=2", {"A"}),
        ("A=1 run", {"A"}),
    ],
)
def test_variables_that_are_set(script: str, names: set[str]) -> None:
    facts, nothing = facts_of(script), facts_of("")
    assert facts is not None
    assert nothing is not None
    assert facts.sets - nothing.sets == names


def test_files() -> None:
    facts = facts_of("a > /x 2>> /y < /z; b &> /w || true; c 2>&1")
    assert facts is not None
    found = [
        (str(r.target.resolved({})), r.is_output, r.is_forgiven) for r in facts.redirections if r.target.text != "1"
    ]
    assert found == [("/x", True, False), ("/y", True, False), ("/z", False, False), ("/w", True, True)]


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["-eu", "-o", "pipefail"], {"errexit", "nounset", "pipefail"}),
        (["-o", "errexit"], {"errexit"}),
        (["-x", "--norc", "+e"], set()),
    ],
)
def test_options(words: list[str], options: set[str]) -> None:
    assert set_options(words) == options


@pytest.mark.parametrize("script", ["if", 'echo "open', "a\0b", "x" * 300_000, "$(" * 200 + ")" * 200])
def test_what_is_not_understood(script: str) -> None:
    assert facts_of(script) is None
