"""How it is found: the query language, the index and its engines, snippets."""
