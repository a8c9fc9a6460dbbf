"""Writers of small test files: every variant of a format that readers are known to differ in."""
