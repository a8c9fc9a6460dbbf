@_exported import Core
@_exported import Pipelines
@_exported import Processing
@_exported import Stages
