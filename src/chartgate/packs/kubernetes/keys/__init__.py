"""The keys of values.yaml: each does something, and each that is read or given is known."""
