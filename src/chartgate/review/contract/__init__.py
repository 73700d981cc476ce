"""The contract with whoever writes values: keys, defaults, schemas, subcharts."""
