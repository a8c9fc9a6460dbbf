import Swapline
import SwaplineTesting
import Testing

/// Tests pipelines as a library's user does: with nothing but the two public modules.
@Suite struct PipelineTesterTests {
  private static func shop(_ provider: ProviderReference = .crun()) -> Pipeline {
    Pipeline("shop") {
      Fetch()
      Host(to: .upload)
      Swap(with: provider)
      Thumbnails(sides: [256])
      Metadata()
    }
  }

  @Test(arguments: [ProviderReference.crun(), .apiInOne(), .aceData()])
  func aPipelineRunsWithoutWorkersKeysAndNetwork(provider: ProviderReference) async throws {
    let tester = try PipelineTester()
    let items = [try tester.item("mug", width: 1_200, height: 900), try tester.item("hat")]
    let outcomes = try await tester.run(Self.shop(provider), items)
    for outcome in outcomes {
      guard case .finished(let asset, let isReused) = outcome else {
        Issue.record("\(outcome)")
        continue
      }
      #expect(!isReused)
      #expect(asset.swap?.charged == 1)
      #expect(asset.renditions.contains { $0.media.width == 256 })
    }
    #expect(outcomes.count == 2)
    #expect(tester.provider.submissions.count == 2)
    #expect(Set(tester.provider.submissions.map(\.scene)).count == 2)
    #expect(tester.media.works.contains("render"))
    // The second run has nothing to do and pays nothing.
    for outcome in try await tester.run(Self.shop(provider), items) {
      guard case .finished(_, isReused: true) = outcome else {
        Issue.record("\(outcome)")
        continue
      }
    }
    #expect(tester.provider.submissions.count == 2)
  }

  @Test func whatTheVendorAnswersIsTheTestsToSay() async throws {
    let refusal = SwaplineError(.refusedByProvider, "No face in the scene.")
    let tester = try PipelineTester(provider: FakeProvider(.busy, .refused(refusal), .succeeds))
    let first = try await tester.run(Self.shop(), [try tester.item("one")])
    guard case .failed(_, let error)? = first.first else {
      Issue.record("\(first)")
      return
    }
    #expect(error.message.contains("No face in the scene."))
    #expect(tester.provider.submissions.count == 2)

    let second = try await tester.run(Self.shop(), [try tester.item("one")])
    guard case .finished? = second.first else {
      Issue.record("\(second)")
      return
    }
    #expect(tester.provider.submissions.count == 3)
  }

  @Test func aLostAnswerIsNeverPaidTwice() async throws {
    let tester = try PipelineTester(provider: FakeProvider(.lost))
    let item = try tester.item("one")
    for _ in 0..<2 {
      let outcomes = try await tester.run(Self.shop(), [item])
      guard case .failed(_, let error)? = outcomes.first else {
        Issue.record("\(outcomes)")
        return
      }
      #expect(error.code == .ambiguous)
    }
    #expect(tester.provider.submissions.count == 1)
  }

  @Test func mediaWorkFailsWhereTheTestSaysSo() async throws {
    let tester = try PipelineTester()
    tester.media.fail(next: "render", with: SwaplineError(.workerCrashed, "The worker ended."))
    let item = try tester.item("one")
    let outcomes = try await tester.run(Self.shop(), [item])
    guard case .failed? = outcomes.first else {
      Issue.record("\(outcomes)")
      return
    }
    guard case .finished? = try await tester.run(Self.shop(), [item]).first else {
      Issue.record("the second run did not finish")
      return
    }
    #expect(tester.provider.submissions.count == 1)
  }
}
