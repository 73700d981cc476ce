"""The labels whose values change with every version of a chart or of its application.

Source: https://helm.sh/docs/chart_best_practices/labels/
"""

from __future__ import annotations

CHART_LABEL = "helm.sh/chart"
APP_VERSION_LABEL = "app.kubernetes.io/version"
VERSION_LABELS = (CHART_LABEL, APP_VERSION_LABEL)
