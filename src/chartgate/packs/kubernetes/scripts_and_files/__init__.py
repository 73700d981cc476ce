"""What containers execute and read: scripts and configuration files."""
