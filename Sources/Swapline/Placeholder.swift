// Placeholder until the first file of Swapline stands here.
