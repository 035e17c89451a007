/// Which requests are calls of a model: what a user entrusts to the program, and the part of the traffic that is
/// constant from run to run. Everything else may be telemetry, which is not.
enum ModelAPI {
  /// The end of the path of each family's calls.
  static let paths: [(family: String, suffix: String)] = [
    ("Anthropic Messages", "/messages"),
    ("Anthropic Messages", "/messages/count_tokens"),
    ("Anthropic, legacy", "/complete"),
    ("OpenAI Chat Completions", "/chat/completions"),
    ("OpenAI Completions", "/completions"),
    ("OpenAI Responses", "/responses"),
    ("Embeddings", "/embeddings"),
    ("Gemini", ":generateContent"),
    ("Gemini", ":streamGenerateContent"),
    ("Gemini", ":countTokens"),
    ("Bedrock", "/invoke"),
    ("Bedrock", "/invoke-with-response-stream"),
    ("Bedrock", "/converse"),
    ("Bedrock", "/converse-stream"),
    ("Vertex", ":rawPredict"),
    ("Vertex", ":streamRawPredict"),
    ("Ollama", "/api/chat"),
    ("Ollama", "/api/generate"),
  ]

  /// Whether a request to this path, without its query, is a call of a model.
  static func isCall(method: String, path: String) -> Bool {
    method == "POST" && paths.contains { path.hasSuffix($0.suffix) }
  }
}
