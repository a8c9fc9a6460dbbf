// Placeholder until the first file of Stages stands here.
