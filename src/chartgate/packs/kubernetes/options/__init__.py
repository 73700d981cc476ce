"""What users set: switches, overrides, digests, and values of every form that a key may have."""
