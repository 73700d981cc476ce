"""Pods and what is in them: containers, variables, mounts, images, security settings."""
