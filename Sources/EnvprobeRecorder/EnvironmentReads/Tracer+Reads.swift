import CEnvprobeTracer
import EnvprobeModel
import Glibc

extension Tracer {
  /// After how long (nanoseconds) a record that was begun is given up: its thread is gone. On a busy machine one may have
  /// to wait for its turn for a good part of a second.
  private static let patience: UInt64 = 3_000_000_000
  /// Repetitions after which reads are counted in the ring and not written to it any more.
  private static let repetitions = 3
  private static let kindLimit = 1 << 16

  static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private var elapsed: Double {
    let now = Self.now()
    return Double((now - min(now, launched)) / 1000) / 1_000_000
  }

  /// Takes what a ring holds. Nothing in it is believed: the program can write there.
  func drain(_ space: AddressSpace, skippingUnfinished: Bool = false) {
    guard let ring = space.ring else { return }
    let head = envprobe_ring_head(ring)
    guard head != space.tail else { return }
    let size = UInt64(ENVPROBE_RING_RECORDS)
    if head < space.tail || head - space.tail > size {
      let missed = head < space.tail ? 1 : Int(clamping: head - space.tail - size)
      lost &+= min(missed, 1 << 32)
      space.tail = head < space.tail ? head : head - size
    }
    var record = envprobe_record()
    var hash: UInt64 = 0
    copying: while space.tail < head {
      switch envprobe_ring_copy(ring, space.tail, &record, &hash) {
      case 1: take(&record, hash, from: space)
      case 0:
        let now = Self.now()
        let since = space.stuckSince ?? now
        space.stuckSince = since
        guard skippingUnfinished || now - since > Self.patience else { break copying }
        // A thread that ended in the middle of a read never had its answer. Any other one will go on.
        if space.deaths > 0 { space.deaths -= 1 } else { lost += 1 }
      default: lost += 1
      }
      space.stuckSince = nil
      space.tail += 1
    }
    envprobe_ring_set_tail(ring, space.tail)
  }

  private func take(_ record: inout envprobe_record, _ hash: UInt64, from space: AddressSpace) {
    var key = record.process
    if !space.borrowers.isEmpty,
      let borrower = space.borrowers.first(where: {
        $0.parent == key && $0.threadPointer != 0 && $0.threadPointer == record.thread_pointer
      })
    {
      key = borrower.child
    }
    guard let process = latest?.key == key ? latest : processesByKey[key], process.space === space else {
      lost += 1
      return
    }
    latest = process
    readCount &+= 1
    var place = hash
    while let index = process.reads.index(forKey: place) {
      // Two reads with one hash would be somebody's intention.
      guard process.reads.values[index].isSame(as: record) else {
        place &+= 1
        continue
      }
      process.reads.values[index].event.count += 1
      guard process.reads.values[index].event.count > Self.repetitions, !process.reads.values[index].isSettled,
        key == record.process, record.flags & 2 == 0, let ring = space.ring
      else { return }
      process.reads.values[index].isSettled = true
      let entry = envprobe_ring_publish(ring, &record)
      if entry >= 0 { process.reads.values[index].entry = entry }
      return
    }
    let name = ByteString(withUnsafeBytes(of: record.name) { Array($0.prefix { $0 != 0 }) })
    add(
      record.flags & 2 != 0 ? .truncated(name, of: nil) : .complete(name), isSet: record.flags & 1 != 0,
      from: record.reader, process, at: place)
  }

  /// A read that a breakpoint showed.
  func note(_ name: Observed<ByteString>, isSet: Bool?, from address: UInt64, _ process: TracedProcess) {
    readCount &+= 1
    var hasher = Hasher()
    hasher.combine(name)
    hasher.combine(address)
    var place = UInt64(truncatingIfNeeded: hasher.finalize())
    while let read = process.reads[place] {
      if read.reader == address, read.event.name == name {
        process.reads[place]!.event.count += 1
        return
      }
      place &+= 1
    }
    add(name, isSet: isSet, from: address, process, at: place)
  }

  /// The first read of its kind.
  private func add(
    _ name: Observed<ByteString>, isSet: Bool?, from address: UInt64, _ process: TracedProcess, at place: UInt64
  ) {
    if process.isFork, process.recorded == nil { assess(process) }
    guard process.reads.count < Self.kindLimit else {
      lost += 1
      return
    }
    let read = EnvironmentRead(
      name: name, isSet: isSet, reader: reader(at: address, of: process), count: 1, firstTime: elapsed)
    process.reads[place] = .init(event: read, reader: address)
    sink.record(.environmentRead(read), pid: process.insideID)
  }

