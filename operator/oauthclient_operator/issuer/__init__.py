"""Authorization servers as the reconciler uses them: discovery that is remembered, and bounded calls; no decisions."""
