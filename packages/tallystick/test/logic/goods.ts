/** A lot of oranges in a machine of four, and a road of two where hand-overs are agreed; dora has carol's key. */
import { idFromHex, type MachineId } from '../../src/base/brand.ts'
import { type Charter, machineId } from '../../src/kernel/charter.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import type { RecordId } from '../../src/kernel/field.ts'
import type { Prefix } from '../../src/kernel/logic.ts'
import type { Premise } from '../../src/kernel/interaction.ts'
import {
  agreed,
  agreedPath,
  operationOnRecord,
  type RecordOperation,
  type Rule,
} from '../../src/logic/record-operation.ts'
import {
  type Books,
  charterOf,
  machineIn,
  openBooks,
  participantOf,
  RECKLESS,
  type Step,
} from './books.ts'

const RECORD = { name: 'record/1', params: new Uint8Array() }
const plain = charterOf(['alice', 'bob', 'carol'], [RECORD, RECKLESS], 7)
export const GOODS: Charter = {
  ...plain,
  terms: {
    ...plain.terms,
    participants: [
      ...plain.terms.participants,
      { name: 'dora', controller: participantOf('carol').controller },
    ],
  },
}
export const ROAD: Charter = charterOf(['alice', 'bob'], [RECORD, RECKLESS], 8)
export const G: MachineId = machineId(GOODS)
export const W: MachineId = machineId(ROAD)
export const LOT: Prefix = { machine: G, logic: 0 }
export const AWAY: Prefix = { machine: W, logic: 0 }
export const ID: RecordId = idFromHex('42'.repeat(32))
const at = { machine: G, id: ID }
export const RULE: Rule = { atLeast: 2, of: ['alice', 'bob', 'carol'] }

type Of<Name extends RecordOperation['is']> = Extract<RecordOperation, { is: Name }>

export const BEGIN: Of<'open'> = {
  is: 'open',
  ...at,
  maker: 'alice',
  about: 'oranges',
  holder: { is: 'party', name: 'alice' },
  fields: [],
}
export const TO_BOB: Of<'hand'> = { is: 'hand', ...at, from: 'alice', to: 'bob', fields: [] }
export const HOLD: Of<'hold'> = { is: 'hold', ...at, rule: RULE }
export const RELEASE: Of<'release'> = { is: 'release', ...at, rule: RULE, fields: [] }
export const ENTRUST: Of<'entrust'> = { is: 'entrust', ...at, to: 'bob', at: AWAY }
export const SETTLE: Of<'settle'> = { is: 'settle', ...at, from: 'alice', to: 'bob', at: AWAY }
export const END: Of<'end'> = { is: 'end', ...at }
export const AGREE: Of<'agree'> = {
  is: 'agree',
  machine: W,
  id: ID,
  home: G,
  from: 'alice',
  to: 'bob',
  fields: [],
}

export const books: Books = openBooks([GOODS, ROAD])

/** A step of one operation on the machine that it names. */
export const on = (of: RecordOperation, ...by: readonly string[]): Step => ({
  write: [of.machine],
  refer: [of.machine === G ? W : G],
  operations: [operationOnRecord(of.machine === W ? AWAY : LOT, of)],
  by,
})

/** What the road says now. */
export const proofIn = (of: Books): Premise => ({
  is: 'fact',
  machine: W,
  transition: machineIn(of, W).headId,
  key: pathKey('classic', AWAY, agreedPath(G, ID)),
  value: agreed.encode({ from: 'alice', to: 'bob' }),
})
