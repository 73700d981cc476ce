"""`python -m chartgate`, where the command is not on PATH."""

import sys

from chartgate.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
