"""The policies that ship with the engine, a package each."""
