"""What changes between two versions of an object, and what an API server lets change."""
