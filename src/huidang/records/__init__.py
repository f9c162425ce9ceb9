"""What happened: conversations, messages, the log, masking. The door to everything stored."""
