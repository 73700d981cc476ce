"""The spec of rhdh-helm's Lightspeed integration, one invariant per policy; docs/requirements.md maps each sentence."""
