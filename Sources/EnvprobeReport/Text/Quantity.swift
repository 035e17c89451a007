/// Numbers as people say them.
enum Quantity {
  /// `1 run`, `3 runs`; `plural` where it is no mere `s`.
  static func count(_ number: Int, _ singular: String, plural: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? singular : plural ?? singular + "s")"
  }

  /// `12,345`
  static func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return number < 0 ? "-" + result : result
  }

  /// `78 %`, rounded up: for what holds from there on.
  static func percent(_ fraction: Double) -> String { "\(Int((fraction * 100 - 1e-9).rounded(.up))) %" }

  /// `0 B`, `980 B`, `1.2 kB`, `34 MB`, in powers of 1000.
  static func bytes(_ number: Int) -> String {
    if number < 1000 { return "\(number) B" }
    var value = Double(number)
    var unit = 0
    while value >= 999.5, unit < 4 {
      value /= 1000
      unit += 1
    }
    return decimal(value, places: value < 9.95 ? 1 : 0) + " " + ["B", "kB", "MB", "GB", "TB"][unit]
  }

  /// `3 ms`, `0.84 s`, `12 s`, `2 min 5 s`
  static func seconds(_ value: Double) -> String {
    if value < 0.0995 { return "\(Int((value * 1000).rounded())) ms" }
    if value < 9.995 { return decimal(value, places: 2) + " s" }
    let whole = Int(value.rounded())
    return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }

  static func decimal(_ value: Double, places: Int) -> String {
    let scale = (0..<places).reduce(1) { product, _ in product * 10 }
    let scaled = Int((value * Double(scale)).rounded())
    if places == 0 { return String(scaled) }
    let fraction = String(scaled % scale)
    return "\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
  }

  /// `a`, `a and b`, `a, b and c`
  static func list(_ items: [String], _ conjunction: String = "and") -> String {
    guard items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(conjunction) " + items.last!
  }
}
