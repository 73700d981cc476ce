"""Who may do what, and where secrets are: accounts, roles, Pod Security, secret values."""
