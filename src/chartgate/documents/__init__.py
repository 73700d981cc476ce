"""Text and data, nothing of helm or Kubernetes: YAML, addresses and places, masking, JSON schemas."""
