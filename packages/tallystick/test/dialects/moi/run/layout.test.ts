import { expect, it } from 'vitest'
import { STATE_KEY_PART_BYTES_MAX, STATE_KEY_PARTS_MAX } from '../../../../src/base/limits.ts'
import { idFromHex } from '../../../../src/base/brand.ts'
import { pathKey } from '../../../../src/kernel/execute.ts'
import {
  actorPath,
  balancePath,
  enlistedPath,
  guardianPath,
  keyPath,
  lockupPath,
  mandatePath,
  manifestPath,
  metadataCountPath,
  metadataPath,
  metadataPlacePath,
  PATH,
  statePath,
  tokenSupplyPath,
} from '../../../../src/dialects/moi/run/layout.ts'
import { ada, KMOI, KRAMA_ID } from './town.ts'

const MOST = 2n ** 64n - 1n
const KEY = new Uint8Array(256)

const paths = [
  ...Object.values(PATH),
  keyPath(0),
  keyPath(1),
  manifestPath(0),
  balancePath(KMOI, 0n),
  balancePath(KMOI, MOST),
  mandatePath(KMOI, MOST, ada.id),
  lockupPath(KMOI, MOST, ada.id),
  tokenSupplyPath(MOST),
  metadataPath('static', KEY),
  metadataPath('dynamic', KEY),
  metadataPath('static', KEY, 0n),
  metadataCountPath('static'),
  metadataCountPath('dynamic'),
  metadataPlacePath('static', 0),
  statePath(new Uint8Array(32)),
  actorPath(KMOI, new Uint8Array(32)),
  enlistedPath(KMOI),
  guardianPath(KRAMA_ID),
]

it('has a key of its own for each path', () => {
  const prefix = { machine: idFromHex<'machine'>('7'.repeat(64)), logic: 0 }
  const keys = paths.map((path) => pathKey('classic', prefix, path))
  expect(new Set(keys).size).toBe(paths.length)
})

it('stays within what a path may have', () => {
  for (const path of paths) {
    // The position of the network's logic is one part more.
    expect(path.length).toBeLessThan(STATE_KEY_PARTS_MAX)
    for (const part of path) expect(part.length).toBeLessThanOrEqual(STATE_KEY_PART_BYTES_MAX)
  }
})
