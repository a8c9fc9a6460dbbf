// Placeholder until the first file of Serving stands here.
