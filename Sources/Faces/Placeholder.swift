// Placeholder until the first file of Faces stands here.
