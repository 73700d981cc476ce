"""YAML as helm and kubectl read it, and where in a text something is written."""
