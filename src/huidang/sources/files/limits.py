"""How much of a hostile or broken file is taken in before it is refused; sizes in bytes."""

MEBIBYTE = 1 << 20

# The largest single item (a line, an array element, a cell row). Platforms cap a message at a few hundred
# kilobytes; 16 MiB leaves room for forwarded bundles and stays far from the memory budget of an import.
ITEM_LIMIT = 16 * MEBIBYTE

# Read step. Large enough that one read costs nothing beside parsing, small enough for constant memory.
CHUNK = MEBIBYTE

# Deflate reaches 1032:1 at most; chat text in JSON compresses 10:1 to 60:1. A member beyond this ratio is a bomb
# unless it is small enough to be harmless.
ZIP_RATIO = 300
ZIP_HARMLESS = 8 * MEBIBYTE
ZIP_TOTAL = 256 * 1024 * MEBIBYTE
ZIP_MEMBERS = 2_000_000

# A member up to this size is held in memory as a whole: exports in folders have tens of thousands of small ones.
SMALL = 128 * 1024

# How far a file is read to learn its format, and how far to meet its first bytes outside ASCII.
HEAD = 256 * 1024
ENCODING_SCAN = 16 * MEBIBYTE
