import EnvprobeModel

/// One line of a matrix's journal, `matrix.ndjson` beside the bundles.
///
/// The first line is ``header(_:)``. Every later one is appended when the thing it tells of has happened, so that a
/// matrix that was killed at any moment can be read and continued.
public enum JournalEntry: Hashable, Sendable {
  case header(Header)
  /// A run is about to be launched.
  case started(PlannedRun)
  /// A run ended, and its bundle is as whole as it will get.
  case finished(Finished)
  /// A run could not be made; it has no bundle that counts, and is made again on `--resume`.
  case failed(Failed)

  public struct Header: Hashable, Sendable, Codable {
    public static let currentSchema = "envprobe.matrix/1"

    public var schema: String = Self.currentSchema
    public var identity: MatrixIdentity
    /// The seed of the order; kept on `--resume`.
    public var seed: UInt64
    public var repeats: Int

    public init(identity: MatrixIdentity, seed: UInt64, repeats: Int) {
      self.identity = identity
      self.seed = seed
      self.repeats = repeats
    }
  }

  public struct Finished: Hashable, Sendable, Codable {
    /// The id of the run.
    public var run: String
    /// Seconds of wall time.
    public var seconds: Double
    public var exit: Exit?
    /// Whether the trace lacks nothing; see ``RunManifest/complete``.
    public var complete: Bool

    public init(run: String, seconds: Double, exit: Exit?, complete: Bool) {
      self.run = run
      self.seconds = seconds
      self.exit = exit
      self.complete = complete
    }
  }

  public struct Failed: Hashable, Sendable, Codable {
    /// The id of the run.
    public var run: String
    public var reason: String

    public init(run: String, reason: String) {
      self.run = run
      self.reason = reason
    }
  }
}

extension JournalEntry: Codable {
  private enum CodingKeys: CodingKey { case header, started, finished, failed }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let header = try container.decodeIfPresent(Header.self, forKey: .header) {
      self = .header(header)
    } else if let run = try container.decodeIfPresent(PlannedRun.self, forKey: .started) {
      self = .started(run)
    } else if let finished = try container.decodeIfPresent(Finished.self, forKey: .finished) {
      self = .finished(finished)
    } else {
      self = .failed(try container.decode(Failed.self, forKey: .failed))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .header(let header): try container.encode(header, forKey: .header)
    case .started(let run): try container.encode(run, forKey: .started)
    case .finished(let finished): try container.encode(finished, forKey: .finished)
    case .failed(let failed): try container.encode(failed, forKey: .failed)
    }
  }
}
