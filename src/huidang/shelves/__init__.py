"""How the archive is ordered: lexicons of sensitive words; tags, rules and cabinets come to stand beside them."""
