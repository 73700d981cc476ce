"""A start script of a few plain statements, played instead of matched: what does the program at its end get to see?

It knows assignments, `export`, `:`, quotes and the expansions that give defaults. Everything else is refused, so a
script that it accepts does in a real shell what it does here; `tests/chart` starts that real shell.
"""

from __future__ import annotations

import re
from itertools import takewhile

_TOKEN = re.compile(r"""(?P<blank>[ \t]+|\\\n)|(?P<end>;|&&|\n)|(?P<word>(?:'[^']*'|"[^"]*"|[^\s;&|<>()'"#\\`])+)""")
_PIECE = re.compile(r"""'(?P<literal>[^']*)'|"(?P<quoted>[^"]*)"|(?P<bare>[^'"]+)""")
_EXPANSION = re.compile(r"\$\{([A-Za-z_]\w*)(?:(:?)([-=+])([^${}]*))?\}|\$([A-Za-z_]\w*)")
_ASSIGNMENT = re.compile(r"(?<!\w)([A-Za-z_]\w*+)=(.*+)", re.DOTALL)
_EXPORTED = re.compile(r"[A-Za-z_]\w*+(=|\Z)")
_COMMENT_LINE = re.compile(r"^[^\S\n]*+#.*+", re.MULTILINE)
_NOT_PLAYED = re.compile(r"[$`\\]")
_HARMLESS = re.compile(r"set( -e| -o pipefail| -eo pipefail)+")


class NotUnderstood(Exception):
    """The script holds something that is not played here."""


def environment_of(program: str, script: str, environment: dict[str, str]) -> dict[str, str] | None:
    """Give the variables with which a script starts a program, or None when it does not start it.

    Raises:
        NotUnderstood: a statement before that start is not one of those that are played here.
    """
    shell = _Shell(environment)
    for words in _statements(script):
        before = list(takewhile(_ASSIGNMENT.fullmatch, words))
        command = words[len(before) :]
        if [word for word in command if word != "exec"][:1] == [program] and command[0] in ("exec", program):
            shell.export(before)
            return shell.environment
        shell.run(before, command)
    return None


class _Shell:
    def __init__(self, environment: dict[str, str]) -> None:
        self.variables = dict(environment)
        self.exported = set(environment)

    @property
    def environment(self) -> dict[str, str]:
        return {name: self.variables[name] for name in self.exported & self.variables.keys()}

    def run(self, before: list[str], command: list[str]) -> None:
        if not command:
            self._assign(before)
        elif command[0] == "export" and not before:
            self.export(command[1:])
        elif command[0] == ":" and not before:
            for word in command[1:]:
                self._expand(word)
        elif not _HARMLESS.fullmatch(" ".join([*before, *command])):
            raise NotUnderstood(" ".join([*before, *command]))

    def export(self, words: list[str]) -> None:
        if not all(_EXPORTED.match(word) for word in words):
            raise NotUnderstood(f"export {' '.join(words)}")
        self._assign(words)
        self.exported |= {word.partition("=")[0] for word in words}

    def _assign(self, words: list[str]) -> None:
        for word in words:
            if assigned := _ASSIGNMENT.fullmatch(word):
                self.variables[assigned[1]] = self._expand(assigned[2])

    def _expand(self, word: str) -> str:
        pieces = list(_PIECE.finditer(word))
        if any("~" in (piece["bare"] or "") for piece in pieces):
            raise NotUnderstood(word)  # a home, at some places
        return "".join((p["literal"] or "") + self._substitute(p["quoted"] or p["bare"] or "") for p in pieces)

    def _substitute(self, text: str) -> str:
        if _NOT_PLAYED.search(_EXPANSION.sub("", text)):
            raise NotUnderstood(text)
        return _EXPANSION.sub(self._value, text)

    def _value(self, expansion: re.Match[str]) -> str:
        name, colon, operator, word = expansion[1] or expansion[5], expansion[2], expansion[3], expansion[4] or ""
        value = self.variables.get(name)
        given = bool(value) if colon else value is not None
        if operator == "+":
            return word if given else ""
        if operator is None or given:
            return value or ""
        if operator == "=":
            self.variables[name] = word
        return word


def _statements(script: str) -> list[list[str]]:
    statements: list[list[str]] = [[]]
    position = 0
    text = _COMMENT_LINE.sub("", script)
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise NotUnderstood(text[position:].splitlines()[0])
        if token["end"]:
            statements.append([])
        elif token["word"]:
            statements[-1].append(token["word"])
        position = token.end()
    return [words for words in statements if words]
