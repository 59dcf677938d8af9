/**
 * A poll, for simulations: ballots carry their voter's signature, so anybody may put them to certifiers, and they commute but
 * for those of one voter, who numbers them. Each claims a time, and none an earlier one than the ballot before.
 */
import { bytesFromId, type MachineId } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import { bytes, type Codec, id, list, struct, text, u32, u64, u8 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { hash } from '../base/hash.ts'
import { PUBLIC_KEY_BYTES_MAX, SIGNATURE_BYTES_MAX } from '../base/limits.ts'
import { scheme, type SchemeId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import type { Call, Change, Logic } from '../kernel/logic.ts'
import type { StateKey } from '../state/keys.ts'

export type Voter = {
  readonly name: string
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
}

export type PollParams = {
  readonly voters: readonly Voter[]
  readonly skewMs: number
  /** Where the key of a fact stands on which some ballots rely. */
  readonly witness: { readonly machine: MachineId; readonly key: StateKey }
}

/** The choice that counts only where a premise shows that the witness has spoken. */
export const RELYING = 4

export const pollParams: Codec<PollParams> = struct<PollParams>({
  voters: list(
    struct<Voter>({ name: text(64), scheme, publicKey: bytes(PUBLIC_KEY_BYTES_MAX) }),
    64,
  ),
  skewMs: u32,
  witness: struct<PollParams['witness']>({ machine: id<'machine'>(), key: id<'state-key'>() }),
})

type Said = {
  readonly machine: MachineId
  readonly voter: string
  /** From 1 on, each voter's own. */
  readonly number: bigint
  readonly choice: number
}

export type Ballot = Said & { readonly at: bigint; readonly signature: Uint8Array }

const said: Codec<Said> = struct<Said>({
  machine: id<'machine'>(),
  voter: text(64),
  number: u64,
  choice: u8,
})

export const ballot: Codec<Ballot> = struct<Ballot>({
  machine: id<'machine'>(),
  voter: text(64),
  number: u64,
  choice: u8,
  at: u64,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

/** What a voter signs. */
export const ballotDigest = (of: Said): Uint8Array => hash('classic', TAGS.message, said.encode(of))

export const poll: Logic = {
  name: 'poll/1',
  genesis: () => [],
  apply: (call) => apply(call),
  describe: (argument) => {
    const { voter, choice } = ballot.decode(argument)
    return `${voter} votes for ${choice}`
  },
  claims: (argument, params) => ({
    at: ballot.decode(argument).at,
    skewMs: pollParams.decode(params).skewMs,
  }),
  carries: (argument) => {
    const of = ballot.decode(argument)
    return {
      by: of.voter,
      id: `${of.voter} ${of.number} ${of.choice}`,
      at: (time) => ballot.encode({ ...of, at: time }),
    }
  },
}

const apply = (call: Call): readonly Change[] | Fault => {
  const of = ballot.decode(call.argument)
  const { machine } = call.self
  const { voters, witness } = pollParams.decode(call.params)
  const voter = voters.find((one) => one.name === of.voter)
  if (!voter || !equalBytes(bytesFromId(of.machine), bytesFromId(machine))) {
    return new Fault('consent/unknown-key', `${of.voter} has no vote here`)
  }
  const counted = numberAt(call, ['count', of.voter])
  if (of.number !== counted + 1n) {
    return new Fault('transition/wrong-sequence', `ballot ${of.number} after ${counted}`)
  }
  const last = numberAt(call, ['last'])
  if (of.at < last) return new Fault('claim/off-clock', `${of.at} after ${last}`)
  if (!call.verifies(voter.scheme, voter.publicKey, ballotDigest(of), of.signature)) {
    return new Fault('consent/bad-signature', 'the ballot is not signed by its voter')
  }
  const isShown = call.premises.some(
    (one) =>
      one.is === 'fact' &&
      one.machine === witness.machine &&
      one.key === witness.key &&
      one.value !== undefined,
  )
  if (of.choice === RELYING && !isShown) {
    return new Fault('interaction/unproven-premise', 'the witness is not shown to have spoken')
  }
  const total = numberAt(call, ['total'])
  return [
    { machine, path: ['count', of.voter], value: u64.encode(of.number) },
    { machine, path: ['choice', of.voter], value: u8.encode(of.choice) },
    { machine, path: ['total'], value: u64.encode(total + 1n) },
    { machine, path: ['last'], value: u64.encode(of.at) },
  ]
}

const numberAt = (call: Call, path: readonly string[]): bigint => {
  const value = call.read(call.self.machine, path)
  return value ? u64.decode(value) : 0n
}
