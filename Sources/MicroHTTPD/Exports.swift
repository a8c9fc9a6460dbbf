// Headers and queries are part of this module's interface: who imports one gets both.
@_exported import HTTP
