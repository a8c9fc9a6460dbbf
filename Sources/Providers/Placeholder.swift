// Placeholder until the first file of Providers stands here.
