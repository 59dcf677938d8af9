/**
 * Where a network begins: a file that says who has what, and the charter that follows from it and from the guardian's key.
 *
 * | field of the file | what |
 * |---|---|
 * | name | of the network |
 * | participants | list of `id`, `keys` (list of `public_key` and `weight`) and `balance` in KMOI |
 * | rewards | KMOI out of which guardians are paid |
 * | guardians | `stake_min`, `withdrawal_seconds`, `yearly_millionths` |
 *
 * Amounts are decimal texts or numbers. A network's genesis never changes: another file is another network.
 */
import { bytesFromHex, Fault, isFault, type SignerKey } from 'tallystick/base'
import type { Charter } from 'tallystick/kernel'
import {
  loneGuardian,
  type MoiGenesis,
  moiIdFromHex,
  networkCharter,
  writeKramaId,
} from 'tallystick/moi'
import {
  isJsonObject,
  type Json,
  jsonFromBytes,
  jsonList,
  type JsonObject,
  jsonText,
} from 'tallystick/nostr'

export type GenesisFile = {
  readonly name: string
  readonly genesis: Omit<MoiGenesis, 'nodes'>
}

export const GENESIS_FILE_BYTES_MAX = 1_048_576

/** Raises `guardian/bad-genesis` and faults of JSON. */
export const readGenesisFile = (bytes: Uint8Array): GenesisFile => {
  const json = objectFrom(jsonFromBytes(bytes, GENESIS_FILE_BYTES_MAX), 'the file')
  const terms = objectFrom(json['guardians'], 'guardians')
  return {
    name: jsonText(json['name'], 'name'),
    genesis: {
      guardians: {
        stakeMin: amountAt(terms, 'stake_min'),
        withdrawalSeconds: amountAt(terms, 'withdrawal_seconds'),
        yearlyMillionths: amountAt(terms, 'yearly_millionths'),
      },
      rewards: amountAt(json, 'rewards'),
      participants: jsonList(json['participants'], 'participants').map(participantFrom),
    },
  }
}

const bad = (why: string): Fault => new Fault('guardian/bad-genesis', why)

const objectFrom = (json: Json | undefined, what: string): JsonObject => {
  if (isJsonObject(json)) return json
  throw bad(`${what} is no object`)
}

const participantFrom = (one: Json): MoiGenesis['participants'][number] => {
  const json = objectFrom(one, 'a participant')
  const id = moiIdFromHex(jsonText(json['id'], 'id of a participant'))
  if (isFault(id)) throw bad(id.message)
  const keys = jsonList(json['keys'], 'keys of a participant').map((key) => {
    const of = objectFrom(key, 'a key')
    return {
      publicKey: bytesFromHex(jsonText(of['public_key'], 'public_key').replace(/^0x/, '')),
      weight: amountAt(of, 'weight'),
      signatureAlgorithm: 0,
    }
  })
  return { id, keys, balance: amountAt(json, 'balance') }
}

const amountAt = (json: JsonObject, name: string): bigint => {
  const found = json[name]
  if (typeof found === 'number' && found >= 0) return BigInt(found)
  if (typeof found === 'string' && /^[0-9]{1,20}$/.test(found)) return BigInt(found)
  throw bad(`${name} is no number from 0 on`)
}

/** The guardian's own name for itself, zone 0. */
export const kramaIdOf = (publicKey: Uint8Array): string => writeKramaId({ zone: 0, publicKey })

/** The network of one guardian, who is in every context. */
export const charterFrom = (
  of: GenesisFile,
  guardian: { readonly name: string } & SignerKey,
): Charter => {
  const kramaId = kramaIdOf(guardian.publicKey)
  return networkCharter({
    name: of.name,
    policy: loneGuardian(guardian),
    genesis: {
      ...of.genesis,
      nodes: { behaviour: [kramaId], random: [kramaId], storage: [kramaId] },
    },
  })
}
