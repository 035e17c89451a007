/// How long the baseline is compared with itself before anything else: until so many runs in a row show nothing that
/// varies which had not varied before, at places where equal runs are taken to be equal.
public struct Settling: Hashable, Sendable {
  /// 0 for not at all.
  public var quiet: Int

  /// More runs than this are not made for it.
  public static let limit = 16

  public init(quiet: Int = 2) { self.quiet = max(0, quiet) }

  /// The runs that it takes where nothing varies after the first.
  public var fewest: Int { quiet == 0 ? 0 : quiet + 1 }
  public var most: Int { quiet == 0 ? 0 : max(Self.limit, fewest) }
}
