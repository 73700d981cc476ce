"""What manifests mean: pods, links between objects, what is valid, what an upgrade may change."""
