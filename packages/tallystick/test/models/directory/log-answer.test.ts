import { expect, test } from 'vitest'
import { idFromBytes } from '../../../src/base/brand.ts'
import { createLog, logEntry, type LogEntry } from '../../../src/models/directory/log.ts'
import { createChildMap } from '../../../src/models/directory/map.ts'
import { inclusionAnswer, logEntries, mapAnswer } from '../../../src/models/directory/log-answer.ts'

const idOf = <Name extends string>(fill: number) => idFromBytes<Name>(new Uint8Array(32).fill(fill))
const entries: readonly LogEntry[] = [1, 2, 3].map((fill) => ({
  machine: idOf(fill),
  sequence: BigInt(fill),
  parent: idOf(fill + 10),
  child: idOf(fill + 20),
  time: 5n,
}))
const log = createLog()
const map = createChildMap('classic')
for (const one of entries) {
  log.append(logEntry.encode(one))
  map.add(one)
}
const checkpoint = {
  checkpoint: {
    size: 3n,
    time: 5n,
    logRoot: idFromBytes<'log-root'>(log.root()),
    mapRoot: map.root(),
  },
  signature: new Uint8Array(64),
}

test('entries read back in their order', () => {
  expect(logEntries.decode(logEntries.encode(entries))).toEqual(entries)
})

test('what is proven of an entry and of a parent reads back', () => {
  const [entry] = entries
  if (!entry) throw new Error('there are entries')
  const included = { checkpoint, entry, index: 0n, nodes: log.inclusion(0) }
  expect(inclusionAnswer.decode(inclusionAnswer.encode(included))).toEqual(included)
  for (const child of [entry.child, undefined]) {
    const mapped = { checkpoint, child, proof: map.prove(entry) }
    expect(mapAnswer.decode(mapAnswer.encode(mapped))).toEqual(mapped)
  }
})
