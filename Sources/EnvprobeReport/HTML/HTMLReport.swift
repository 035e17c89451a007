import Crypto
import EnvprobeModel
import Mustache

/// A report as one self-contained page.
///
/// It needs no network and its policy forbids any; its only script is its own, allowed by hash. Whatever comes from the
/// program under audit is text on it, never markup: escaped where it is part of the page, and set as text by the script
/// where it is rendered on demand. Equal reports give equal bytes.
public struct HTMLReport: Sendable {
  /// How much of the evidence goes onto the page.
  public struct Options: Hashable, Sendable {
    /// Bytes of the whole page, at most.
    public var sizeLimit: Int
    /// Bytes of one request or response body, at most.
    public var bodyLimit: Int

    public init(sizeLimit: Int = 10_000_000, bodyLimit: Int = 256 * 1024) {
      self.sizeLimit = sizeLimit
      self.bodyLimit = bodyLimit
    }
  }

  private let report: Report
  private let traces: [Trace]
  private let options: Options

  /// `traces` are those of the report's runs, as far as they are to be looked at: they give the page its requests,
  /// processes, timelines, files and hashes.
  public init(_ report: Report, traces: [Trace] = [], options: Options = Options()) {
    self.report = report
    self.traces = traces
    self.options = options
  }

  public var text: String {
    // What findings and table take is known only when they are written; the data gets what is left, and where even
    // that is too much, less.
    var budget = options.sizeLimit * 4 / 5
    while true {
      let body = body(budget: budget)
      let page = Self.page(title: title, body: body)
      if page.utf8.count <= options.sizeLimit || budget == 0 { return page }
      budget = budget > 100_000 ? budget / 2 : 0
    }
  }

  private var title: String { "\(VerdictText(report).word): \(ShellWord.join(report.subject.argv))" }

  /// Everything between the tags of the body but the script.
  func body(budget: Int) -> String {
    let page = PageValues(report, traces: traces, budget: budget, bodyLimit: options.bodyLimit)
    return Self.templates.render(page, withTemplate: "body")!
  }

  // MARK: - Parts of the page

  private static let style = asset(PackageResources.report_css)
  private static let script = [
    PackageResources.page_js, PackageResources.text_js, PackageResources.findings_js, PackageResources.difference_js,
    PackageResources.traffic_js, PackageResources.runs_js, PackageResources.start_js,
  ].map(asset).joined()

  private static let templates: MustacheLibrary = {
    MustacheContentTypes.register(AuditedContent(), named: AuditedContent.name)
    return MustacheLibrary(templates: [
      "page": template(PackageResources.page_mustache), "body": template(PackageResources.body_mustache),
      "finding": template(PackageResources.finding_mustache), "heatmap": template(PackageResources.heatmap_mustache),
    ])
  }()

  /// A template begins with how it escapes: what is included by another does not take that over from it.
  private static func template(_ bytes: [UInt8]) -> MustacheTemplate {
    // Templates are part of the program: one that cannot be read is a mistake in it.
    try! MustacheTemplate(string: "{{% CONTENT_TYPE: \(AuditedContent.name)}}" + asset(bytes))
  }

  private static func asset(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func page(title: String, body: String) -> String {
    struct Values {
      var policy: String
      var title: String
      var style: String
      var script: String
      var body: String
    }
    let values = Values(policy: policy, title: title, style: style, script: script, body: body)
    return templates.render(values, withTemplate: "page")!
  }

  /// Nothing may be fetched, sent, framed or submitted; one style sheet and one script may be there, by their hashes;
  /// and the script can turn no text into markup.
  private static let policy = [
    "default-src 'none'", "style-src '\(hash(style))'", "script-src '\(hash(script))'", "base-uri 'none'",
    "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
  ].joined(separator: "; ")

  /// The source expression of Content Security Policy Level 3, section 2.3.1.
  private static func hash(_ text: String) -> String {
    "sha256-" + Base64.encode(Array(SHA256.hash(data: Array(text.utf8))))
  }
}
