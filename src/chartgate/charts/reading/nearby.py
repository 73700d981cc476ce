"""The charts below a folder, for those who have not said which one they mean."""

from __future__ import annotations

from pathlib import Path

_DEPTHS = ("*", "*/*", "*/*/*")


def charts_below(folder: Path) -> list[Path]:
    """Give the charts in a folder and a few floors below, relative to it; those inside of a chart are its own."""
    if (folder / "Chart.yaml").is_file():
        return [Path()]
    found = sorted(path.parent.relative_to(folder) for depth in _DEPTHS for path in folder.glob(f"{depth}/Chart.yaml"))
    shown = [path for path in found if not any(part.startswith(".") for part in path.parts)]
    return [path for path in shown if not any(other in path.parents for other in shown)]
