"""What containers run, the scripts that a chart carries above all, and what these find where they run."""
