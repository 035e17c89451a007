/// What geo-IP services say about a country's addresses: one plausible place in each.
struct GeographicPlace: Hashable, Sendable {
  /// ISO 3166-1 alpha-2.
  var country: String
  var countryName: String
  var continent: String
  var currency: String
  var region: String
  var city: String
  var postalCode: String
  var latitude: String
  var longitude: String
  var timezone: String
  var autonomousSystem: String
  var organization: String

  /// In the order of the properties. Coordinates and zone are the capital's or the largest city's; the autonomous
  /// system is that of a large provider there (public registry data).
  private static let table = """
    US|United States|NA|USD|New York|New York|10001|40.7128|-74.0060|America/New_York|AS7922|Comcast Cable
    CA|Canada|NA|CAD|Ontario|Toronto|M5H|43.6532|-79.3832|America/Toronto|AS577|Bell Canada
    MX|Mexico|NA|MXN|Mexico City|Mexico City|06000|19.4326|-99.1332|America/Mexico_City|AS8151|UNINET
    BR|Brazil|SA|BRL|Sao Paulo|São Paulo|01000|-23.5505|-46.6333|America/Sao_Paulo|AS28573|Claro NXT
    GB|United Kingdom|EU|GBP|England|London|EC1A|51.5074|-0.1278|Europe/London|AS2856|British Telecom
    IE|Ireland|EU|EUR|Leinster|Dublin|D02|53.3498|-6.2603|Europe/Dublin|AS5466|Eircom Limited
    FR|France|EU|EUR|Île-de-France|Paris|75001|48.8566|2.3522|Europe/Paris|AS3215|Orange S.A.
    DE|Germany|EU|EUR|Berlin|Berlin|10115|52.5200|13.4050|Europe/Berlin|AS3320|Deutsche Telekom AG
    NL|Netherlands|EU|EUR|North Holland|Amsterdam|1012|52.3676|4.9041|Europe/Amsterdam|AS1136|KPN B.V.
    ES|Spain|EU|EUR|Madrid|Madrid|28001|40.4168|-3.7038|Europe/Madrid|AS3352|Telefonica de Espana
    IT|Italy|EU|EUR|Lazio|Rome|00118|41.9028|12.4964|Europe/Rome|AS3269|Telecom Italia S.p.A.
    CH|Switzerland|EU|CHF|Zurich|Zürich|8001|47.3769|8.5417|Europe/Zurich|AS3303|Swisscom AG
    SE|Sweden|EU|SEK|Stockholm|Stockholm|111 20|59.3293|18.0686|Europe/Stockholm|AS3301|Telia Company AB
    PL|Poland|EU|PLN|Mazovia|Warsaw|00-001|52.2297|21.0122|Europe/Warsaw|AS5617|Orange Polska S.A.
    UA|Ukraine|EU|UAH|Kyiv City|Kyiv|01001|50.4501|30.5234|Europe/Kyiv|AS15895|Kyivstar PJSC
    RU|Russia|EU|RUB|Moscow|Moscow|101000|55.7558|37.6173|Europe/Moscow|AS12389|PJSC Rostelecom
    TR|Turkey|AS|TRY|Istanbul|Istanbul|34000|41.0082|28.9784|Europe/Istanbul|AS9121|Turk Telekom
    IL|Israel|AS|ILS|Tel Aviv|Tel Aviv|61000|32.0853|34.7818|Asia/Jerusalem|AS8551|Bezeq International Ltd.
    IR|Iran|AS|IRR|Tehran|Tehran|11369|35.6892|51.3890|Asia/Tehran|AS58224|Iran Telecommunication Co
    AE|United Arab Emirates|AS|AED|Dubai|Dubai|00000|25.2048|55.2708|Asia/Dubai|AS5384|Emirates Telecom
    SA|Saudi Arabia|AS|SAR|Riyadh Region|Riyadh|11564|24.7136|46.6753|Asia/Riyadh|AS25019|Saudi Telecom
    IN|India|AS|INR|Maharashtra|Mumbai|400001|19.0760|72.8777|Asia/Kolkata|AS55836|Reliance Jio
    PK|Pakistan|AS|PKR|Sindh|Karachi|74000|24.8607|67.0011|Asia/Karachi|AS17557|Pakistan Telecom
    SG|Singapore|AS|SGD|Singapore|Singapore|018989|1.3521|103.8198|Asia/Singapore|AS7473|Singtel
    CN|China|AS|CNY|Shanghai|Shanghai|200000|31.2304|121.4737|Asia/Shanghai|AS4812|China Telecom Group
    HK|Hong Kong|AS|HKD|Hong Kong|Hong Kong|999077|22.3193|114.1694|Asia/Hong_Kong|AS4760|HKT Limited
    TW|Taiwan|AS|TWD|Taiwan|Taipei|100|25.0330|121.5654|Asia/Taipei|AS3462|Chunghwa Telecom
    JP|Japan|AS|JPY|Tokyo|Tokyo|100-0001|35.6762|139.6503|Asia/Tokyo|AS4713|NTT Communications
    KR|South Korea|AS|KRW|Seoul|Seoul|04524|37.5665|126.9780|Asia/Seoul|AS4766|Korea Telecom
    KP|North Korea|AS|KPW|Pyongyang|Pyongyang||39.0392|125.7625|Asia/Pyongyang|AS131279|Ryugyong-dong
    VN|Vietnam|AS|VND|Hanoi|Hanoi|10000|21.0278|105.8342|Asia/Ho_Chi_Minh|AS45899|VNPT Corp
    ID|Indonesia|AS|IDR|Jakarta|Jakarta|10110|-6.2088|106.8456|Asia/Jakarta|AS7713|PT Telekomunikasi Indonesia
    AU|Australia|OC|AUD|New South Wales|Sydney|2000|-33.8688|151.2093|Australia/Sydney|AS1221|Telstra Limited
    ZA|South Africa|AF|ZAR|Gauteng|Johannesburg|2000|-26.2041|28.0473|Africa/Johannesburg|AS37457|Telkom SA Ltd.
    NG|Nigeria|AF|NGN|Lagos|Lagos|100001|6.5244|3.3792|Africa/Lagos|AS29465|MTN Nigeria
    EG|Egypt|AF|EGP|Cairo Governorate|Cairo|11511|30.0444|31.2357|Africa/Cairo|AS8452|TE Data
    CU|Cuba|NA|CUP|Havana|Havana|10100|23.1136|-82.3666|America/Havana|AS27725|ETECSA
    SY|Syria|AS|SYP|Damascus|Damascus||33.5138|36.2765|Asia/Damascus|AS29256|Syrian Telecom
    """

  static let all: [GeographicPlace] = table.split(separator: "\n").compactMap { GeographicPlace(row: $0) }

  /// The place of a country; for one that the table lacks, its code and nothing made up.
  static func inCountry(_ code: String) -> GeographicPlace {
    all.first { $0.country == code } ?? GeographicPlace(row: "\(code)|\(code)||||||0|0|UTC|AS0|")!
  }

  private init?(row: Substring) {
    let fields = row.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 12 else { return nil }
    country = fields[0]
    countryName = fields[1]
    continent = fields[2]
    currency = fields[3]
    region = fields[4]
    city = fields[5]
    postalCode = fields[6]
    latitude = fields[7]
    longitude = fields[8]
    timezone = fields[9]
    autonomousSystem = fields[10]
    organization = fields[11]
  }
}
