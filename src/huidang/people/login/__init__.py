"""Signing in: by password, within limits, and by links that work once. Knows no pages."""
