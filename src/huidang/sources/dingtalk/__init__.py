"""DingTalk 钉钉: exports and events of the official command `dws`, and callbacks of robots."""
