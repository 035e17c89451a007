/// What the offline world says over a WebSocket.
struct SocketScript: Hashable, Sendable {
  struct Reply: Hashable, Sendable {
    /// The messages to which it is the reply; `nil` for what is said at once.
    var pattern: Glob?
    var text: String
  }
  /// None is silence.
  var replies: [Reply] = []

  /// What is said before the program says anything.
  var greetings: [String] { replies.filter { $0.pattern == nil }.map(\.text) }

  /// The replies to a message: those of the first pattern that matches.
  func replies(to text: String) -> [String] {
    guard let first = replies.first(where: { $0.pattern?.matches(text) == true }) else { return [] }
    return replies.filter { $0.pattern == first.pattern }.map(\.text)
  }
}
