"""Slack: the standard export, as ZIP or folder, legacy and modern."""
