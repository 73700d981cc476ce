"""Who finds whom: Services, selectors, ports, host names and NetworkPolicies."""
