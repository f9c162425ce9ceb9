"""Where it comes from: file formats and platforms, and the one loop that reads them."""
