"""The policies of this repository's chart; those for any chart ship with the engine, in its packs."""
