"""One module a format: text out of outcomes and reviews, and nothing else."""
