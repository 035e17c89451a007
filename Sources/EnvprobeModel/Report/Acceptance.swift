/// What a baseline says of a report: which findings are known and accepted, and which of its entries are out of date.
public struct Acceptance: Hashable, Sendable, Codable {
  /// A finding that is listed, but decides nothing.
  public struct Accepted: Hashable, Sendable, Codable {
    /// The finding's id.
    public var finding: String
    public var fingerprint: String
    public var reason: String
    public var author: String
    /// The last day on which it holds, `2027-01-31`; `nil` for always.
    public var expires: String?

    public init(finding: String, fingerprint: String, reason: String, author: String, expires: String?) {
      self.finding = finding
      self.fingerprint = fingerprint
      self.reason = reason
      self.author = author
      self.expires = expires
    }
  }

  /// An entry that does nothing.
  public struct Stale: Hashable, Sendable, Codable {
    public enum Cause: String, Sendable, Codable {
      /// Its day has passed; what it accepted counts again.
      case expired
      /// No finding of this report is the one that it accepts.
      case unused
    }
    public var cause: Cause
    public var fingerprint: String
    public var title: String
    public var expires: String?

    public init(cause: Cause, fingerprint: String, title: String, expires: String?) {
      self.cause = cause
      self.fingerprint = fingerprint
      self.title = title
      self.expires = expires
    }
  }

  /// The file, as it was named.
  public var source: String
  public var findings: [Accepted]
  public var stale: [Stale]

  public init(source: String, findings: [Accepted], stale: [Stale]) {
    self.source = source
    self.findings = findings
    self.stale = stale
  }
}
