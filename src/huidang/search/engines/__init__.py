"""The engines: one module each, all held to the same contract."""
