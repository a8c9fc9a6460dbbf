// Placeholder until the first file of Curl stands here.
