import { describe, expect, test } from 'vitest'
import { isFault } from '../../../../src/base/fault.ts'
import { type Manifest } from '../../../../src/dialects/moi/manifest/manifest.ts'
import { compile } from '../../../../src/dialects/moi/pisa/compile.ts'
import { callableAt, classAt, literalAt, sketch, stateAt, text, typeAt } from './world.ts'

const good = sketch(
  {
    accepts: ['a u64'],
    returns: ['b u64'],
    asm: ['OBTAIN $0 &0', 'YIELD $0 &0', 'LLOAD $1 &0', 'ALOAD $1 $0 &0', 'PMAKE $1 &9'],
  },
  stateAt(1, 'logic', 'x u64'),
  stateAt(2, 'actor', 'y u64'),
)
const code = (manifest: Manifest): string => {
  const program = compile(manifest)
  return isFault(program) ? program.code : 'ok'
}
const beside = (...elements: Manifest['elements']): Manifest => ({
  ...good,
  elements: [...good.elements, ...elements],
})
const withAsm = (line: string): Manifest => ({
  ...good,
  elements: [
    callableAt(0, 'Run', { accepts: ['a u64'], returns: ['b u64'], asm: [line] }),
    ...good.elements.slice(1),
  ],
})

describe('a manifest that is sound', () => {
  test('becomes a program', () => {
    expect(code(good)).toBe('ok')
  })

  test.each<[string, Manifest, string]>([
    ['another syntax', { ...good, syntax: 2 }, 'manifest/unsupported'],
    [
      'another engine',
      { ...good, engine: { ...good.engine, kind: 'EVM' } },
      'manifest/unsupported',
    ],
    [
      'an older engine',
      { ...good, engine: { ...good.engine, version: '0.4.0' } },
      'manifest/unsupported',
    ],
    ['another kind', { ...good, kind: 'agent' }, 'manifest/unsupported'],
    ['a pointer twice', beside(typeAt(0, '[]u64')), 'manifest/element-malformed'],
    ['a callable twice', beside(callableAt(3, 'Run', { asm: [] })), 'manifest/element-malformed'],
    ['a state twice', beside(stateAt(3, 'logic', 'z u64')), 'manifest/element-malformed'],
    [
      'a state of an unknown mode',
      beside(stateAt(3, 'ether', 'z u64')),
      'manifest/element-malformed',
    ],
    [
      'a class twice',
      beside(classAt(3, 'A', 'x u64'), classAt(4, 'A', 'x u64')),
      'manifest/element-malformed',
    ],
    ['a label twice', beside(classAt(3, 'A', 'x u64', 'x u64')), 'manifest/element-malformed'],
    ['an unknown mode', beside(callableAt(3, 'A', { mode: 'loud' })), 'manifest/element-malformed'],
    [
      'an unknown kind',
      beside(callableAt(3, 'A', { kind: 'constructor' })),
      'manifest/element-malformed',
    ],
    ['an unknown type', beside(typeAt(3, 'u512')), 'manifest/type-malformed'],
    [
      'a literal with parts',
      beside(literalAt(3, '[]u64', Uint8Array.of(0))),
      'manifest/element-malformed',
    ],
    ['a literal of another type', beside(literalAt(3, 'u64', text('x'))), 'polo/wrong-kind'],
    [
      'a literal that is no hexadecimal',
      beside({ ptr: 3, deps: undefined, kind: 'literal', data: { type: 'u64', value: '0xzz' } }),
      'manifest/element-malformed',
    ],
    [
      'a slot left out',
      beside({
        ptr: 3,
        deps: undefined,
        kind: 'class',
        data: { name: 'A', fields: [{ slot: 1, label: 'x', type: 'u64' }], methods: [] },
      }),
      'manifest/element-malformed',
    ],
    [
      'a method that is not there',
      beside({
        ptr: 3,
        deps: undefined,
        kind: 'class',
        data: { name: 'A', fields: [], methods: [{ ptr: 0, code: 16 }] },
      }),
      'manifest/element-malformed',
    ],
    [
      'more topics than fields',
      beside({
        ptr: 3,
        deps: undefined,
        kind: 'event',
        data: { name: 'A', topics: 1, fields: [] },
      }),
      'manifest/element-malformed',
    ],
    ['an unknown instruction', withAsm('HALT'), 'manifest/code-malformed'],
    ['an argument that is not there', withAsm('OBTAIN $0 &1'), 'manifest/code-malformed'],
    ['a result that is not there', withAsm('YIELD $0 &1'), 'manifest/code-malformed'],
    ['a slot that is not there', withAsm('LLOAD $0 &1'), 'manifest/code-malformed'],
    [
      'a slot of participants that is not there',
      withAsm('ALOAD $0 $1 &1'),
      'manifest/code-malformed',
    ],
    ['a primitive that is not there', withAsm('PMAKE $0 &a'), 'manifest/code-malformed'],
  ])('is none with %s', (_what, manifest, expected) => {
    expect(code(manifest)).toBe(expected)
  })

  test('of any kind within its bytes is read in little time and memory', () => {
    const many = (element: (at: number) => Manifest['elements'][number]) =>
      Array.from({ length: 4000 }, (_, at) => element(at + 10))
    const heavy = beside(
      classAt(3, 'A', 'x [100]u64', 'y [1000]string'),
      ...many((at) =>
        typeAt(at, at % 2 ? `[${(at % 3) + 1}]class.A` : `map[u64][${at % 3}]class.A`),
      ),
    )
    const start = performance.now()
    expect(code(heavy)).toBe('ok')
    const lists = Array.from({ length: 30 }, (_, at) => `f${at} [100]u64`)
    expect(
      code(
        beside(
          ...many((at) => callableAt(at, `r${at}`, { accepts: lists, returns: lists, asm: [] })),
        ),
      ),
    ).toBe('ok')
    expect(performance.now() - start).toBeLessThan(5000)
  })

  test('does not catch exceptions', () => {
    const [element] = good.elements
    if (element?.kind !== 'callable') throw new Error('a callable comes first')
    const catching = { ...element, data: { ...element.data, catches: ['IntegerOverflow'] } }
    expect(code({ ...good, elements: [catching, ...good.elements.slice(1)] })).toBe(
      'manifest/unsupported',
    )
  })
})
