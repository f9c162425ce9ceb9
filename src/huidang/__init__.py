"""会档 Huidang: the archive for customer-service chats."""

__version__ = "0.1.0"
