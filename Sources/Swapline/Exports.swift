@_exported import Core
@_exported import Files
@_exported import Ledgers
@_exported import Pipelines
@_exported import Processing
@_exported import Runs
@_exported import Stages
