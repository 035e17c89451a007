import EnvprobeModel

/// One folder's comparison: walks, describes what differs, and counts what it could not see.
struct FolderComparison {
  private let root: FileChange.Root
  private let sink: any EventSink
  private let limits: FileChangeRecorder.Limits
  private var changes = 0
  private var omitted = 0

  init(root: FileChange.Root, sink: any EventSink, limits: FileChangeRecorder.Limits) {
    self.root = root
    self.sink = sink
    self.limits = limits
  }

  func finish() {
    guard omitted > 0 else { return }
    sink.record(
      .gap(Gap(kind: .files, detail: "\(root.rawValue): more than \(limits.changes) changes", count: omitted)))
  }

  // MARK: A folder and what it held

  mutating func compare(
    _ folder: Folder, with before: FolderSnapshot, prefix: [UInt8], depth: Int, seen: inout Set<ByteString>
  ) {
    for entry in list(folder, prefix) {
      let path = prefix + entry.name
      let key = ByteString(path)
      let earlier = before.entries[key]
      if let earlier, earlier.kind != entry.kind {
        removed(path, kind: earlier.kind, mode: earlier.mode, size: earlier.size)
      }
      let now = describe(entry, in: folder, path)
      if let earlier, earlier.kind == entry.kind {
        seen.insert(key)
        if !isSame(now, earlier) { record(now, .modified, entry, folder, path) }
      } else {
        if earlier != nil { seen.insert(key) }
        record(now, .created, entry, folder, path)
      }
      if entry.kind == .directory, let inner = open(entry, in: folder, path, depth) {
        compare(inner, with: before, prefix: path + [UInt8(ascii: "/")], depth: depth + 1, seen: &seen)
      }
    }
  }

  // MARK: An overlay's layers

  /// - Parameter lower: `nil` where the layer below has no such folder, or it is hidden.
  mutating func compare(upper: Folder, lower: Folder?, prefix: [UInt8], depth: Int) {
    let entries = list(upper, prefix)
    for entry in entries {
      let path = prefix + entry.name
      let earlier = lower?.entry(entry.name)
      if entry.isWhiteout {
        // One without anything below it hides what the program itself had made.
        if let earlier, let lower { removeTree(earlier, in: lower, path, depth) }
        continue
      }
      if let earlier, let lower, earlier.kind != entry.kind { removeTree(earlier, in: lower, path, depth) }
      let isKept = earlier?.kind == entry.kind
      let now = describe(entry, in: upper, path)
      if isKept, let earlier, let lower {
        // A file that was opened for writing is copied up, also where nothing was written then.
        if !isSame(now, before(earlier, in: lower, like: now, path)) { record(now, .modified, entry, upper, path) }
      } else {
        record(now, .created, entry, upper, path)
      }
      guard entry.kind == .directory, let inner = open(entry, in: upper, path, depth) else { continue }
      if inner.redirect != nil {
        gap("a renamed folder's contents lie elsewhere", path)
        continue
      }
      let below = isKept ? try? lower?.folder(entry.name) : nil
      let innerPrefix = path + [UInt8(ascii: "/")]
      compare(upper: inner, lower: below, prefix: innerPrefix, depth: depth + 1)
      if let below, inner.isOpaque { removeHidden(by: inner, in: below, prefix: innerPrefix, depth) }
    }
  }

  /// Everything that an opaque folder hides and does not hold itself.
  private mutating func removeHidden(by upper: Folder, in lower: Folder, prefix: [UInt8], _ depth: Int) {
    for entry in list(lower, prefix) where upper.entry(entry.name) == nil {
      removeTree(entry, in: lower, prefix + entry.name, depth)
    }
  }

  private mutating func removeTree(_ entry: Folder.Entry, in folder: Folder, _ path: [UInt8], _ depth: Int) {
    removed(path, kind: entry.kind, mode: entry.mode, size: entry.size)
    guard entry.kind == .directory, changes < limits.changes, let inner = open(entry, in: folder, path, depth)
    else { return }
    let prefix = path + [UInt8(ascii: "/")]
    for entry in list(inner, prefix) { removeTree(entry, in: inner, prefix + entry.name, depth + 1) }
  }

  /// What an entry of the layer below was, hashed only where its size leaves the question open.
  private mutating func before(
    _ entry: Folder.Entry, in folder: Folder, like now: FolderSnapshot.Entry, _ path: [UInt8]
  ) -> FolderSnapshot.Entry {
    if entry.kind == .file, entry.size != now.size {
      return FolderSnapshot.Entry(kind: .file, mode: entry.mode, size: entry.size)
    }
    return describe(entry, in: folder, path)
  }

  // MARK: Entries

  private func isSame(_ now: FolderSnapshot.Entry, _ before: FolderSnapshot.Entry) -> Bool {
    if let mode = before.mode, mode != now.mode { return false }
    switch now.kind {
    case .directory, .fifo, .socket, .device: return true
    case .link: return now.linkTarget == before.linkTarget
    case .file: return now.size == before.size && now.sha256 == before.sha256
    }
  }

  private func describe(_ entry: Folder.Entry, in folder: Folder, _ path: [UInt8]) -> FolderSnapshot.Entry {
    var result = FolderSnapshot.Entry(kind: entry.kind, mode: entry.mode)
    switch entry.kind {
    case .directory, .fifo, .socket, .device: break
    case .link: result.linkTarget = folder.linkTarget(entry.name).map { ByteString($0) }
    case .file:
      result.size = entry.size
      if entry.size > limits.hashed {
        gap("a file of \(entry.size) bytes is too large to be read", path)
      } else {
        do { result.sha256 = try folder.digest(entry.name) } catch { gap(explanation(of: error.errno), path) }
      }
    }
    return result
  }

  private mutating func record(
    _ now: FolderSnapshot.Entry, _ change: FileChange.Change, _ entry: Folder.Entry, _ folder: Folder, _ path: [UInt8]
  ) {
    guard count() else { return }
    var content: Blob?
    if now.sha256 != nil, entry.size <= limits.kept {
      do { content = sink.store(try folder.contents(entry.name)) } catch { gap(explanation(of: error.errno), path) }
    }
    sink.record(
      .file(
        FileChange(
          root: root, path: ByteString(path), change: change, kind: now.kind, mode: now.mode, size: now.size,
          content: content, sha256: now.sha256, linkTarget: now.linkTarget)))
  }

  mutating func removed(_ path: [UInt8], kind: FileChange.Kind, mode: Int?, size: Int?) {
    guard count() else { return }
    sink.record(
      .file(
        FileChange(
          root: root, path: ByteString(path), change: .removed, kind: kind, mode: mode,
          size: kind == .file ? size : nil)))
  }

  private mutating func count() -> Bool {
    guard changes < limits.changes else {
      omitted += 1
      return false
    }
    changes += 1
    return true
  }

  private func list(_ folder: Folder, _ prefix: [UInt8]) -> [Folder.Entry] {
    do {
      return try folder.entries()
    } catch {
      gap(explanation(of: error.errno), prefix)
      return []
    }
  }

  private func open(_ entry: Folder.Entry, in folder: Folder, _ path: [UInt8], _ depth: Int) -> Folder? {
    guard depth < limits.depth else {
      gap("folders are nested more than \(limits.depth) deep", path)
      return nil
    }
    do {
      return try folder.folder(entry.name)
    } catch {
      gap(explanation(of: error.errno), path)
      return nil
    }
  }

  private func gap(_ what: String, _ path: [UInt8]) {
    sink.record(.gap(Gap(kind: .files, detail: "\(root.rawValue)/\(ByteString(path).displayText): \(what)")))
  }
}
