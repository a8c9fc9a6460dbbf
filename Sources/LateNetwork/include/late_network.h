// Declares nothing: who links this target has functions that load their library when they are called.
