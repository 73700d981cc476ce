"""The command line: translates between a shell and the engine, and decides nothing."""
