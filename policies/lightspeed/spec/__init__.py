"""What the spec says, as data: the switches, the Backstage pod, the plugins, the commands of the runbook."""
