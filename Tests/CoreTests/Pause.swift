import Glibc

/// A blocking pause of half a millisecond, as a C call would block.
func usleepBriefly() { usleep(500) }
