"""JSON as Go reads it, its schemas, and when two documents are equal."""
