/**
 * Identity files: the public half of an identity, for anybody to read. JSON around the signed device lists, which are
 * kept as the bytes that were signed. The name in it is a label that nobody signed.
 */
import { bytesFromHex, bytesFromUtf8, hexFromBytes } from '../base/bytes.ts'
import { Fault, isFault } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import { jsonFromBytes, jsonList, jsonObjectWith, jsonText } from '../forms/strict-json.ts'
import {
  type DeviceList,
  type DeviceListId,
  deviceListId,
  judgeDeviceLists,
  type SignedDeviceList,
  signedDeviceList,
} from '../kernel/device-list.ts'

export type Identity = {
  readonly name: string
  /** The hash of the first list. */
  readonly id: DeviceListId
  readonly lists: readonly SignedDeviceList[]
  /** The newest of the lists; not shown to be the newest that was ever signed. */
  readonly head: DeviceList
}

/** Bytes of an identity file that is read: a change of devices adds 16 to 60 thousand. */
export const IDENTITY_FILE_BYTES_MAX = 16_777_216

export const identityFileFrom = (identity: Pick<Identity, 'name' | 'lists'>): Uint8Array =>
  bytesFromUtf8(
    `${JSON.stringify(
      {
        format: FORMAT,
        name: identity.name,
        lists: identity.lists.map((signed) => hexFromBytes(signedDeviceList.encode(signed))),
      },
      null,
      2,
    )}\n`,
  )

/** Reads and checks an identity file. Raises `identity/damaged` and the faults of `judgeDeviceLists`. */
export const readIdentityFile = (file: Uint8Array, verifier: Verifier): Identity => {
  const { name, lists } = readLists(file)
  return identityFrom(name, lists, verifier)
}

/** The identity that these lists make. Raises the faults of `judgeDeviceLists`. */
export const identityFrom = (
  name: string,
  lists: readonly SignedDeviceList[],
  verifier: Verifier,
): Identity => {
  const head = judgeDeviceLists(lists, verifier)
  if (isFault(head)) throw head
  return { name, id: deviceListId(lists[0]?.list ?? head), lists, head }
}

const FORMAT = 'tallystick/1 identity'

const readLists = (
  file: Uint8Array,
): { readonly name: string; readonly lists: readonly SignedDeviceList[] } => {
  try {
    const json = jsonFromBytes(file, IDENTITY_FILE_BYTES_MAX)
    const fields = jsonObjectWith(json, ['format', 'name', 'lists'], 'the identity file')
    if (fields.format !== FORMAT) throw new Fault('identity/damaged', 'the format is unknown')
    return {
      name: jsonText(fields.name, 'the name'),
      lists: jsonList(fields.lists, 'the lists').map((entry, at) =>
        signedDeviceList.decode(bytesFromHex(jsonText(entry, `list ${at}`))),
      ),
    }
  } catch (error) {
    if (!isFault(error)) throw error
    throw new Fault('identity/damaged', `no usable identity file: ${error.message}`)
  }
}
