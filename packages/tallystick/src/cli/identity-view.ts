/** Identities as people see them: what is theirs to compare, and which keys act for them. */
import { homedir } from 'node:os'
import { sep } from 'node:path'
import { hexFromBytes } from '../base/bytes.ts'
import { signerId } from '../base/signer.ts'
import type { SignerKey } from '../base/signer.ts'
import { activeDevices } from '../kernel/device-tree.ts'
import type { IdentityId } from '../kernel/key-event.ts'
import type { KeyState } from '../kernel/key-log.ts'
import type { ReadCard } from '../verify/card.ts'
import { type Keyring, listDevices, openIdentity } from './keystore.ts'
import { idText, type Output } from './print.ts'

/** Shows an identity whose keys lie here. */
export const showOwn = (output: Output, ring: Keyring): ShownIdentity => {
  const { head } = openIdentity(ring)
  const here = new Set(listDevices(ring).flatMap((one) => (one.here ? [one.name] : [])))
  const note = (device: string): string => (here.has(device) ? 'lies here' : 'lies elsewhere')
  return showIdentity(output, { name: ring.name, head, note })
}

export const showCard = (output: Output, of: ReadCard): ShownIdentity => {
  const note = (device: string): string => (device === of.device.name ? 'signs steps' : '')
  return showIdentity(output, { name: of.card.name, head: of.head, note })
}

/** What a program gets to see of it. */
export type ShownIdentity = Readonly<Record<string, unknown>>

type Shown = {
  readonly name: string
  readonly head: KeyState
  /** What is known about a device beside its key. */
  readonly note: (device: string) => string
}

const showIdentity = (output: Output, { name, head, note }: Shown): ShownIdentity => {
  const { identity, suite, sequence, keys, next, recovery } = head
  const devices = activeDevices(head.devices)
  output.line([
    { text: name, tone: 'strong' },
    '  ',
    { text: identityText(identity), tone: 'good' },
  ])
  output.table([
    ['suite', suite],
    ...keys.keys.map((key) => ['root', '', key.scheme, keyText(head, key)]),
    ...devices.map((device) => [
      'device',
      device.group === '' ? device.name : `${device.group}/${device.name}`,
      device.key.scheme,
      keyText(head, device.key),
      note(device.name),
    ]),
    // What others name it by in machines on relays; digits of an id would not do.
    ...(suite === 'nostr'
      ? devices.map((device) => ['on Nostr', device.name, hexFromBytes(device.key.publicKey)])
      : []),
    ['recovery', recovery ? recoveryText(recovery.keys.length, recovery.threshold) : 'none'],
  ])
  return {
    name,
    identity,
    suite,
    sequence,
    keys,
    next,
    recovery,
    devices: devices.map((device) => ({ ...device, note: note(device.name) })),
  }
}

const recoveryText = (ways: number, threshold: number): string =>
  `${ways} ${ways === 1 ? 'way' : 'ways'}, weight ${threshold} is enough`

/** As much of an identity as people compare: 128 bits, more than anybody can search through. */
export const identityText = (identity: IdentityId): string => idText(identity, 32)

/** A path as short as it can be said. */
export const pathText = (path: string): string => {
  const home = homedir() + sep
  return path.startsWith(home) ? `~${sep}${path.slice(home.length)}` : path
}

const keyText = (head: KeyState, key: SignerKey): string =>
  `key ${idText(signerId(head.suite, key.scheme, key.publicKey))}`
