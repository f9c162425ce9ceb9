"""The API for programs: the same archive, the same reach and the same masks as the pages, as JSON."""
