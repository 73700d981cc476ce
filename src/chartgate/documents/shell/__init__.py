"""Shell scripts as text: what is in them, read by a real parser and never run."""
