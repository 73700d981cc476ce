"""Pods wherever Kubernetes hides them: containers, variables, mounts, images, security settings."""
