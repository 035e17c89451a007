import EnvprobeModel

/// What a matrix tells while it goes on.
public enum MatrixEvent: Sendable {
  public enum Phase: String, Sendable {
    /// The baseline against itself.
    case settling
    /// The runs of the design.
    case profiles
    /// More repeats of what differs only where runs differ by themselves.
    case confirmation
    /// Mixtures of the profiles, to find causes.
    case causes
  }
  case phase(Phase)
  case progress(Phase, RunProgress)
  /// Experiments have confirmed the causes of a difference, while others are still looked into.
  case confirmed(Finding)
  /// A run could not be made.
  case failed(PlannedRun, reason: String)
}
