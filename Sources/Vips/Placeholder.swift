// Placeholder until the first file of Vips stands here.
