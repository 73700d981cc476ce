"""What a run found, as plain data: reports read nothing else."""
