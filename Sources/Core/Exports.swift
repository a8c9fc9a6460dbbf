// `ThreadPool` hands a `Cancellation` to its work: who imports one gets both.
@_exported import Cancelling
