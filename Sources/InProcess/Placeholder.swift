// Placeholder until the first file of InProcess stands here.
