"""The errors of unusable input: pytest shows them as a usage error, the command line ends with exit code 2."""


class InputError(Exception):
    """Something the user gave cannot be used: the message says what, where, and what to do."""


def not_utf8(error: UnicodeDecodeError, what: object) -> InputError:
    """Say in which line a file ceases to be the text that it should be."""
    line = error.object[: error.start].decode(error.encoding).count("\n") + 1
    wrong = f"line {line} is not {error.encoding.upper()} (byte 0x{error.object[error.start]:02x})"
    return InputError(f"{what} cannot be read: {wrong}: save it as UTF-8")


class ToolError(InputError):
    """A tool (helm, kubectl, pip) is missing, cannot be started, fails or takes too long."""
