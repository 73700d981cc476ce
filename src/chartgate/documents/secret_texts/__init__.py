"""Secret values in texts: which are probably some, every form they are written in, and masking."""
