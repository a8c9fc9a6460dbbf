// Placeholder until the first file of Pipelines stands here.
