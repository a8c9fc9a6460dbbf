// Placeholder until the first file of MicroHTTPD stands here.
