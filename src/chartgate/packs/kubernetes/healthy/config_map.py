"""A ConfigMap: what counterexamples start from that are about the chart, and not about what it renders."""

from __future__ import annotations

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: red}
"""
