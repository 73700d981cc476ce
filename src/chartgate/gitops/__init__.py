"""The GitOps side: whether what an infrastructure file names is there."""
