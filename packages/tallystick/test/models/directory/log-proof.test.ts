import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLog } from '../../../src/models/directory/log.ts'
import {
  consistencyFault,
  growthFault,
  inclusionFault,
  leafHash,
  logNodes,
  nodeHash,
  prefixRoots,
} from '../../../src/models/directory/log-proof.ts'
import { named, readVectorText, vectorPath, vectorsAreMissing } from '../../third-party.ts'
import { entryBytes } from './entries.ts'

/** Every file of the third-party set under a folder. Sizes up to 2^64 − 1 lose digits as numbers, so they are read as texts. */
const casesIn = <Shape>(folder: string): readonly Shape[] => {
  const root = vectorPath(`rfc6962/testdata/${folder}`)
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const text = readVectorText(join(`rfc6962/testdata/${folder}`, name))
      return JSON.parse(text.replace(/": (\d+)/g, '": "$1"')) as Shape
    })
}

type Common = {
  readonly proof: readonly string[] | null
  readonly desc: string
  readonly wantErr: boolean
}
type InclusionCase = Common & {
  readonly leafIdx: string
  readonly treeSize: string
  readonly root: string
  readonly leafHash: string
}
type ConsistencyCase = Common & {
  readonly size1: string
  readonly size2: string
  readonly root1: string
  readonly root2: string
}

const bytesFrom = (base64: string | null): Uint8Array =>
  new Uint8Array(Buffer.from(base64 ?? '', 'base64'))
const nodesFrom = (of: Common): readonly Uint8Array[] => (of.proof ?? []).map(bytesFrom)

describe.skipIf(vectorsAreMissing)(named('the vectors of transparency-dev'), () => {
  test('about inclusion are all decided as they say', () => {
    const cases = casesIn<InclusionCase>('inclusion')
    for (const one of cases) {
      const fault = inclusionFault({
        index: BigInt(one.leafIdx),
        size: BigInt(one.treeSize),
        root: bytesFrom(one.root),
        leaf: bytesFrom(one.leafHash),
        nodes: nodesFrom(one),
      })
      expect({ desc: one.desc, isRefused: fault !== undefined }).toEqual({
        desc: one.desc,
        isRefused: one.wantErr,
      })
    }
    expect(cases.length).toBeGreaterThan(90)
  })

  test('about consistency are all decided as they say', () => {
    const cases = casesIn<ConsistencyCase>('consistency')
    for (const one of cases) {
      const growth = {
        from: BigInt(one.size1),
        to: BigInt(one.size2),
        fromRoot: bytesFrom(one.root1),
        toRoot: bytesFrom(one.root2),
      }
      const fault = consistencyFault(growth, nodesFrom(one))
      expect({ desc: one.desc, isRefused: fault !== undefined }).toEqual({
        desc: one.desc,
        isRefused: one.wantErr,
      })
    }
    expect(cases.length).toBeGreaterThan(90)
  })
})

const logOf = (size: number) => {
  const log = createLog()
  for (let at = 0; at < size; at++) log.append(entryBytes(at))
  return log
}

const log = logOf(21)
const growthOf = (from: number, to: number) => ({
  from: BigInt(from),
  to: BigInt(to),
  fromRoot: log.root(from),
  toRoot: log.root(to),
})

const good = {
  index: 5n,
  size: 21n,
  root: log.root(),
  leaf: leafHash(entryBytes(5)),
  nodes: log.inclusion(5),
}

