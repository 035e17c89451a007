import EnvprobeModel
import EnvprobeWire
import FoundationEssentials

/// Replaces the values of secret variables in whatever is recorded, on its way to the record.
struct RedactingSink: EventSink {
  let sink: any EventSink
  let redactor: Redactor

  func record(_ payload: Event.Payload, pid: Int?) {
    if case .output(var output) = payload {
      if let safe = redactor.redact(output.bytes.bytes) { output.bytes = ByteString(safe) }
      return sink.record(.output(output), pid: pid)
    }
    let event = Event(sequence: 0, time: 0, payload: payload)
    guard let redacted = try? Self.redact(event, redactor) else {
      // Rather a gap than a secret.
      let detail = "an event that held the value of a secret variable could not be kept"
      return sink.record(.gap(Gap(kind: .lostEvents, detail: detail)), pid: pid)
    }
    sink.record(redacted.payload, pid: pid)
  }

  func store(_ bytes: [UInt8]) -> Blob { sink.store(redactor.redact(bytes) ?? bytes) }

  /// The value with every secret in its texts replaced.
  static func redact<Value: Codable>(_ value: Value, _ redactor: Redactor) throws -> Value {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    guard let safe = redactor.redact(Array(try encoder.encode(value))) else { return value }
    return try JSONDecoder().decode(Value.self, from: Data(safe))
  }
}
