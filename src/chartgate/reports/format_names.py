"""The names that `--report FORMAT=FILE` takes; they are read before all that writes them is loaded."""

FORMAT_NAMES = ("github", "gitlab", "html", "json", "junit", "markdown", "sarif", "text")
