"""What an API server accepts: schemas, names, fixed choices, quantities, scopes."""
