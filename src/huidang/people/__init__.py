"""Who: departments, users, roles, readers, grants, requests, audit."""
