import Pipelines

/// Every stage, in the order of the line.
public enum StageList {
  /// One line a stage; `make lint` fails when a file of this folder's stages is missing here.
  public static let all: [StageType] = [
    StageType(Fetch.self),
    StageType(Validate.self),
    StageType(Normalize.self),
    StageType(Host.self),
    StageType(Swap.self),
    StageType(finishing: Label.self),
    StageType(finishing: Thumbnails.self),
    StageType(finishing: Resize.self),
    StageType(finishing: Convert.self),
    StageType(finishing: Posters.self),
    StageType(finishing: Previews.self),
    StageType(finishing: ContactSheet.self),
    StageType(finishing: Inspect.self),
    StageType(finishing: Metadata.self),
  ]
}
