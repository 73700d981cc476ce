"""The policies: `lightspeed` proves the spec of our chart, `kubernetes` judges any chart."""
