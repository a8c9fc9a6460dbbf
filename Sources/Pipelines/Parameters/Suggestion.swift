/// Finds what a mistyped name was meant to be.
public enum Suggestion {
  /// The candidate nearest to `name`, when it is near enough to be meant.
  public static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased().replacing("-", with: "_"))
    let limit = max(1, wanted.count / 3)
    return
      candidates
      .map { ($0, distance(wanted, Array($0.lowercased()))) }
      .filter { $0.1 <= limit }
      .min { $0.1 < $1.1 }?.0
  }

  /// `Did you mean 'x'?`, else the list of what is known.
  public static func hint(for name: String, among candidates: [String]) -> String {
    if let near = nearest(to: name, among: candidates) { return "Did you mean '\(near)'?" }
    return candidates.isEmpty
      ? "Nothing can be written here."
      : "Known here: \(candidates.joined(separator: ", "))."
  }

  // Optimal string alignment: a swapped pair of letters counts once, as fingers do it.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 1...a.count {
      var current = [i]
      for j in 1...b.count {
        let cost = a[i - 1] == b[j - 1] ? 0 : 1
        var best = min(last[j] + 1, current[j - 1] + 1, last[j - 1] + cost)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          best = min(best, beforeLast[j - 2] + 1)
        }
        current.append(best)
      }
      beforeLast = last
      last = current
    }
    return last[b.count]
  }
}
