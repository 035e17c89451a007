import EnvprobeModel

extension World {
  /// What stands at a place of a template.
  func value(of place: Template.Place, for request: ScenarioRequest) -> String {
    let geography = GeographicPlace.inCountry(network.country)
    return switch place {
    case .publicAddress: network.publicAddress
    case .country: network.country
    case .countryName: geography.countryName
    case .continent: geography.continent
    case .currency: geography.currency
    case .region: geography.region
    case .city: geography.city
    case .postalCode: geography.postalCode
    case .latitude: geography.latitude
    case .longitude: geography.longitude
    case .timezone: geography.timezone
    case .autonomousSystem: geography.autonomousSystem
    case .organization: geography.organization
    case .host: request.host
    case .userAgent: request.head.value(of: "user-agent") ?? ""
    case .now: String(now)
    }
  }
}
