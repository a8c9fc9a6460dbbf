extension BadInputSection {
  static let faces = BadInputSection(
    "Faces",
    [
      .swap("no face in the scene", 1, "-s", fixture("scenes/no-face.jpg"), "-f", face),
      .swap("no face in the face picture", 1, "-s", scene, "-f", fixture("scenes/no-face.jpg")),
      .swap(
        "no face in the face picture, face_required", 1, "-s", scene, "-f",
        fixture("scenes/no-face.jpg"), "--set", "validate.face_required=true"),
      .swap(
        "face_index 3 where the provider takes 0", 2, "-s", scene, "-f", face, "--set",
        "swap.face_index=3"),
      .swap("turned face (works)", 0, "-s", fixture("scenes/turned.jpg"), "-f", face),
      .swap(
        "too few faces for minimum_faces", 1, "-s", scene, "-f", face, "--set",
        "validate.minimum_faces=2"),
      .swap(
        "too many faces for maximum_faces", 1, "-s", fixture("scenes/two-people.jpg"), "-f", face,
        "--set", "validate.maximum_faces=1"),
      .swap("no face named", 2, "-s", scene),
      .swap("the local engine's networks are missing", 1, "-s", scene, "-f", face)
        .variable("XDG_DATA_HOME", "/nowhere").variable("SWAPLINE_MODELS", ""),
      .swap("a picture smaller than minimum_side", 1, "-s", fixture("scenes/tiny.png"), "-f", face),
      .swap(
        "animated GIF into a line with a swap (works)", 0, "-s", fixture("formats/animated.gif"),
        "-f", face),
    ])

  static let scene = fixture("scenes/portrait.jpg")
  static let face = fixture("faces/ada.jpg")
}
