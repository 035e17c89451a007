import Dispatch

/// The results for all elements, in their order, made on as many threads as there are processors.
public func concurrentMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ transform: @Sendable (Element) -> Result
) -> [Result] {
  if elements.count < 2 { return elements.map(transform) }
  return Array(unsafeUninitializedCapacity: elements.count) { buffer, count in
    // Every iteration writes a place of its own.
    nonisolated(unsafe) let base = buffer.baseAddress!
    DispatchQueue.concurrentPerform(iterations: elements.count) { index in
      (base + index).initialize(to: transform(elements[index]))
    }
    count = elements.count
  }
}
