"""Files that templates read and that a chart does not have."""

from __future__ import annotations

import pytest

from chartgate.packs.kubernetes.chart_files import read_files
from chartgate.packs.kubernetes.healthy.config_map import HEALTHY
from chartgate.policy.edits import of_chart
from tests.engine.packs.literal_charts import findings_of

FILES = dict.fromkeys(
    ["files/web.conf", "files/scripts/run.sh", "made/.gitkeep", "templates/a.txt", "values.yaml", "LICENSE"], b""
)


def _found(template: str, **metadata: str) -> list[str]:
    found = findings_of(
        read_files.files_that_templates_read_are_there,
        HEALTHY,
        of_chart(templates={"templates/a.yaml": template}, files=FILES, metadata=metadata),
    )
    return [str(check.actual).partition(": ")[2] for check in found]


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ('{{ .Files.Get "file/web.conf" }}', "file/web.conf is not there; there is files/web.conf"),
        ('{{ $.Files.Get "web.conf" | nindent 2 }}', "web.conf is not there; there is files/web.conf"),
        ('{{ tpl (.Files.Get "files/web.cnf") . }}', "files/web.cnf is not there; there is files/web.conf"),
        ('{{ range .Files.Lines "names.txt" }}{{ end }}', "names.txt is not there"),
        ('{{ .Files.Get "templates/a.txt" }}', "templates/a.txt is not there"),
        ('{{ (.Files.Glob "scripts/*.sh").AsConfig }}', "scripts/*.sh is not there; there is files/scripts/run.sh"),
        (
            '{{ range $p, $_ := .Files.Glob "files/script/*.sh" }}{{ end }}',
            "files/script/*.sh is not there; there is files/scripts/run.sh",
        ),
        ('{{ .Files.Get "files/web.conf" }}{{ .Files.Get "./LICENSE" }}{{ (.Files.Glob "files/**.sh").AsConfig }}', ""),
        # Files of the user: who asks first, has a default, or takes whatever is there; what is no path as it is.
        ('{{ if .Files.Get "own.conf" }}{{ .Files.Get "own.conf" }}{{ end }}', ""),
        ('{{ .Files.Get "own.conf" | default "none" }}', ""),
        ('{{ with .Files.Get "own.conf" }}{{ . }}{{ end }}', ""),
        ('{{ (.Files.Glob "dashboards/*.json").AsConfig }}', ""),
        ('{{ .Files.Get (printf "files/%s" .Values.name) }}{{ .Files.Get .Values.path }}', ""),
        ('{{/* .Files.Get "file/web.conf" */}}', ""),
        # A pattern beside files that nothing reads, and beside some that another one reads, or that a value names.
        (
            '{{ (.Files.Glob "files/scripts/*.bash").AsConfig }}',
            "files/scripts/*.bash is not there; there is files/scripts/run.sh",
        ),
        ('{{ (.Files.Glob "files/scripts/*.sql").AsConfig }}{{ .Files.Get "files/scripts/run.sh" }}', ""),
        ('{{ (.Files.Glob "files/scripts/*.sql").AsConfig }}{{ .Files.Get .Values.script }}', ""),
        # What is made before the chart is packed.
        ('{{ .Files.Get "made/kinds.bz2" }}', ""),
    ],
)
def test_files_that_are_read(template: str, told: str) -> None:
    assert _found(template) == ([told] if told else [])


def test_a_library_reads_the_files_of_others() -> None:
    assert _found('{{ .Files.Get "own.conf" }}', type="library") == []
