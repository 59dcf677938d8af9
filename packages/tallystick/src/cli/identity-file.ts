/**
 * Identity files: the public half of an identity, for anybody to read. JSON around the signed key events, which are
 * kept as the bytes that were signed. The name in it is a label that nobody signed.
 *
 * Version 1 held device lists, from which no key log can be made without new signatures. It is told apart and not read.
 */
import { bytesFromHex, bytesFromUtf8, hexFromBytes } from '../base/bytes.ts'
import { Fault, isFault } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import { jsonFromBytes, jsonList, jsonObjectWith, jsonText } from '../forms/strict-json.ts'
import { activeDevices, type DeviceLeaf } from '../kernel/device-tree.ts'
import { type IdentityId, type SignedKeyEvent, signedKeyEvent } from '../kernel/key-event.ts'
import { judgeKeyLog, type KeyState } from '../kernel/key-log.ts'

export type Identity = {
  readonly name: string
  readonly id: IdentityId
  readonly log: readonly SignedKeyEvent[]
  /** After the newest of the events; not shown to be the newest that was ever signed. */
  readonly head: KeyState
  /** The devices that act. */
  readonly devices: readonly DeviceLeaf[]
}

/** Bytes of an identity file that is read: a change of devices adds 16 to 60 thousand. */
export const IDENTITY_FILE_BYTES_MAX = 16_777_216

export const identityFileFrom = (identity: Pick<Identity, 'name' | 'log'>): Uint8Array =>
  bytesFromUtf8(
    `${JSON.stringify(
      {
        format: FORMAT,
        name: identity.name,
        log: identity.log.map((signed) => hexFromBytes(signedKeyEvent.encode(signed))),
      },
      null,
      2,
    )}\n`,
  )

/**
 * Reads and checks an identity file. Raises `identity/damaged`, `identity/old-format` and the faults of `judgeKeyLog`.
 */
export const readIdentityFile = (file: Uint8Array, verifier: Verifier): Identity => {
  const { name, log } = readLog(file)
  return identityFrom(name, log, verifier)
}

/** The identity that these events make. Raises the faults of `judgeKeyLog`. */
export const identityFrom = (
  name: string,
  log: readonly SignedKeyEvent[],
  verifier: Verifier,
): Identity => {
  const head = judgeKeyLog(log, verifier)
  if (isFault(head)) throw head
  return { name, id: head.identity, log, head, devices: activeDevices(head.devices) }
}

const FORMAT = 'tallystick/2 identity'
const OLD_FORMAT = 'tallystick/1 identity'

const readLog = (file: Uint8Array): Pick<Identity, 'name' | 'log'> => {
  try {
    const json = jsonFromBytes(file, IDENTITY_FILE_BYTES_MAX)
    if (typeof json === 'object' && json !== null && 'format' in json) checkFormat(json.format)
    const fields = jsonObjectWith(json, ['format', 'name', 'log'], 'the identity file')
    return {
      name: jsonText(fields.name, 'the name'),
      log: jsonList(fields.log, 'the log').map((entry, at) =>
        signedKeyEvent.decode(bytesFromHex(jsonText(entry, `event ${at}`))),
      ),
    }
  } catch (error) {
    if (!isFault(error) || error.code === 'identity/old-format') throw error
    throw new Fault('identity/damaged', `no usable identity file: ${error.message}`)
  }
}

const checkFormat = (format: unknown): void => {
  if (format === OLD_FORMAT) {
    throw new Fault('identity/old-format', 'the file was written by a version before key logs')
  }
  if (format !== FORMAT) throw new Fault('identity/damaged', 'the format is unknown')
}
