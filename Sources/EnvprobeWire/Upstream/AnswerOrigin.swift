/// Where the answers of a session come from.
public enum AnswerOrigin: Sendable {
  /// The scenario.
  case scenario
  /// What an earlier run was answered.
  case replay(Recording)
  /// The real destinations, as far as they are allowed.
  case live(LiveAccess)
}
