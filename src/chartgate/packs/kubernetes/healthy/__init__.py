"""Healthy manifests that the counterexamples of several policies start from."""
