import { describe, expect, test } from 'vitest'
import { type Manifest } from '../../../../../src/dialects/moi/manifest/manifest.ts'
import { compile } from '../../../../../src/dialects/moi/pisa/compile.ts'
import { type PisaHost } from '../../../../../src/dialects/moi/pisa/host.ts'
import { type SlotStore } from '../../../../../src/dialects/moi/pisa/value.ts'
import {
  ALICE,
  BOB,
  createWorld,
  fieldsOf,
  id,
  LOGIC,
  outputsOf,
  readBool,
  readUint,
  type Sketch,
  sketch,
  sound,
  stateAt,
  uint,
} from '../world.ts'

describe('the state of another logic', () => {
  const face: Manifest['elements'][number] = {
    ptr: 1,
    deps: undefined,
    kind: 'interface',
    data: {
      name: 'Other',
      logic: { mode: 'logic', fields: fieldsOf('a u64', 'by map[string]u64') },
      actor: undefined,
      endpoint: [],
    },
  }
  const LOAD = ['LOGIC $0', 'ID $0 $0', 'LDPTR1 $1 0x1', 'XBIND $0 $1 $0']
  const read: SlotStore['read'] = (key) => (key.every((byte) => byte === 0) ? uint(7) : undefined)
  const reach: Partial<PisaHost> = { stateOf: (logic) => (logic === LOGIC ? read : undefined) }
  const run = (of: Sketch, host: Partial<PisaHost>) =>
    createWorld(sound(compile(sketch(of, face))), host).call('Run')

  test('is read where the host lets it be', () => {
    const of = { returns: ['out u64'], asm: [...LOAD, 'XLLOAD $2 $0 &0', 'YIELD $2 &0'] }
    expect(readUint(outputsOf(run(of, reach)).get('out'))).toBe(7n)
    expect(run(of, {}).is).toBe('defect')
    expect(run(of, { stateOf: () => undefined }).is).toBe('defect')
    expect(run({ ...of, mode: 'static' }, reach).is).toBe('ok')
    expect(run({ ...of, mode: 'pure' }, reach).is).toBe('defect')
  })

  test('has the fields of the interface', () => {
    expect(run({ asm: [...LOAD, 'XLLOAD $2 $0 &1'] }, reach).is).toBe('ok')
    expect(run({ asm: [...LOAD, 'XLLOAD $2 $0 &2'] }, reach).is).toBe('defect')
  })

  test('is never written', () => {
    const asm = [...LOAD, 'XLLOAD $2 $0 &0', 'PMAKE $3 &5', 'DISPER $2 $3']
    expect(run({ asm: asm.slice(0, -1) }, reach).is).toBe('ok')
    expect(run({ asm }, reach).is).toBe('defect')
  })
})

describe('participants', () => {
  const ask = (instruction: string, who: typeof ALICE, host: Partial<PisaHost>) =>
    createWorld(
      sound(
        compile(
          sketch({
            accepts: ['who identifier'],
            returns: ['out bool'],
            mode: 'pure',
            asm: ['OBTAIN $0 &0', `${instruction} $0 $0`, 'YIELD $0 &0'],
          }),
        ),
      ),
      host,
    ).call('Run', { who: id(who) })
  const known: Partial<PisaHost> = {
    participant: (of) =>
      of === ALICE ? { isSigner: true } : of === LOGIC ? { isSigner: false } : undefined,
  }
  const answer = (...of: Parameters<typeof ask>): boolean =>
    readBool(outputsOf(ask(...of)).get('out'))

  test('are known to take part, and to have signed', () => {
    expect([ALICE, LOGIC, BOB].map((who) => answer('ACREXIST', who, known))).toEqual([
      true,
      true,
      false,
    ])
    expect([ALICE, LOGIC].map((who) => answer('ACRSIGN', who, known))).toEqual([true, false])
  })

  test('that are none have not signed anything', () => {
    expect(ask('ACRSIGN', BOB, known)).toMatchObject({ exception: { class: 'NotParticipant' } })
    expect(ask('ACREXIST', ALICE, {}).is).toBe('defect')
  })
})

test('whoever is named to pay for room in state makes no difference', () => {
  const state = stateAt(1, 'logic', 'a u64')
  const run = (asm: readonly string[]) =>
    createWorld(sound(compile(sketch({ asm }, state)))).call('Run')
  expect(run(['LLOAD $0 &0', 'LOGIC $1', 'VOLPAY $0 $1']).is).toBe('ok')
  expect(run(['LLOAD $0 &0', 'PMAKE $1 &5', 'VOLPAY $0 $1']).is).toBe('defect')
  expect(run(['PMAKE $0 &5', 'LOGIC $1', 'VOLPAY $0 $1']).is).toBe('defect')
})
