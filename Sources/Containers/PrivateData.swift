/// A kind of thing that a file carries beside its pixels and that is cut out before it goes to
/// others. Kinds are told, values never.
package enum PrivateData: String, Sendable, Hashable, CaseIterable {
  /// Where it was taken: GPS, place names.
  case place
  /// When it was taken or changed.
  case time
  /// Numbers of bodies, lenses and files that tell one from all others.
  case serialNumber = "serial number"
  /// Maker and model of camera, lens or phone.
  case device
  /// Whose camera it is, and other people's names.
  case owner = "owner's name"
  /// A small copy of the picture, often from before it was edited.
  case thumbnail
  /// Bytes of the maker's own.
  case makerNote = "maker note"
  /// Exposure, lens settings and the like.
  case settings = "camera settings"
  /// Programs that made or changed it.
  case software
  /// Document ids, earlier versions, steps of editing.
  case history = "editing history"
  /// Titles, captions, keywords, ratings.
  case description
  /// Free text.
  case comment
  /// Another picture that viewers do not show, such as a gain map or the other eye's.
  case secondPicture = "hidden picture"
  /// Tracks of measurements and text, such as the positions of a camera.
  case track = "data track"
  /// Files inside the file.
  case attachment
  /// Bytes that stand behind the end or that nothing refers to.
  case leftover = "unreferenced data"
  /// Anything that is not known to be needed.
  case other = "unknown data"
}

/// A fault of a file's structure that was put right on the way, without touching a pixel.
package enum Repair: Sendable, Hashable {
  /// The end marker was missing and was added.
  case endMarker
  /// The checksum of something that stays was wrong and was put right.
  case checksum(String)
  /// Pictures beyond the first were left out: how many there were.
  case firstPicture(of: Int)
}
