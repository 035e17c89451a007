import Crypto
import EnvprobeModel
import FoundationEssentials
import Glibc
import Synchronization

/// Writes what one run leaves behind into a folder: the manifest, the events as they come, and blobs by their SHA-256.
///
/// Every method can be called from any thread. A disk that is full does not end the run: the bundle is then incomplete,
/// its manifest says why, and ``finish(exit:)`` throws.
public final class BundleWriter: EventSink {
  /// Seconds an event waits at most before it is written.
  static let flushInterval = 0.1
  /// Events after which the flusher is told that there is more to do.
  ///
  /// Making lines is its work: the thread that records answers the program's system calls, and the program waits.
  private static let batchSize = 512
  /// Bytes that are written at once: of what comes to a full disk, what still fits is kept.
  private static let pieceSize = 16 << 10
  /// Events after which who records has to make the lines: the flusher is behind.
  private static let pendingLimit = 8192

  private struct State {
    var manifest: RunManifest
    /// Events that have still to be made into lines, in order.
    var pending: [Event] = []
    var sequence = 0
    var counts: [String: Int] = [:]
    /// Apart from the others, because it is counted by far the most often.
    var syscalls = 0
    var origin = BundleWriter.now()
    var failure: BundleError?
    /// Events and blobs that came after the failure.
    var dropped = 0
    var flusher: KernelThread?
    /// Whether the flusher knows that there is something to write.
    var isFlushDue = false
    var isFinished = false
  }

  /// The bundle's folder.
  public let directory: String
  private let folder: BundleFolder
  private let blobFolder: BundleFolder
  private let events: Int32
  /// Wakes the flusher.
  private let wake: Wake
  private let state: Mutex<State>
  /// The lines in the making. Who holds it may take `state` as well, and not the other way round.
  private let lines = Mutex(EventLine())
  private let knownBlobs = Mutex<Set<String>>([])
  private let blobCount = Atomic<Int>(0)

