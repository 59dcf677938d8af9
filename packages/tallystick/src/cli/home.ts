/** Where a user's own things lie, and which of the user's identities a command is about. */
import { homedir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { createNativeEngine } from '../engine/native.ts'
import { type Keyring, listDevices, listIdentities, type ListedDevice } from './keystore.ts'
import { usageError } from './print.ts'

/** The folder of `TALLY_HOME`, or `.tally` in the user's own. */
export const homeFolder = (env: Readonly<Record<string, string | undefined>>): string => {
  const named = env['TALLY_HOME']
  return named === undefined || named === '' ? join(homedir(), '.tally') : resolve(named)
}

/** A name for an identity that nobody named: the user's own on this machine, as far as it can be one. */
export const nameOfUser = (): string => {
  const name = userInfo()
    .username.toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-')
    .replace(/^-+/, '')
    .slice(0, 32)
  return name === '' ? 'me' : name
}

/**
 * The identity that a command is about: the one named, or else the only one. Raises a usage error where there is none,
 * or more than one.
 */
export const ringFrom = (named: string | undefined): Keyring => {
  const home = homeFolder(process.env)
  return { home, name: named ?? onlyIdentity(home), engine: createNativeEngine() }
}

const onlyIdentity = (home: string): string => {
  const names = listIdentities(home)
  const [only] = names
  if (only === undefined) {
    throw usageError(`there is no identity in ${home} yet`, 'tally id new --name NAME')
  }
  if (names.length > 1) {
    throw usageError(`there are ${names.length} identities: ${names.join(', ')}`, 'add --as NAME')
  }
  return only
}

/** The device that signs steps: the one named, or the first whose key lies here. Raises a usage error. */
export const deviceFrom = (ring: Keyring, named: string | undefined): ListedDevice => {
  const devices = listDevices(ring)
  const found = devices.find((one) => (named === undefined ? one.here : one.name === named))
  if (found) return found
  throw named === undefined
    ? usageError(`no device of ${ring.name} has its key here`, 'tally id devices add NAME')
    : usageError(`${ring.name} has no device ${named}`, 'tally id devices shows them')
}
