import Crypto

/// Something a model has said before, as the transcript in a request repeats it.
struct Utterance: Hashable, Sendable {
  var texts: [String] = []
  /// Identifiers of the tool calls in it.
  var toolCalls: [String] = []

  /// Whether it is a turn's text, or begins with that and goes on with what the turn's tools are told by text.
  func says(_ text: String) -> Bool { texts.contains { $0 == text || $0.hasPrefix(text + "\n\n") } }
}

/// What the model is to say next.
struct Reply: Hashable, Sendable {
  struct ToolCall: Hashable, Sendable {
    var id: String
    var name: String
    var input: JSON
  }
  /// The number of the turn, from 0; identifiers follow from it, so that they are the same in every run.
  var turn: Int
  var text: String?
  var toolCalls: [ToolCall]
}

extension Scenario.Script {
  /// What to say where a script has nothing.
  static let fallbackText = "OK"

  /// Chooses the turn from the transcript and not from a counter: a retry gets the same answer, and requests that run
  /// beside the main conversation do not move it on.
  ///
  /// - Parameters:
  ///   - transcript: what the model said so far, in order; what others put into its mouth (examples) is no turn.
  ///   - tools: names of the tools that the request offers; no other is called.
  ///   - instructions: what the request says besides, for agents that are told by text what to do.
  ///   - identifier: makes the identifier of a tool call from its turn and place.
  func reply(
    to transcript: [Utterance], offering tools: Set<String>, instructions: () -> String = { "" },
    identifier: (_ turn: Int, _ place: Int) -> String
  ) -> Reply {
    let written = tools.isEmpty ? instructions() : ""
    let isWritten = tools.isEmpty && AgentTool.isWritten(in: written)
    var index = next(after: transcript, identifier)
    if tools.isEmpty, !isWritten, let side { return Reply(turn: index, text: side, toolCalls: []) }
    // A turn of nothing but tools that this program has not is none for it.
    func isUsable(_ turn: Turn) -> Bool {
      turn.text != nil
        || turn.tools.contains { isWritten ? $0.text(for: written) != nil : $0.call(offering: tools) != nil }
    }
    while index < turns.count, !isUsable(turns[index]) { index += 1 }
    guard index < turns.count else {
      // The script is over: calling its last tools again would never end.
      let text = turns.last { $0.text != nil }?.text ?? side ?? Self.fallbackText
      return end(text, index, tools, instructions, identifier)
    }
    let turn = turns[index]
    if isWritten {
      let parts = [turn.text].compactMap(\.self) + turn.tools.compactMap { $0.text(for: written) }
      return Reply(turn: index, text: parts.joined(separator: "\n\n"), toolCalls: [])
    }
    if turn.tools.isEmpty, index == turns.count - 1, let text = turn.text {
      return end(text, index, tools, instructions, identifier)
    }
    let calls = turn.tools.enumerated().compactMap { place, use in
      use.call(offering: tools).map {
        Reply.ToolCall(id: identifier(index, place), name: $0.name, input: $0.input)
      }
    }
    return Reply(turn: index, text: turn.text, toolCalls: calls)
  }

  /// The place of the turn that follows what was said so far.
  private func next(after transcript: [Utterance], _ identifier: (_ turn: Int, _ place: Int) -> String) -> Int {
    var index = 0
    var turnsByCall: [String: Int] = [:]
    for (number, turn) in turns.enumerated() {
      for place in turn.tools.indices { turnsByCall[identifier(number, place)] = number }
    }
    for utterance in transcript {
      if let number = utterance.toolCalls.compactMap({ turnsByCall[$0] }).max() {
        index = max(index, number + 1)
      } else if let number = turns.indices.first(where: { number in
        number >= index && turns[number].text.map { utterance.says($0.trimmedOfSpace) } == true
      }) {
        index = number + 1
      }
    }
    return index
  }

  /// The last thing that is said, with the call that some agents want for it.
  private func end(
    _ text: String, _ index: Int, _ tools: Set<String>, _ instructions: () -> String,
    _ identifier: (_ turn: Int, _ place: Int) -> String
  ) -> Reply {
    let call = tools.isEmpty ? nil : AgentTool.ending(text, offering: tools, instructions: instructions)
    return Reply(
      turn: index, text: text,
      toolCalls: call.map { [.init(id: identifier(index, 0), name: $0.name, input: $0.input)] } ?? [])
  }

  /// An identifier as model APIs make them: a prefix and letters and digits that look random, but are always the same.
  static func identifier(_ prefix: String, _ parts: Int..., length: Int) -> String {
    let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    var characters: [UInt8] = []
    var block = 0
    while characters.count < length {
      let seed = "\(prefix) \(parts) \(block)"
      characters += SHA256.hash(data: Array(seed.utf8)).map { alphabet[Int($0) % alphabet.count] }
      block += 1
    }
    return prefix + String(decoding: characters.prefix(length), as: UTF8.self)
  }
}

extension String {
  /// Without white space at its ends: clients trim what they repeat.
  var trimmedOfSpace: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
