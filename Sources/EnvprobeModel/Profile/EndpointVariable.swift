/// An environment variable in which agents look for the base URL of a model API.
public struct EndpointVariable: Hashable, Sendable {
  public var name: String
  /// What is appended to the base URL of the profile: some clients expect the version in it.
  public var path: String
  /// The API family, for the reference page.
  public var family: String
  /// The official host that stands for the unset variable.
  public var officialHost: String

  /// Every variable that the `endpoint` factor sets.
  public static let all: [EndpointVariable] = [
    .init(name: "ANTHROPIC_BASE_URL", path: "", family: "Anthropic", officialHost: "api.anthropic.com"),
    .init(name: "ANTHROPIC_API_URL", path: "", family: "Anthropic", officialHost: "api.anthropic.com"),
    .init(name: "OPENAI_BASE_URL", path: "/v1", family: "OpenAI", officialHost: "api.openai.com"),
    .init(name: "OPENAI_API_BASE", path: "/v1", family: "OpenAI", officialHost: "api.openai.com"),
    .init(
      name: "GOOGLE_GEMINI_BASE_URL", path: "", family: "Google",
      officialHost: "generativelanguage.googleapis.com"),
    .init(name: "GEMINI_API_BASE", path: "", family: "Google", officialHost: "generativelanguage.googleapis.com"),
  ]
}
