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
    StageType(Label.self),
    StageType(Sharpen.self),
    StageType(Thumbnails.self),
    StageType(Resize.self),
    StageType(Convert.self),
    StageType(Posters.self),
    StageType(Previews.self),
    StageType(ContactSheet.self),
    StageType(Inspect.self),
    StageType(Metadata.self),
  ]
}
