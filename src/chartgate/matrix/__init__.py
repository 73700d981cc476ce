"""The scenarios: from matrix.yaml, from a chart's ci/ folder, from an Argo-style file, and derived ones."""
