"""What the API server says of fields that go together: one table of rules, by the part of an object they are about."""
