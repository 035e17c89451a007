/// The scenarios that come with envprobe.
extension Scenario {
  /// Their texts, each a scenario file, by name; the first is what answers where none is named.
  public static let bundledTexts: [(name: String, text: String)] = [
    ("hello", helloText), ("tools", toolsText), ("long", longText), ("refuse", refuseText), ("offline", offlineText),
  ]

  /// The bundled scenario of a name; `nil` where there is none.
  public static func bundled(_ name: String) -> Scenario? {
    guard let text = bundledTexts.first(where: { $0.name == name })?.text else { return nil }
    var scenario = try! Scenario(yaml: text, file: name)  // the tests read every one
    scenario.isBundled = true
    return scenario
  }

  /// What answers where no scenario is named.
  public static let hello = bundled("hello")!

  private static let helloText = """
    schema: envprobe.scenario/1
    name: hello
    description: One turn with a short text, the least that lets an agent finish.
    turns:
      - text: Hello! How can I help you today?
    """

  private static let toolsText = """
    schema: envprobe.scenario/1
    name: tools
    description: The agent looks around with its own shell tool, reads a file, edits it, and ends.
    turns:
      - text: I'll look at the environment first.
        tools:
          - shell: "date; env | sort; locale; printf 'one\\\\ntwo\\\\n' > notes.txt"
      - text: Now I'll read the notes.
        tools:
          - read: notes.txt
      - text: The second line needs a change.
        tools:
          - edit: {file: notes.txt, old: two, new: three}
      - text: Done. The second line of notes.txt now says three.
    side: OK
    """

  private static let longText = """
    schema: envprobe.scenario/1
    name: long
    description: Twelve turns with the agent's own shell tool.
    turns:
      - {text: "Let me see where I am.", tools: [{shell: pwd}]}
      - {text: "What is here?", tools: [{shell: ls -a}]}
      - {text: "Who am I?", tools: [{shell: id -un}]}
      - {text: "Which machine is this?", tools: [{shell: uname -n}]}
      - {text: "What time is it?", tools: [{shell: date}]}
      - {text: "And in UTC?", tools: [{shell: date -u}]}
      - {text: "Which language?", tools: [{shell: locale}]}
      - {text: "Which variables are set?", tools: [{shell: env | sort}]}
      - {text: "I'll start a file.", tools: [{shell: "echo one > notes.txt"}]}
      - {text: "And add to it.", tools: [{shell: "echo two >> notes.txt"}]}
      - {text: "Let me check it.", tools: [{shell: cat notes.txt}]}
      - {text: "Done. notes.txt has two lines."}
    side: OK
    """

  /// Which error comes depends on the attempt, which clients number themselves or which is counted.
  private static let refuseText = """
    schema: envprobe.scenario/1
    name: refuse
    description: Models are busy (429), then overloaded (529 or 503), then the key is refused (401).
    rules:
      - name: refuse.429
        match: {method: POST, path: "*/messages", attempt: 1}
        answer:
          status: 429
          headers: {retry-after: "1"}
          json: {type: error, error: {type: rate_limit_error, message: This request would exceed your rate limit.}}
      - name: refuse.529
        match: {method: POST, path: "*/messages", attempt: 2}
        answer: {status: 529, json: {type: error, error: {type: overloaded_error, message: Overloaded}}}
      - name: refuse.401
        match: {method: POST, path: "*/messages", attempt: 3+}
        answer:
          status: 401
          headers: {x-should-retry: "false"}
          json: {type: error, error: {type: authentication_error, message: invalid x-api-key}}
      - name: refuse.429
        match: {method: POST, path: ["*/chat/completions", "*/responses"], attempt: 1}
        answer:
          status: 429
          headers: {retry-after: "1"}
          json: {error: {message: Rate limit reached for requests, type: requests, param: null, code: rate_limit_exceeded}}
      - name: refuse.503
        match: {method: POST, path: ["*/chat/completions", "*/responses"], attempt: 2}
        answer:
          status: 503
          json: {error: {message: The server is overloaded, type: server_error, param: null, code: null}}
      - name: refuse.401
        match: {method: POST, path: ["*/chat/completions", "*/responses"], attempt: 3+}
        answer:
          status: 401
          json: {error: {message: Incorrect API key provided, type: invalid_request_error, param: null, code: invalid_api_key}}
      - name: refuse.429
        match: {method: POST, path: ["*:generateContent", "*:streamGenerateContent"], attempt: 1}
        answer:
          status: 429
          json: {error: {code: 429, message: Resource has been exhausted, status: RESOURCE_EXHAUSTED}}
      - name: refuse.503
        match: {method: POST, path: ["*:generateContent", "*:streamGenerateContent"], attempt: 2}
        answer: {status: 503, json: {error: {code: 503, message: The model is overloaded, status: UNAVAILABLE}}}
      - name: refuse.401
        match: {method: POST, path: ["*:generateContent", "*:streamGenerateContent"], attempt: 3+}
        answer: {status: 401, json: {error: {code: 401, message: API key not valid, status: UNAUTHENTICATED}}}
    """

  private static let offlineText = """
    schema: envprobe.scenario/1
    name: offline
    description: Nothing answers. Names do not resolve, and connections are refused.
    offline: true
    """
}
