/** What strangers can send to a guardian of MOI, mutated a hundred thousand times: a value that comes back, or a fault. */
import { describe, expect, test } from 'vitest'
import { bytesFromHex } from '../../../src/base/bytes.ts'
import { type Fault, isFault } from '../../../src/base/fault.ts'
import { readInteraction, writeInteraction } from '../../../src/dialects/moi/interaction.ts'
import { readOperation, writeOperation } from '../../../src/dialects/moi/operation.ts'
import { readDocument, writeDocument } from '../../../src/dialects/moi/polo/document.ts'
import { decodePolo, encodePolo } from '../../../src/dialects/moi/polo/schema.ts'
import { poloValue } from '../../../src/dialects/moi/polo/value.ts'
import {
  ecdsaFromMoi,
  moiFromEcdsa,
  readSignatures,
  writeSignatures,
} from '../../../src/dialects/moi/signature.ts'
import { createStreams } from '../../../src/sim/random.ts'
import { poloArea } from '../../../../../scripts/vectors/area-polo.ts'
import { moiArea } from '../../../../../scripts/vectors/area-moi.ts'
import type { Case } from '../../../../../scripts/vectors/case.ts'
import { mutated, noise } from '../../dialects/moi/polo/random.ts'

const COUNT = 100_000

const textOf = (one: Case, name: string): string => {
  const value = one.input[name]
  return typeof value === 'string' ? value : ''
}

const inputs = (check: string, name: string): readonly Uint8Array[] =>
  [...poloArea().cases, ...moiArea().cases]
    .filter((one) => one.check === check && one.valid)
    .map((one) => bytesFromHex(textOf(one, name)))

type Reader = {
  readonly sources: readonly Uint8Array[]
  readonly read: (bytes: Uint8Array) => unknown
  /** Writes what was read and reads it again. */
  readonly again: (value: never) => unknown
}

const anyOperation = (
  bytes: Uint8Array,
): { readonly type: number; readonly found: unknown } | Fault => {
  // The first byte says the type, so that mutants of one payload are read as another too.
  const type = (bytes[0] ?? 0) % 14
  const found = readOperation(type, bytes.subarray(1))
  return isFault(found) ? found : { type, found }
}

const operationSources = moiArea()
  .cases.filter((one) => one.check === 'moi-operation' && one.valid)
  .map((one) => Uint8Array.of(Number(one.input['type']), ...bytesFromHex(textOf(one, 'payload'))))

const READERS: Readonly<Record<string, Reader>> = {
  messages: {
    sources: inputs('polo', 'message'),
    read: (bytes) => decodePolo(poloValue, bytes),
    again: (value) => decodePolo(poloValue, encodePolo(poloValue, value)),
  },
  documents: {
    sources: inputs('polo', 'message'),
    read: readDocument,
    again: (value) => readDocument(writeDocument(value)),
  },
  interactions: {
    sources: inputs('moi-interaction', 'message'),
    read: readInteraction,
    again: (value) => readInteraction(writeInteraction(value)),
  },
  operations: {
    sources: operationSources,
    read: anyOperation,
    again: ({ found, type }: { readonly found: never; readonly type: number }) => ({
      type,
      found: readOperation(type, writeOperation(found).payload),
    }),
  },
  lists: {
    sources: inputs('moi-signatures', 'message'),
    read: readSignatures,
    again: (value) => readSignatures(writeSignatures(value)),
  },
  signatures: {
    sources: inputs('moi-signature', 'signature'),
    read: ecdsaFromMoi,
    again: (value) => ecdsaFromMoi(moiFromEcdsa(value)),
  },
}

describe('mutated', () => {
  test.each(Object.entries(READERS))(
    '%s are refused with a fault, or come back',
    (name, reader) => {
      const random = createStreams(1)(name)
      const codes = new Map<string, number>()
      let slowest = 0
      for (let at = 0; at < COUNT; at++) {
        const source = random.pick(reader.sources) ?? new Uint8Array(0)
        const bytes = random.chance(3) ? noise(random, 300) : mutated(random, source)
        const before = performance.now()
        const found = reader.read(bytes)
        slowest = Math.max(slowest, performance.now() - before)
        const code = isFault(found) ? found.code : 'read'
        codes.set(code, (codes.get(code) ?? 0) + 1)
        if (!isFault(found)) expect(reader.again(found as never)).toEqual(found)
      }
      // Some get through and some do not, or the mutations show nothing.
      expect(codes.get('read') ?? 0).toBeGreaterThan(COUNT / 1000)
      expect(codes.size).toBeGreaterThan(1)
      expect(slowest).toBeLessThan(1000)
    },
  )
})
