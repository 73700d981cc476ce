"""The pytest plugin: translates between pytest and the gate, and decides nothing."""
