import EnvprobeReport
import Glibc

/// The streams of this process, as far as they are terminals.
enum Terminal {
  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Columns and rows; `nil` where it is no terminal.
  static func size(of descriptor: Int32) -> (columns: Int, rows: Int)? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// How to lay out a text that goes to a descriptor: as wide as the terminal, up to a line that can still be read; in
  /// colour for a terminal only, and not where NO_COLOR is set (no-color.org).
  static func options(
    for descriptor: Int32, color: ColorChoice, verbosity: TextOptions.Verbosity = .normal
  ) -> TextOptions {
    let isColored: Bool =
      switch color {
      case .always: true
      case .never: false
      case .auto: isTerminal(descriptor) && !(getenv("NO_COLOR").map { $0.pointee != 0 } ?? false)
      }
    return TextOptions(width: min(size(of: descriptor)?.columns ?? 100, 140), color: isColored, verbosity: verbosity)
  }

  /// Writes the whole text. A reader that has gone away is no error of ours.
  static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        return
      }
      bytes = bytes.dropFirst(written)
    }
  }

  static func print(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n", to: 1) }
  static func printError(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n", to: 2) }
}
