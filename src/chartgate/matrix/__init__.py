"""The matrix: from matrix.yaml to every scenario, by name."""

from chartgate.matrix.load import Matrix, conventional_matrix, load_matrix

__all__ = ["Matrix", "conventional_matrix", "load_matrix"]
