/// Names by which programs tell places apart, as the CLDR lists them.
public enum PlaceNames {
  /// Time zones, aliases included.
  public static let zones = Set(LocaleFormats.rowKeys("*zones") + LocaleFormats.rowKeys("*aliases"))
  /// `zh_CN`, as POSIX writes them.
  public static let locales = LocaleFormats.localeNames
  /// Two letters each (ISO 3166).
  public static let territories = Set(LocaleFormats.rowKeys("*territories"))
  /// Three letters each (ISO 4217), those of the past included.
  public static let currencies = Set(LocaleFormats.rowKeys("*currencies"))
}
