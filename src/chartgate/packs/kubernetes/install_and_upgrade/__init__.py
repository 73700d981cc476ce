"""Installing, upgrading, twice and by GitOps: hooks, Jobs, immutable fields, two releases."""
