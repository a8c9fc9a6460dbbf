// Placeholder until the first file of FaceSwap stands here.
