"""Text and data, nothing of helm or Kubernetes: YAML and JSON, addresses and places, masking, JSON schemas."""
