import Foundation

/// Debian's exiftool, which reads what files carry beside their pixels; in tests only.
enum Exiftool {
  /// Why it cannot be asked; nil where it can. In CI it must be there.
  static var absence: String? {
    if FileManager.default.isExecutableFile(atPath: "/usr/bin/exiftool") { return nil }
    if ProcessInfo.processInfo.environment["CI"] != nil { return nil }
    return "exiftool is missing: 'Scripts/setup tests' installs libimage-exiftool-perl"
  }

  /// Every tag of the file at `path` with its value, unknown and embedded ones too.
  static func tags(_ path: String) throws -> [(name: String, value: String)] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/exiftool")
    process.arguments = ["-a", "-U", "-ee", "-G1", "-s", "-sep", ", ", path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = Pipe()
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.split(separator: "\n").compactMap { line in
      guard let bracket = line.firstIndex(of: "]"), let colon = line.firstIndex(of: ":") else {
        return nil
      }
      let name = line[line.index(after: bracket)..<colon].trimmingCharacters(in: .whitespaces)
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      return (name, value)
    }
  }

  /// What must not be found in a file that goes to others.
  static let privateTags: Set<String> = [
    "GPSLatitude", "GPSLongitude", "GPSAltitude", "GPSPosition", "GPSCoordinates", "GPSDateStamp",
    "GPSTimeStamp", "LocationInformation", "City", "State", "Country", "Sub-location",
    "SerialNumber", "InternalSerialNumber", "LensSerialNumber", "BodySerialNumber",
    "CameraSerialNumber", "ImageUniqueID", "OwnerName", "CameraOwnerName", "PersonInImage", "Make",
    "Model", "LensModel", "LensMake", "LensInfo", "Software", "HostComputer", "CreatorTool",
    "UserComment", "Comment", "ImageDescription", "Description", "Title", "Subject", "Keywords",
    "Headline", "Caption-Abstract", "DateTimeOriginal", "CreateDate", "ModifyDate", "MetadataDate",
    "DateCreated", "TrackCreateDate", "MediaCreateDate", "CreationDate", "DocumentID", "InstanceID",
    "OriginalDocumentID", "HistoryAction", "HistoryWhen", "DocumentAncestors", "DerivedFrom",
    "ThumbnailImage", "PreviewImage", "JpgFromRaw", "PhotoshopThumbnail", "ThumbnailOffset",
    "MakerNoteUnknown", "ExposureTime", "Rating", "XPComment", "XPKeywords", "XPTitle", "XPAuthor",
    "MPImage2", "NumberOfImages", "HandlerDescription", "AttachedFileName", "Text", "TagName",
    "DateTimeOriginal", "SegmentUID", "Location",
  ]
}
