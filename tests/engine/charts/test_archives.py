"""Packed charts are read as helm reads them: what it refuses is refused, and what it accepts holds the same files."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path
from random import Random

import pytest

from chartgate.charts.reading.archives import packed, unpacked
from chartgate.charts.reading.read import copy_chart, read_chart
from chartgate.errors import InputError
from chartgate.system.toolchain import Tools
from tests.engine.helm_verdicts import DUMP, helm_values
from tests.engine.toys import CHART

CHART_FILES = {"toy/Chart.yaml": CHART, "toy/values.yaml": "a: 1\n", "toy/templates/dump.yaml": DUMP}
SUBCHART = {"sub/Chart.yaml": "name: sub\nversion: 1.0.0\n", "sub/values.yaml": "b: 2\n"}
MIB = 2**20
NOISE = Random(1).randbytes(5000)  # noqa: S311 - for tests


def _member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, target, size
    return member


def _tar(files: dict[str, str | bytes], *members: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            tar.addfile(_member(name, size=len(content)), io.BytesIO(content))
        for member in members:
            tar.addfile(member)
    return buffer.getvalue()


def _tgz(files: dict[str, str | bytes], *members: tarfile.TarInfo) -> bytes:
    return gzip.compress(_tar({**CHART_FILES, **files}, *members))


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, text in CHART_FILES.items():
            made.writestr(name, text)
    return buffer.getvalue()


PLAIN = _tar(dict(CHART_FILES))
AS_HELM = {
    "plain": (_tgz({}), {"a": 1}),
    "one folder named with a dot": (gzip.compress(_tar({f"./{k[4:]}": v for k, v in CHART_FILES.items()})), {"a": 1}),
    "a path that comes back": (_tgz({"toy/x/../values.yaml": "a: 2"}), {"a": 2}),
    "files of another folder count": (_tgz({"other/values.yaml": "a: 2"}), {"a": 2}),
    "a file twice": (gzip.compress(PLAIN[:3072] + _tar({"toy/values.yaml": "a: 2"})), {"a": 2}),
    "a link inside is an empty file": (_tgz({}, _member("toy/values.yaml", tarfile.SYMTYPE, "Chart.yaml")), {}),
    "a hard link inside": (_tgz({}, _member("toy/more", tarfile.LNKTYPE, "toy/values.yaml")), {"a": 1}),
    "a device": (_tgz({}, _member("toy/null", tarfile.CHRTYPE)), {"a": 1}),
    "a pipe": (_tgz({}, _member("toy/pipe", tarfile.FIFOTYPE)), {"a": 1}),
    "a folder of a file's name": (_tgz({}, _member("toy/values.yaml", tarfile.DIRTYPE)), {"a": 1}),
    "a file below a file": (_tgz({"toy/values.yaml/x": ""}), {"a": 1}),
    "names that differ in case": (_tgz({"toy/Values.yaml": "a: 2"}), {"a": 1}),
    "a long name": (_tgz({f"toy/{'x' * 300}": ""}), {"a": 1}),
    "back slashes": (gzip.compress(_tar({k.replace("/", "\\"): v for k, v in CHART_FILES.items()})), {"a": 1}),
    "no .helmignore": (_tgz({"toy/.helmignore": "values.yaml"}), {"a": 1}),
    "no checksum": (_tgz({})[:-4], {"a": 1}),
    "a wrong checksum": (_tgz({})[:-8] + bytes(8), {"a": 1}),
    "two parts": (gzip.compress(PLAIN[:1500]) + gzip.compress(PLAIN[1500:]), {"a": 1}),
    "something behind": (_tgz({}) + b"junk", {"a": 1}),
    "a BOM": (_tgz({"toy/values.yaml": "\ufeffa: 3"}), {"a": 3}),
    "what macOS leaves at the top": (_tgz({"./._toy": b"\x00\x05\x16\x07"}), {"a": 1}),
    "a packed subchart": (
        _tgz({"toy/charts/sub-1.0.0.tgz": gzip.compress(_tar(dict(SUBCHART)))}),
        {"a": 1, "sub": {"b": 2, "global": {}}},
    ),
}
NOT_GZIPPED = "is not a chart archive: it is not gzipped (`helm package` makes a .tgz)"
REFUSED = {
    "xz": (lzma.compress(PLAIN), NOT_GZIPPED),
    "bz2": (bz2.compress(PLAIN), NOT_GZIPPED),
    "plain tar": (PLAIN, NOT_GZIPPED),
    "zip": (_zip(), NOT_GZIPPED),
    "text": (b"not a tar", NOT_GZIPPED),
    "empty file": (b"", NOT_GZIPPED),
    "empty gzip": (gzip.compress(b""), "is not a chart archive: there is no file in it"),
    "empty tar": (gzip.compress(_tar({})), "is not a chart archive: there is no file in it"),
    "junk inside": (gzip.compress(b"hello" * 300), "is not a usable chart archive: a header in it is damaged"),
    "cut off": (gzip.compress(PLAIN[:1400]), "is not a usable chart archive: it is cut off"),
    "cut off in the gzip": (
        _tgz({"toy/x": NOISE})[:-2000],
        "is not a usable chart archive: it is cut off",
    ),
    "./ in front of the folder": (
        gzip.compress(_tar({f"./{k}": v for k, v in CHART_FILES.items()})),
        "is not a chart: it has no Chart.yaml",
    ),
    "/ in front of the folder": (
        gzip.compress(_tar({f"/{k}": v for k, v in CHART_FILES.items()})),
        "is not a chart: it has no Chart.yaml",
    ),
    "no folder": (gzip.compress(_tar({"Chart.yaml": CHART})), "Chart.yaml is not in a folder"),
    "a file beside the folder": (_tgz({"._toy": "x"}), "is not a chart archive: ._toy is not in a folder"),
    "no chart": (gzip.compress(_tar({"toy/README.md": "x"})), "is not a chart: it has no Chart.yaml"),
    "climbs": (_tgz({"toy/../../escaped": "x"}), "toy/../../escaped leads out of the chart's folder"),
    "absolute inside": (_tgz({"toy//etc/x": "x"}), "toy//etc/x leads out of the chart's folder"),
    "a drive": (_tgz({"toy/c:/x": "x"}), "toy/c:/x leads out of the chart's folder"),
    "a large file": (_tgz({"toy/big": bytes(5 * MIB + 1)}), "big is larger than 5 MiB, the largest file helm reads"),
    "a large chart": (
        _tgz({f"toy/{n}": bytes(5 * MIB) for n in range(21)}),
        "it unpacks to more than 100 MiB, the most that helm reads",
    ),
    "a size that is not there": (
        gzip.compress(PLAIN[:3072] + _member("toy/huge", size=2**40).tobuf()),
        "huge is larger than 5 MiB",
    ),
    "a subchart in xz": (
        _tgz({"toy/charts/sub.tgz": lzma.compress(_tar(dict(SUBCHART)))}),
        "/charts/sub.tgz is not a chart archive: it is not gzipped",
    ),
    "a subchart called .tar.gz": (
        _tgz({"toy/charts/sub.tar.gz": "x"}),
        "/charts/sub.tar.gz is not a chart: helm takes all that is in charts/ for one",
    ),
}
OURS = {
    # Helm takes these: a link for an empty file, and any bytes for a name.
    "an absolute link": (
        _tgz({}, _member("toy/x", tarfile.SYMTYPE, "/etc/passwd")),
        "toy/x is a link that leads out of the chart's folder, to '/etc/passwd'",
    ),
    "a climbing link": (
        _tgz({}, _member("toy/x", tarfile.SYMTYPE, "../../x")),
        "toy/x is a link that leads out of the chart's folder, to '../../x'",
    ),
    "a climbing hard link": (
        _tgz({}, _member("toy/x", tarfile.LNKTYPE, "../x")),
        "toy/x is a link that leads out of the chart's folder, to '../x'",
    ),
    "a name that is not UTF-8": (
        _tgz({"toy/\udcff.txt": "x"}),
        r"the name of a file is not printable UTF-8: 'toy/\udcff.txt'; rename it",
    ),
    "a line break in a name": (
        _tgz({"toy/a\nb": "x"}),
        r"the name of a file is not printable UTF-8: 'toy/a\nb'; rename it",
    ),
    "thousands of parts": (gzip.compress(b"") * 5000 + _tgz({}), "it is more than 1000 gzip files in one"),
    "a sparse file": (
        gzip.compress(PLAIN[:3072] + _member("toy/x", tarfile.GNUTYPE_SPARSE).tobuf() + bytes(1024)),
        "it has a sparse file",
    ),
}


def _refusal(content: bytes, folder: Path) -> str:
    (folder / "toy.tgz").write_bytes(content)
    with pytest.raises(InputError, match=r"^.*/toy\.tgz") as error:
        read_chart(copy_chart(folder / "toy.tgz", folder / "run"), str(folder / "toy.tgz"))
    return str(error.value)


@pytest.mark.parametrize("name", AS_HELM)
def test_what_helm_accepts_is_read_as_it_reads_it(name: str, tmp_path: Path, tools: Tools) -> None:
    content, values = AS_HELM[name]
    (tmp_path / "toy.tgz").write_bytes(content)
    chart = read_chart(copy_chart(tmp_path / "toy.tgz", tmp_path / "run"), "toy.tgz")
    assert chart.defaults == values
    assert [helm_values(tools, tmp_path / "toy.tgz"), helm_values(tools, chart.folder)] == [values, values]


@pytest.mark.parametrize("name", REFUSED)
def test_what_helm_refuses_is_refused_in_one_line(name: str, tmp_path: Path, tools: Tools) -> None:
    content, message = REFUSED[name]
    refusal = _refusal(content, tmp_path)
    assert message in refusal
    assert "\n" not in refusal
    assert helm_values(tools, tmp_path / "toy.tgz") is None
    assert not list(tmp_path.rglob("escaped"))


@pytest.mark.parametrize("name", OURS)
def test_what_is_refused_though_helm_takes_it(name: str, tmp_path: Path) -> None:
    content, message = OURS[name]
    refusal = _refusal(content, tmp_path)
    assert message in refusal
    assert "\n" not in refusal


def test_a_bomb_is_stopped_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(140 * MIB), 1)
    assert len(bomb) < MIB
    assert "it unpacks to more than 100 MiB" in _refusal(bomb, tmp_path)


def test_what_is_packed_is_unpacked_again() -> None:
    files = {"Chart.yaml": b"x", "templates/a b.yaml": b"", f"{'long/' * 80}x": bytes(700)}
    assert unpacked(packed(files), "x") == files
    assert packed(files) == packed(files)


def test_no_damage_is_a_traceback() -> None:
    """Bytes that are changed, cut and put twice, inside of the tar and of the gzip."""
    random = Random(1)  # noqa: S311 - for tests
    subchart = gzip.compress(_tar(dict(SUBCHART)))
    files: dict[str, str | bytes] = {**CHART_FILES, f"toy/{'n' * 200}": "x", "toy/charts/sub.tgz": subchart}
    tar = _tar(files, _member("toy/link", tarfile.SYMTYPE, "values.yaml"))
    refused = 0
    for number in range(600):
        content = bytearray(gzip.compress(tar) if number % 3 == 0 else tar)
        for _ in range(random.choice([1, 3])):
            start = random.randrange(len(content))
            length = random.choice([1, 8, 512])
            content[start : start + length] = random.choice(
                [random.randbytes(length), b"", bytes(length), content[:length]]
            )
        try:
            unpacked(bytes(content if number % 3 == 0 else gzip.compress(bytes(content))), "x")
        except InputError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 100
