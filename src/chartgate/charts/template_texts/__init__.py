"""What the texts of templates say, without running them: what they read, call and include."""