  func reader(at address: UInt64, of process: TracedProcess) -> EnvironmentReader {
    guard let module = process.space?.module(at: address) else {
      return EnvironmentReader(module: nil, symbol: nil, offset: address)
    }
    let linked = address &- module.bias
    // The address is that of the instruction after the call, which may be another function's first.
    let function = catalog.function(
      in: module.identity, module.executable, at: linked &- 1, descriptor: { files[module.identity] ?? -1 })
    guard let function else { return EnvironmentReader(module: module.path, symbol: nil, offset: linked) }
    return EnvironmentReader(module: module.path, symbol: function.name, offset: linked &- function.start)
  }

  /// A process ended, or executes another program: its counts are complete.
  func end(_ process: TracedProcess, isReplaced: Bool = false) {
    if let space = process.space {
      // Those of its threads that were killed with it are not told of one by one.
      if space.users == 1 { space.deaths = 1 << 40 }
      drain(space, skippingUnfinished: space.users == 1)
      for (key, read) in process.reads {
        guard let entry = read.entry, let ring = space.ring else { continue }
        var unset: UInt64 = 0
        var set: UInt64 = 0
        envprobe_ring_take_counts(ring, entry, &unset, &set)
        envprobe_ring_retire(ring, entry)
        process.reads[key]!.event.count = Int(
          clamping: UInt64(read.event.count) &+ min(unset, 1 << 60) &+ min(set, 1 << 60))
      }
      space.borrowers.removeAll { $0.child == process.key }
    }
    for read in process.reads.values.sorted(by: { $0.event.firstTime < $1.event.firstTime }) where read.event.count > 1
    {
      sink.record(.environmentRead(read.event), pid: process.insideID)
    }
    if process.recorded == nil, !(process.isFork && isReplaced), process.space != nil {
      if process.isFork { assess(process) }
      if process.recorded == nil {
        instrument(process, .notInstrumented, process.space?.obstacle ?? "it ended before a C library was loaded")
      }
    }
    process.reads.removeAll()
    processesByKey[process.key] = nil
    if latest === process { latest = nil }
    if let space = process.space {
      space.users -= 1
      if space.users <= 0 { spaces.removeAll { $0 === space } }
    }
    process.space = nil
  }

  func nextKeyValue() -> UInt32 {
    defer { nextKey = nextKey >= UInt32.max - 1 ? 1 : nextKey + 1 }
    return nextKey
  }

  // MARK: Instrumentation

  /// Records how far a process is instrumented, where that has become known or has changed.
  func assess(_ process: TracedProcess) {
    guard let space = process.space else { return }
    if let obstacle = space.obstacle { return instrument(process, .notInstrumented, obstacle) }
    guard space.watchesGetenv || space.watchesGo else { return }
    if let reason = process.bulkCopy { return instrument(process, .bulkCopy, reason) }
    if let module = space.modules.first(where: \.executable.refersToEnviron) {
      let name = module.path.split(separator: "/").last.map(String.init) ?? module.path
      let reason =
        module.executable.runtime == "bun"
        ? "Bun copies all variables when it starts" : "\(name) can look at the variables itself (it refers to environ)"
      return instrument(process, .bulkCopy, reason)
    }
    let isStatic = space.executable?.interpreter == nil
    instrument(
      process, .precise,
      space.watchesGo
        ? "every call of syscall.Getenv is recorded"
        : isStatic ? "every call of getenv is recorded, in a static program" : "every call of getenv is recorded")
  }

  func instrument(_ process: TracedProcess, _ level: ProcessInstrumentation.Level, _ reason: String) {
    let event = ProcessInstrumentation(
      level: level, reason: reason, runtime: process.space?.runtime, executable: process.space?.path)
    guard process.recorded != event else { return }
    process.recorded = event
    sink.record(.instrumentation(event), pid: process.insideID)
  }
}

extension TracedProcess.Read {
  /// Whether a record is one more of this read.
  fileprivate func isSame(as record: envprobe_record) -> Bool {
    guard reader == record.reader, let name = event.name.value?.bytes else { return false }
    let isWhole = if case .complete = event.name { true } else { false }
    guard isWhole == (record.flags & 2 == 0), name.count < Int(ENVPROBE_NAME_ROOM) else { return false }
    return withUnsafeBytes(of: record.name) { bytes in
      bytes[name.count] == 0
        && name.withUnsafeBytes { memcmp($0.baseAddress ?? bytes.baseAddress!, bytes.baseAddress!, name.count) == 0 }
    }
  }
}
