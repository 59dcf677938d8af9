/** A parcel in a relationship of alice and bob, under the model `pact`: opened, handed on, its fields as one likes. */
import { idFromHex } from '../../src/base/brand.ts'
import { utf8FromBytes } from '../../src/base/bytes.ts'
import { isFault } from '../../src/base/fault.ts'
import type { Charter } from '../../src/kernel/charter.ts'
import { execute, type Machine, openMachine } from '../../src/kernel/execute.ts'
import {
  type Field,
  type FieldPlace,
  fieldsFrom,
  type Opening,
  openingsFrom,
  type RecordId,
  type SaltedValue,
} from '../../src/kernel/field.ts'
import { type Interaction, interactionId, type Operation } from '../../src/kernel/interaction.ts'
import type { Logic, Prefix } from '../../src/kernel/logic.ts'
import { operationOnRecord, type RecordOperation } from '../../src/logic/record-operation.ts'
import { record } from '../../src/logic/record.ts'
import {
  type Bundle,
  type BundleStep,
  EMPTY_BUNDLE,
  fileFromBundle,
} from '../../src/verify/bundle.ts'
import type { Report, StepReport } from '../../src/verify/report.ts'
import type { VerifyOptions } from '../../src/verify/run.ts'
import { verify } from '../../src/verify/verify.ts'
import { BOTH, certificateFor, charterFor, engine, found, notes, options, PAIR } from './world.ts'

export const PARCEL: Charter = {
  ...charterFor(PAIR),
  logics: [
    { name: 'record/1', params: new Uint8Array(0) },
    { name: 'notes', params: new Uint8Array(0) },
    { name: 'shelf', params: new Uint8Array(0) },
  ],
}

/** `put a b … drop c …`: things come and go, so that the tree's shape changes in both directions. */
const shelf: Logic = {
  name: 'shelf',
  genesis: () => [],
  apply: ({ self, argument, read }) => {
    let isPut = true
    return utf8FromBytes(argument)
      .split(' ')
      .flatMap((word) => {
        if (word === 'put' || word === 'drop') {
          isPut = word === 'put'
          return []
        }
        const path = ['thing', word]
        const before = read(self.machine, path)
        const value = isPut ? Uint8Array.of((before?.[0] ?? 0) + 1) : undefined
        return [{ machine: self.machine, path, value }]
      })
  },
  describe: (argument) => utf8FromBytes(argument),
}

export const parcelOptions: VerifyOptions = {
  ...options,
  logics: new Map([record, notes, shelf].map((one) => [one.name, one])),
}

const opened = openMachine(PARCEL, parcelOptions.logics)
if (isFault(opened)) throw opened
export const parcel: Machine = opened
export const ID: RecordId = idFromHex('42'.repeat(32))
export const place: FieldPlace = { suite: 'classic', machine: parcel.id, record: ID }
export const LOT: Prefix = { machine: parcel.id, logic: 0 }

export type Values = ReadonlyMap<string, SaltedValue>
let salts = 0
/** Values with salts of their own. */
export const salted = (values: Readonly<Record<string, string>>): Values =>
  new Map(
    Object.entries(values).map(([name, value]) => {
      salts += 1
      return [name, { salt: new Uint8Array(32).fill(salts), value }]
    }),
  )

export const opening = (fields: readonly Field[] = []): RecordOperation => ({
  is: 'open',
  machine: parcel.id,
  id: ID,
  maker: 'alice',
  about: 'parcel',
  holder: { is: 'party', name: 'alice' },
  fields,
})

export const handing = (
  from: string,
  to: string,
  fields: readonly Field[] = [],
): RecordOperation => ({
  is: 'hand',
  machine: parcel.id,
  id: ID,
  from,
  to,
  fields,
})

export const on = (of: RecordOperation): Operation => operationOnRecord(LOT, of)

export type ParcelStep = {
  readonly step: BundleStep
  readonly before: Machine
  readonly after: Machine
  readonly openings: readonly Opening[]
}

/** A step that both have signed, or whom you say. */
export const stepOn = (
  before: Machine,
  operations: readonly Operation[],
  of: { readonly by?: readonly string[]; readonly values?: Values } = {},
): ParcelStep => {
  const interaction: Interaction = {
    suite: 'classic',
    legs: [{ machine: before.id, access: 'write', parent: before.headId }],
    operations,
    premises: [],
  }
  const done = execute({
    interaction,
    machines: new Map([[before.id, before]]),
    logics: parcelOptions.logics,
    consents: () => true,
    proven: [],
    verifier: engine,
  })
  if (isFault(done)) throw done
  const [after] = done.written
  if (!after) throw new Error('nothing was written')
  const certificate = certificateFor(before, after.head, { by: of.by ?? BOTH })
  const leg = {
    is: 'written',
    transition: after.head,
    proposal: [],
    certificate,
    accepted: new Uint8Array(0),
  } as const
  return {
    step: { interaction, consents: [], legs: [leg] },
    before,
    after,
    openings: openingsFrom(place, of.values ?? new Map(), interactionId(interaction)),
  }
}

/** Opened by alice with an origin and a price, handed to bob and back with a price each. */
export const parcelStory = (): readonly ParcelStep[] => {
  const first = salted({ origin: 'Huelva', price: '12.50 EUR' })
  const begun = stepOn(parcel, [on(opening(fieldsFrom(place, first)))], { values: first })
  const second = salted({ price: '13.75 EUR' })
  const there = stepOn(begun.after, [on(handing('alice', 'bob', fieldsFrom(place, second)))], {
    values: second,
  })
  const third = salted({ price: '14.00 EUR' })
  const back = stepOn(there.after, [on(handing('bob', 'alice', fieldsFrom(place, third)))], {
    values: third,
  })
  return [begun, there, back]
}

export const parcelFile = (more: Partial<Bundle>): Uint8Array =>
  fileFromBundle({ ...EMPTY_BUNDLE, charters: [PARCEL], ...more })

export const parcelReport = (more: Partial<Bundle>): Report =>
  verify(parcelFile(more), parcelOptions)

export const stepsIn = (report: Report): readonly StepReport[] => found(report, parcel).steps
