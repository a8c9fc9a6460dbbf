// Placeholder until the first file of CLI stands here.
