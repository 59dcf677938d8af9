/** Identities as people see them: what is theirs to compare, and which keys act for them. */
import { homedir } from 'node:os'
import { sep } from 'node:path'
import { signerId } from '../base/signer.ts'
import type { DeviceList, DeviceListId } from '../kernel/device-list.ts'
import type { ReadCard } from '../verify/card.ts'
import { type Keyring, listDevices, openIdentity } from './keystore.ts'
import { idText, type Output } from './print.ts'

/** Shows an identity whose keys lie here. */
export const showOwn = (output: Output, ring: Keyring): ShownIdentity => {
  const { id: identity, head } = openIdentity(ring)
  const here = new Set(listDevices(ring).flatMap((one) => (one.here ? [one.name] : [])))
  const note = (device: string): string => (here.has(device) ? 'lies here' : 'lies elsewhere')
  return showIdentity(output, { name: ring.name, identity, head, note })
}

export const showCard = (output: Output, of: ReadCard): ShownIdentity => {
  const note = (device: string): string => (device === of.device.name ? 'signs steps' : '')
  return showIdentity(output, { name: of.card.name, identity: of.identity, head: of.head, note })
}

/** What a program gets to see of it. */
export type ShownIdentity = Readonly<Record<string, unknown>>

type Shown = {
  readonly name: string
  readonly identity: DeviceListId
  readonly head: DeviceList
  /** What is known about a device beside its key. */
  readonly note: (device: string) => string
}

const showIdentity = (output: Output, { name, identity, head, note }: Shown): ShownIdentity => {
  output.line([
    { text: name, tone: 'strong' },
    '  ',
    { text: identityText(identity), tone: 'good' },
  ])
  output.table([
    ['suite', head.suite],
    ['root', '', head.root.scheme, keyText(head, head.root)],
    ...head.devices.map((device) => [
      'device',
      device.name,
      device.key.scheme,
      keyText(head, device.key),
      note(device.name),
    ]),
  ])
  return {
    name,
    identity,
    suite: head.suite,
    sequence: head.sequence,
    root: head.root,
    nextRoot: head.nextRoot,
    devices: head.devices.map((device) => ({ ...device, note: note(device.name) })),
  }
}

/** As much of an identity as people compare: 128 bits, more than anybody can search through. */
export const identityText = (identity: DeviceListId): string => idText(identity, 32)

/** A path as short as it can be said. */
export const pathText = (path: string): string => {
  const home = homedir() + sep
  return path.startsWith(home) ? `~${sep}${path.slice(home.length)}` : path
}

const keyText = (head: DeviceList, key: DeviceList['root']): string =>
  `key ${idText(signerId(head.suite, key.scheme, key.publicKey))}`
