import EnvprobeModel

/// A listing for programs, schema `envprobe.listing/1`: the sections that were asked for, with the manifest of the run.
private struct ListingDocument: Encodable {
  let listing: TraceListing
  let sections: Set<TraceListing.Section>

  private enum CodingKeys: String, CodingKey { case schema, id, run, diagnostics }
  private enum EnvironmentKeys: String, CodingKey { case asked, coverage }
  private enum FileKeys: String, CodingKey { case changed, asked }
  private enum NetworkKeys: String, CodingKey { case hosts, names, tls }

  func encode(to encoder: any Encoder) throws {
    var top = encoder.container(keyedBy: CodingKeys.self)
    try top.encode("envprobe.listing/1", forKey: .schema)
    try top.encode(listing.id, forKey: .id)
    try top.encode(listing.manifest, forKey: .run)
    try top.encode(listing.diagnostics, forKey: .diagnostics)
    var container = encoder.container(keyedBy: TraceListing.Section.self)
    for section in sections {
      switch section {
      case .processes: try container.encode(listing.processes, forKey: section)
      case .programs:
        try container.encode(listing.programs, forKey: section)
      case .ambient: try container.encode(listing.ambient, forKey: section)
      case .timeline: try container.encode(listing.timeline, forKey: section)
      case .environment:
        var environment = container.nestedContainer(keyedBy: EnvironmentKeys.self, forKey: section)
        try environment.encode(listing.variables, forKey: .asked)
        try environment.encode(listing.coverage, forKey: .coverage)
      case .files:
        var files = container.nestedContainer(keyedBy: FileKeys.self, forKey: section)
        try files.encode(listing.changes, forKey: .changed)
        try files.encode(listing.asked, forKey: .asked)
      case .network:
        var network = container.nestedContainer(keyedBy: NetworkKeys.self, forKey: section)
        try network.encode(listing.hosts, forKey: .hosts)
        try network.encode(listing.names, forKey: .names)
        try network.encode(listing.handshakes, forKey: .tls)
      case .requests: try container.encode(listing.exchanges, forKey: section)
      case .output: try container.encode(listing.output, forKey: section)
      case .gaps: try container.encode(listing.gaps, forKey: section)
      case .syscalls: try container.encode(listing.syscalls, forKey: section)
      }
    }
  }
}

extension TraceListing {
  /// The listing as JSON with a stable order of keys.
  public func json(_ sections: [Section] = Section.overview) throws -> String {
    try StableJSON.encode(ListingDocument(listing: self, sections: Set(sections)))
  }
}
