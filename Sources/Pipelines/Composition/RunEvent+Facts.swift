extension RunEvent {
  /// A kind of event, as the documentation shows it.
  package struct Facts: Sendable {
    /// Its word in JSON.
    package let name: String
    /// What happened.
    package let meaning: String
    /// What it has besides what every event has.
    package let fields: [String]
  }

  /// Every kind of event.
  package static let facts: [Facts] =
    [
      Facts(name: "item_started", meaning: "The item begins.", fields: []),
      Facts(name: "stage_started", meaning: "A stage begins.", fields: []),
      Facts(name: "progress", meaning: "How far a stage is.", fields: ["note"]),
    ]
    + TaskStep.allCases.map {
      Facts(name: "task_\($0.rawValue)", meaning: $0.meaning, fields: ["task"])
    } + [
      Facts(
        name: "stage_finished", meaning: "A stage ended well.",
        fields: ["seconds", "note", "changes", "bytes", "credits"]),
      Facts(
        name: "stage_reused", meaning: "An earlier run did this stage; its outcome stands.",
        fields: ["note"]),
      Facts(
        name: "item_finished", meaning: "The item ended well.", fields: ["credits", "files"]),
      Facts(name: "item_failed", meaning: "The item failed.", fields: ["error"]),
      Facts(
        name: "item_stopped", meaning: "The item was not finished because the run was stopped.",
        fields: []),
      Facts(
        name: "record_kept",
        meaning: "The record of a submission cannot be written; it is kept and tried again.",
        fields: ["note", "error"]),
      Facts(
        name: "run_stopping",
        meaning: "Nothing new begins; accepted tasks are waited for.", fields: ["waiting", "error"]),
      Facts(
        name: "run_finished", meaning: "The last event of every run, with its totals.",
        fields: ["totals"]),
    ]
}

extension RunEvent.TaskStep {
  /// What happened, in one sentence.
  fileprivate var meaning: String {
    switch self {
    case .accepted: "The provider has accepted a task."
    case .resumed: "A task that an earlier run submitted is waited for."
    case .gone: "The provider does not know the task any more."
    case .paid: "An earlier run paid for the task; its result is downloaded."
    case .recovered: "The result of an earlier run's task was downloaded before the first item."
    }
  }
}
