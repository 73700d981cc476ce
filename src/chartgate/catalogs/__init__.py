"""Tables made from policies, risks and values, and the text of snapshots."""
