import Testing

@testable import AV

@Suite struct ToneCurveTests {
  private func mapped(
    _ transfer: ToneCurve.Transfer, _ red: Int, _ green: Int, _ blue: Int
  ) -> [Int] {
    var row = [red, green, blue].map { UInt16($0 * 257) }
    row.withUnsafeMutableBufferPointer { ToneCurve(transfer).apply($0) }
    return row.map { (Int($0) + 128) / 257 }
  }

  @Test(arguments: [0, 2, 5, 16, 60, 128, 200, 254, 255])
  func greysOfBT2020StayAsTheyAre(_ grey: Int) {
    for sample in mapped(.standard, grey, grey, grey) { #expect(abs(sample - grey) <= 1) }
  }

  /// ITU-R BT.2087; Chromium shows these as (255, 0, 0), (242, 185, 2) and (0, 169, 40).
  @Test(
    arguments: [
      ([250, 29, 30], [255, 0, 0]), ([220, 190, 59], [241, 185, 0]),
      ([40, 160, 60], [0, 169, 20]),
    ])
  func coloursOfBT2020AreDeeperInBT709(_ from: [Int], _ to: [Int]) {
    for (found, wanted) in zip(mapped(.standard, from[0], from[1], from[2]), to) {
      #expect(abs(found - wanted) <= 12)
    }
  }

  @Test(arguments: [ToneCurve.Transfer.perceptual, .hybrid])
  func brighterLightStaysBrighter(_ transfer: ToneCurve.Transfer) {
    let steps = stride(from: 0, through: 255, by: 15).map { mapped(transfer, $0, $0, $0)[1] }
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(steps.first == 0 && steps.last == 255)
  }
}
