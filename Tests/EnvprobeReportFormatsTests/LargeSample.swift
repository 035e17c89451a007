import EnvprobeModel

/// As much as a page has to bear: 1,000 runs, 10,000 places, and traces of forty runs.
enum LargeSample {
  static let report: Report = {
    let runs = (0..<1000).map { number in
      Samples.run(Samples.places[number % Samples.places.count].name, number / Samples.places.count + 1)
    }
    let findings = (0..<40).map { number in
      var finding = number % 2 == 0 ? Samples.apostrophe : Samples.tools
      finding.id = "large-\(number)"
      finding.evidence = runs.prefix(300).map(\.id)
      finding.locations = (0..<250).map { place in
        .init(
          channel: .http,
          location: "\(Samples.messages) body.tools[\(number)].input_schema.properties[\(place)].description",
          kind: .changed, before: String(repeating: "what stood there before ", count: 40) + "\(place)",
          after: String(repeating: "what stood there before ", count: 40) + "\(place) and what came\u{2019}after")
      }
      return finding
    }
    return Samples.report(findings, .different, runs: runs)
  }()

  static let traces: [Trace] = (0..<40).map { number in
    var trace = SampleTraces.all[number % SampleTraces.all.count]
    trace.id = report.runs[number].id
    let text = (0..<1500).map { "{\"id\":\"\(number)-\($0)\",\"text\":\"an entry of the log that is like any other\"}" }
    let bytes = Array(("[" + text.joined(separator: ",") + "]").utf8)
    let blob = SampleTraces.blob(bytes)
    trace.blobs[blob.sha256] = bytes
    trace.events += (0..<2000).map { index in
      Event(
        sequence: 100 + index, time: 1 + Double(index) / 5000, pid: 2,
        payload: .syscall(
          .init(name: "openat", arguments: [.path(.complete(ByteString("/usr/lib/file-\(index)".utf8)))])))
    }
    trace.events.append(
      Event(
        sequence: 9000, time: 1.2,
        payload: .request(
          .init(
            exchange: 9, connection: 1, scheme: "https", host: "log.example.com", port: 443, via: [], method: "POST",
            target: "/batch", version: "HTTP/2", headers: [], body: blob))))
    return trace
  }
}
