/// Text with places like `{{country}}` that are filled in for each answer.
struct Template: Hashable, Sendable {
  enum Piece: Hashable, Sendable {
    case text(String)
    case place(Place)
  }

  /// What can stand between the braces.
  enum Place: String, Hashable, Sendable, CaseIterable {
    case publicAddress = "public_address"
    case country
    case countryName = "country_name"
    case continent
    case currency
    case region
    case city
    case postalCode = "postal_code"
    case latitude
    case longitude
    case timezone
    case autonomousSystem = "autonomous_system"
    case organization
    /// The host that the request names.
    case host
    /// The value of the request's User-Agent field.
    case userAgent = "user_agent"
    /// Seconds since 1970.
    case now
  }

  var pieces: [Piece]

  /// Reads a template; throws the name of a place that does not exist.
  init(_ source: String) throws(UnknownPlace) {
    pieces = []
    var rest = Substring(source)
    while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
      let name = rest[open.upperBound..<close.lowerBound]
      guard name.allSatisfy({ $0.isLetter || $0 == "_" }), !name.isEmpty else {
        // Two braces of JSON, say; they are text.
        pieces.append(.text(String(rest[..<open.upperBound])))
        rest = rest[open.upperBound...]
        continue
      }
      guard let place = Place(rawValue: String(name)) else { throw UnknownPlace(name: String(name)) }
      pieces.append(.text(String(rest[..<open.lowerBound])))
      pieces.append(.place(place))
      rest = rest[close.upperBound...]
    }
    pieces.append(.text(String(rest)))
  }

  struct UnknownPlace: Error, Hashable {
    var name: String
  }

  func render(_ value: (Place) -> String) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .place(let place): value(place)
      }
    }.joined()
  }
}