describe('a proof that an entry is in a log', () => {
  test('passes for each entry at each size', () => {
    for (let size = 1; size <= 21; size++) {
      for (let index = 0; index < size; index++) {
        const fault = inclusionFault({
          index: BigInt(index),
          size: BigInt(size),
          root: log.root(size),
          leaf: leafHash(entryBytes(index)),
          nodes: log.inclusion(index, size),
        })
        expect(fault).toBeUndefined()
      }
    }
  })

  // C3: an index outside the tree is refused before anything is hashed.
  test.each([
    ['the size', 21n, 21n],
    ['one more', 22n, 21n],
    ['2^32', 1n << 32n, 21n],
    ['2^63', 1n << 63n, 21n],
    ['the last of 64 bits', (1n << 64n) - 1n, 21n],
    ['less than none', -1n, 21n],
    ['the first of none', 0n, 0n],
    ['the second of one', 1n, 1n],
    ['any of more than 64 bits can say', 5n, 1n << 64n],
  ])('C3: is refused for %s, whatever comes with it', (_, index, size) => {
    const nodes = new Proxy(good.nodes, {
      get: () => {
        throw new Error('the nodes were looked at')
      },
    })
    expect(inclusionFault({ ...good, index, size, nodes })?.code).toBe('log/out-of-range')
  })

  test('C4, C5: is refused with a node too many, too few, none, twice or in another order', () => {
    const { nodes } = good
    const [first, second] = nodes
    if (!first || !second) throw new Error('a path of several nodes')
    const wrong = [
      [...nodes, first],
      [first, ...nodes],
      nodes.slice(1),
      nodes.slice(0, -1),
      [],
      [first, first, ...nodes.slice(2)],
      [second, first, ...nodes.slice(2)],
    ]
    for (const one of wrong) expect(inclusionFault({ ...good, nodes: one })).toBeDefined()
  })

  test('C1: is refused where an inner node is offered as a leaf', () => {
    const node = nodeHash(leafHash(entryBytes(4)), leafHash(entryBytes(5)))
    const nodes = good.nodes.slice(1)
    expect(inclusionFault({ ...good, leaf: node, nodes })?.code).toBe('log/wrong-length')
    // No entry hashes to the node: entries are hashed behind another byte.
    const children = [...leafHash(entryBytes(4)), ...leafHash(entryBytes(5))]
    expect(leafHash(new Uint8Array(children))).not.toEqual(node)
    expect(leafHash(new Uint8Array([1, ...children]))).not.toEqual(node)
  })

  test('C7: binds every byte of the entry, the root and the nodes', () => {
    const entry = entryBytes(5)
    for (let at = 0; at < entry.length; at++) {
      const leaf = leafHash(entry.with(at, (entry[at] ?? 0) ^ 1))
      expect(inclusionFault({ ...good, leaf })?.code).toBe('log/wrong-root')
    }
    for (let at = 0; at < 32; at++) {
      const root = good.root.with(at, (good.root[at] ?? 0) ^ 1)
      expect(inclusionFault({ ...good, root })?.code).toBe('log/wrong-root')
      const nodes = good.nodes.map((node) => node.with(at, (node[at] ?? 0) ^ 1))
      expect(inclusionFault({ ...good, nodes })?.code).toBe('log/wrong-root')
    }
  })

  test('C13: is refused against the root of another size', () => {
    expect(inclusionFault({ ...good, root: log.root(20) })?.code).toBe('log/wrong-root')
    expect(inclusionFault({ ...good, size: 12n })?.code).toBe('log/wrong-length')
  })

  test('C15: takes hashes of 32 bytes only', () => {
    expect(inclusionFault({ ...good, root: good.root.slice(1) })?.code).toBe('log/no-hash')
    expect(inclusionFault({ ...good, leaf: new Uint8Array(33) })?.code).toBe('log/no-hash')
    const nodes = good.nodes.map((node) => node.slice(0, 20))
    expect(inclusionFault({ ...good, nodes })?.code).toBe('log/no-hash')
  })

  test('C2: tells a log apart from one whose last entry stands twice', () => {
    const twice = logOf(3)
    twice.append(entryBytes(2))
    expect(twice.root()).not.toEqual(logOf(3).root())
  })
})

describe('a proof that one log begins another', () => {
  test('passes for each pair of sizes', () => {
    for (let to = 1; to <= 21; to++) {
      for (let from = 1; from <= to; from++) {
        expect(growthFault(growthOf(from, to), log.prefix(from, to))).toBeUndefined()
      }
    }
  })

  test('is the proof of RFC 6962 with the shorter root written out', () => {
    for (let from = 1; from < 21; from++) {
      const nodes = log.prefix(from)
      const isWhole = (from & (from - 1)) === 0
      if (isWhole) expect(nodes[0]).toEqual(log.root(from))
      expect(consistencyFault(growthOf(from, 21), isWhole ? nodes.slice(1) : nodes)).toBeUndefined()
    }
  })

  test('C3: is refused for sizes that no log has', () => {
    const nodes = log.prefix(8)
    for (const [from, to] of [
      [0n, 21n],
      [21n, 8n],
      [-1n, 21n],
      [8n, 1n << 64n],
      [0n, 0n],
    ] as const) {
      const fault = growthFault({ ...growthOf(8, 21), from, to }, nodes)
      expect(fault?.code).toBe('log/out-of-range')
    }
  })

  test('C4, C5: is refused with nodes left over or without any', () => {
    const nodes = log.prefix(7)
    expect(growthFault(growthOf(7, 21), [...nodes, ...nodes])?.code).toBe('log/wrong-length')
    expect(growthFault(growthOf(7, 21), [])?.code).toBe('log/wrong-length')
    expect(growthFault(growthOf(7, 7), nodes)?.code).toBe('log/wrong-length')
    expect(consistencyFault(growthOf(8, 21), [])?.code).toBe('log/wrong-length')
  })

  test('is refused for two roots of one size', () => {
    const growth = { ...growthOf(7, 7), toRoot: log.root(8) }
    expect(growthFault(growth, [])?.code).toBe('log/wrong-root')
  })

  test('shows which shorter log is meant, where it belongs to another one', () => {
    const other = createLog()
    for (let at = 0; at < 21; at++) other.append(entryBytes(at === 3 ? 99 : at))
    for (const from of [4, 7, 8, 20]) {
      const growth = { ...growthOf(from, 21), toRoot: other.root() }
      const nodes = other.prefix(from)
      expect(growthFault(growth, nodes)?.code).toBe('log/wrong-root')
      expect(prefixRoots(BigInt(from), 21n, nodes)).toEqual({
        from: other.root(from),
        to: other.root(),
      })
    }
  })
})

test('nodes have one spelling', () => {
  const nodes = log.prefix(7)
  expect(logNodes.decode(logNodes.encode(nodes))).toEqual(nodes)
  const most = Array.from({ length: 65 }, () => new Uint8Array(32))
  expect(logNodes.decode(logNodes.encode(most))).toHaveLength(65)
  expect(() => logNodes.encode([...most, new Uint8Array(32)])).toThrow(/65/)
})
