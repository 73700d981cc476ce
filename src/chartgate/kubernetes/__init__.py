"""What manifests mean: pods and their containers, variables, mounts, permissions, selectors."""
