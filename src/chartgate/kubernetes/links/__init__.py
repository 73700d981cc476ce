"""How objects find each other: by name, by label, by port, and whether what is looked for is there."""
