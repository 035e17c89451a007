import Crypto

/// Something a model has said before, as the transcript in a request repeats it.
struct Utterance: Hashable, Sendable {
  var texts: [String] = []
  /// Identifiers of the tool calls in it.
  var toolCalls: [String] = []
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
  ///   - identifier: makes the identifier of a tool call from its turn and place.
  func reply(
    to transcript: [Utterance], offering tools: Set<String>, identifier: (_ turn: Int, _ place: Int) -> String
  ) -> Reply {
    var index = 0
    var turnsByCall: [String: Int] = [:]
    for (number, turn) in turns.enumerated() {
      for place in turn.tools.indices { turnsByCall[identifier(number, place)] = number }
    }
    for utterance in transcript {
      if let number = utterance.toolCalls.compactMap({ turnsByCall[$0] }).max() {
        index = max(index, number + 1)
      } else if let number = turns.indices.first(where: { number in
        number >= index && turns[number].text.map { utterance.texts.contains($0.trimmedOfSpace) } == true
      }) {
        index = number + 1
      }
    }
    if tools.isEmpty, let side { return Reply(turn: index, text: side, toolCalls: []) }
    // A turn of nothing but tools that this program has not is none for it.
    while index < turns.count, turns[index].text == nil,
      turns[index].tools.allSatisfy({ $0.call(offering: tools) == nil })
    { index += 1 }
    guard index < turns.count else {
      // The script is over: calling its last tools again would never end.
      let text = turns.last { $0.text != nil }?.text ?? side ?? Self.fallbackText
      return Reply(turn: index, text: text, toolCalls: [])
    }
    let turn = turns[index]
    let calls = turn.tools.enumerated().compactMap { place, use in
      use.call(offering: tools).map {
        Reply.ToolCall(id: identifier(index, place), name: $0.name, input: $0.input)
      }
    }
    return Reply(turn: index, text: turn.text, toolCalls: calls)
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
