"""The matrix: from matrix.yaml to every scenario, by name."""

from chartgate.matrix.conventional import conventional_matrix
from chartgate.matrix.load import load_matrix
from chartgate.matrix.matrix import Matrix

__all__ = ["Matrix", "conventional_matrix", "load_matrix"]
