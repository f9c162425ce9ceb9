"""Evidence packages: a transcript with everything a stranger needs to verify it, in one ZIP."""
