"""WeCom 企业微信: messages of the conversation archive, decrypted, one JSON a line."""
