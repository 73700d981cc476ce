"""The commands with many options; the short ones stand in cli.py."""
