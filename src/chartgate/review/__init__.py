"""The review: two versions of a chart compared over the whole matrix."""
