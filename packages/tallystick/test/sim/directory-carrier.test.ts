import { describe, expect, test } from 'vitest'
import { mangleDirectory } from '../../src/sim/directory-carrier.ts'
import type { DirectoryInput } from '../../src/sim/directory-node.ts'
import { createStreams } from '../../src/sim/random.ts'
import { anId } from '../kernel/sample.ts'
import { calm, runOf, wishAt } from './directory-world.ts'

describe('the carrier', () => {
  const run = runOf(calm([wishAt(5, 0)]), { operatorTwins: 0 })
  const says = (what: RegExp): boolean => run.log.some((line) => what.test(line))

  test('brings questions to operators and answers back', () => {
    expect(run.violation).toBeUndefined()
    expect(says(/takes asked/) || says(/takes tells/) || says(/takes told/)).toBe(true)
  })

  test('lets clients tell each other what operators signed', () => {
    expect(says(/takes told checkpoint/)).toBe(true)
  })
})

test('a mangled message differs in bytes that somebody checks', () => {
  const stream = createStreams(1)('mangle')
  const nodes = [new Uint8Array(32), new Uint8Array(32)]
  const growth: DirectoryInput = {
    is: 'audit',
    input: { is: 'growth', operator: anId('operator'), from: 1n, to: 2n, nodes },
  }
  expect(mangleDirectory(growth, stream)).not.toEqual(growth)
  const asked: DirectoryInput = { is: 'asked', from: 1, question: { is: 'checkpoint' } }
  expect(mangleDirectory(asked, stream)).toEqual(asked)
})