  /// Makes the folder, and starts to write: at once the manifest, with `complete: false`.
  ///
  /// - Throws: Where the folder cannot be made or holds a bundle already.
  public init(directory: String, manifest: RunManifest) throws(BundleError) {
    self.directory = directory
    folder = try BundleFolder(creating: directory)
    blobFolder = try BundleFolder(creating: directory + "/" + BundleFile.blobs)
    let path = directory + "/" + BundleFile.events
    events = folder.create(BundleFile.events, exclusively: true)
    guard events >= 0 else {
      throw BundleError(
        "write", subject: path, errno: -events,
        hint: events == -EEXIST ? "the folder holds a bundle already; choose another with --out" : nil)
    }
    do { wake = try Wake() } catch { throw BundleError("write", subject: path, errno: error.errno) }
    var unfinished = manifest
    unfinished.complete = false
    let first = unfinished
    state = Mutex(State(manifest: first))
    do {
      let flusher = try KernelThread("envprobe-bundle") { [weak self, wake] in
        self?.write(first)
        var waiting = pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)
        while true {
          poll(&waiting, 1, -1)
          wake.clear()
          guard self?.isFinished == false else { return }
          // Events come in bursts: one write for all of the next moment. `finish` cuts the wait short.
          poll(&waiting, 1, Int32(Self.flushInterval * 1000))
          self?.flush()
        }
      }
      state.withLock { $0.flusher = flusher }
    } catch {
      throw BundleError("write", subject: path, errno: error.errno)
    }
  }

  /// Writes the manifest that says that a run is going on, and makes room for the one that will replace it.
  ///
  /// On the flusher's thread: a process's first use of `JSONEncoder` takes half a millisecond, for which the launch
  /// need not wait.
  private func write(_ manifest: RunManifest) {
    let error = writeManifest(manifest)
    if let error { return state.withLock { $0.failure = $0.failure ?? error } }
    let room = folder.create(BundleFile.nextManifest)
    if room >= 0 {
      // Where the file system cannot reserve room, a full disk leaves the first manifest: incomplete, without a reason.
      posix_fallocate(room, 0, off_t(BundleFile.manifestRoom))
      close(room)
    }
  }

  private func writeManifest(_ manifest: RunManifest) -> BundleError? {
    let bytes: [UInt8]
    do { bytes = try Self.encode(manifest) } catch { return error }
    let error = folder.replace(BundleFile.manifest, with: bytes, by: BundleFile.nextManifest)
    return error == 0 ? nil : BundleError("write", subject: directory + "/" + BundleFile.manifest, errno: -error)
  }

  deinit {
    wake.signal()
    close(events)
    folder.close()
    blobFolder.close()
  }

  /// Makes now the instant from which the events' times count. Until then they count from the writer's creation.
  public func launched() { state.withLock { $0.origin = Self.now() } }

  /// Changes what the manifest will say at the end.
  public func update(_ body: @Sendable (inout RunManifest) -> Void) { state.withLock { body(&$0.manifest) } }

  public func record(_ payload: Event.Payload, pid: Int?) {
    let time = Self.now()
    let isBehind = state.withLock { state in
      guard !state.isFinished else { return false }
      if case .gap(let gap) = payload { state.manifest.note(gap) }
      guard state.failure == nil else {
        state.dropped += 1
        return false
      }
      state.sequence += 1
      let isSyscall = if case .syscall = payload { true } else { false }
      if isSyscall { state.syscalls += 1 } else { state.counts[payload.kind, default: 0] += 1 }
      let microseconds = (time - min(time, state.origin)) / 1000
      let seconds = Double(microseconds) / 1_000_000
      state.pending.append(Event(sequence: state.sequence, time: seconds, pid: pid, payload: payload))
      if !state.isFlushDue || state.pending.count % Self.batchSize == 0 {
        state.isFlushDue = true
        wake.signal()
      }
      return state.pending.count >= Self.pendingLimit
    }
    if isBehind { flush() }
  }

  public func store(_ bytes: [UInt8]) -> Blob {
    let name = Hexadecimal.encode(SHA256.hash(data: bytes))
    let blob = Blob(sha256: name, size: bytes.count)
    guard knownBlobs.withLock({ $0.insert(name).inserted }) else { return blob }
    guard state.withLock({ $0.failure == nil }) else {
      lose(blob, because: nil)
      return blob
    }
    let count = blobCount.add(1, ordering: .relaxed).newValue
    let error = blobFolder.replace(name, with: bytes, by: ".\(count)")
    if error != 0 {
      lose(blob, because: BundleError("write", subject: "\(directory)/\(BundleFile.blobs)/\(name)", errno: -error))
    }
    return blob
  }

  /// Records the exit, writes what is left, and the manifest.
  ///
  /// - Returns: The manifest as written.
  /// - Throws: The first error that made the bundle incomplete, also where the manifest could be written.
  @discardableResult
  public func finish(exit: Exit?) throws(BundleError) -> RunManifest {
    if let exit { record(.exit(exit), pid: nil) }
    let flusher = state.withLock { state in
      state.isFinished = true
      defer { state.flusher = nil }
      return state.flusher
    }
    wake.signal()
    flusher?.join()
    flush()
    let (manifest, failure) = state.withLock { state in
      state.manifest.exit = exit ?? state.manifest.exit
      state.manifest.counts = state.counts
      if state.syscalls > 0 { state.manifest.counts["syscall"] = state.syscalls }
      if let failure = state.failure {
        state.manifest.note(Gap(kind: .bundle, detail: failure.description, count: max(1, state.dropped)))
      }
      state.manifest.complete = state.manifest.gaps.isEmpty && state.manifest.exit != nil
      return (state.manifest, state.failure)
    }
    let error = writeManifest(manifest)
    if let error = failure ?? error { throw error }
    return manifest
  }

  // MARK: Writing

  private func flush() {
    lines.withLock { lines in
      let (pending, isFailed) = state.withLock { state in
        let pending = state.pending
        // Kept at its size: who records must not wait for memory.
        state.pending = []
        state.pending.reserveCapacity(Self.batchSize)
        state.isFlushDue = false
        return (pending, state.failure != nil)
      }
      guard !pending.isEmpty else { return }
      for event in pending { lines.append(event) }
      defer { lines.removeAll() }
      if isFailed { return state.withLock { $0.dropped += pending.count } }
      let (written, error) = write(lines.bytes)
      guard error != 0 else { return }
      let dropped = lines.bytes[written...].count { $0 == UInt8(ascii: "\n") }
      state.withLock { state in
        state.dropped += dropped
        state.failure =
          state.failure ?? BundleError("write", subject: directory + "/" + BundleFile.events, errno: -error)
      }
    }
  }

  /// Writes whole lines, as many as there is room for: how many bytes, and -errno where that is not all.
  private func write(_ bytes: [UInt8]) -> (written: Int, error: Int32) {
    var written = 0
    while written < bytes.count {
      var end = min(bytes.count, written + Self.pieceSize)
      while end < bytes.count, bytes[end - 1] != UInt8(ascii: "\n") { end += 1 }
      let place = lseek(events, 0, SEEK_CUR)
      let error = writeAll(events, Array(bytes[written..<end]))
      if error != 0 {
        // A part of a line would be taken for damage.
        ftruncate(events, place)
        lseek(events, place, SEEK_SET)
        return (written, error)
      }
      written = end
    }
    return (written, 0)
  }

  private func lose(_ blob: Blob, because error: BundleError?) {
    // Events may still fit.
    if error != nil { flush() }
    state.withLock { state in
      state.dropped += 1
      if state.failure == nil, let error { state.failure = error }
    }
  }

  private var isFinished: Bool { state.withLock { $0.isFinished } }

  private static func encode(_ manifest: RunManifest) throws(BundleError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(manifest)) + [UInt8(ascii: "\n")]
    } catch {
      throw BundleError("encode", subject: BundleFile.manifest, detail: "\(error)")
    }
  }

  /// Nanoseconds of the monotonic clock.
  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

extension RunManifest {
  /// Adds a gap, or to the count of one that is the same.
  mutating func note(_ gap: Gap) {
    if let index = gaps.firstIndex(where: { $0.kind == gap.kind && $0.detail == gap.detail && $0.host == gap.host }) {
      gaps[index].count += gap.count
    } else {
      gaps.append(gap)
    }
  }
}
