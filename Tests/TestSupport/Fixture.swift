/// The path of a file below `fixtures`, such as `formats/cmyk.jpg`.
public func fixture(_ name: String) -> String {
  #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/fixtures/" + name
}
