/** Directory files: what somebody needs to open an account at a directory, with a token that only its holder should read. */
import {
  bytesFromHex,
  Fault,
  faultFrom,
  hexFromBytes,
  isFault,
  SCHEME_IDS,
  SUITE_IDS,
  type SuiteId,
} from 'tallystick/base'
import { readInputFile, readPrivateFile, replaceFile, usageError } from 'tallystick/shell'
import { kindOfFile } from 'tallystick/verify'
import type { DirectoryPolicy, Operator } from 'tallystick/models'
import type { OperatorAddress } from '../client/operator.ts'
import { fileOf, jsonFrom, member } from './folder.ts'

export type DirectoryFile = {
  readonly network: string
  readonly suite: SuiteId
  readonly policy: DirectoryPolicy
  /** In the order of the policy. */
  readonly addresses: readonly OperatorAddress[]
}

const FORMAT = 'tallystick/1 directory'
const BYTES_MAX = 1_048_576

export const writeDirectoryFile = (path: string, of: DirectoryFile): void =>
  replaceFile(
    path,
    fileOf({
      format: FORMAT,
      network: of.network,
      suite: of.suite,
      threshold: of.policy.threshold,
      faulty: of.policy.faulty,
      operators: of.policy.operators.map(({ name, scheme, publicKey }, at) => ({
        name,
        scheme,
        publicKey: hexFromBytes(publicKey),
        url: of.addresses[at]?.url ?? '',
        token: of.addresses[at]?.token ?? '',
      })),
    }),
  )

/** Raises a usage error for a file that is none. */
export const readDirectoryFile = (path: string): DirectoryFile => {
  const json = contentOf(path)
  const [network, threshold, faulty] = ['network', 'threshold', 'faulty'].map((one) =>
    member(json, one),
  )
  const suite = SUITE_IDS.find((one) => one === member(json, 'suite'))
  const listed: unknown = member(json, 'operators')
  if (
    member(json, 'format') !== FORMAT ||
    typeof network !== 'string' ||
    typeof threshold !== 'number' ||
    typeof faulty !== 'number' ||
    suite === undefined ||
    !Array.isArray(listed)
  ) {
    throw usageError(`${path} is no directory file`, WHENCE)
  }
  const operators = listed.map((one: unknown) => operatorFrom(path, one))
  checkPrivate(path)
  return {
    network,
    suite,
    policy: { operators: operators.map((one) => one.operator), threshold, faulty },
    addresses: operators.map((one) => one.address),
  }
}

/** What a file is comes first: who may read it matters only of one that holds tokens. */
const contentOf = (path: string): unknown => {
  const bytes = readInputFile(path, BYTES_MAX)
  const kind = faultFrom(() => kindOfFile(bytes))
  if (!isFault(kind))
    throw usageError(`${path} is a file of tally (${kind}), no directory file`, WHENCE)
  const json = faultFrom(() => jsonFrom(bytes))
  if (isFault(json)) throw usageError(`${path} is no directory file`, WHENCE)
  return json
}

const checkPrivate = (path: string): void => {
  const fault = faultFrom(() => readPrivateFile(path, BYTES_MAX))
  if (!isFault(fault)) return
  throw fault.code === 'keystore/open-to-others'
    ? new Fault(fault.code, `${path} holds tokens of operators; ${fault.message}`)
    : fault
}

const WHENCE = 'whoever runs the operators hands it out; tally dev writes one: directory.json'

type Listed = { readonly operator: Operator; readonly address: OperatorAddress }

const operatorFrom = (path: string, json: unknown): Listed => {
  const [name, publicKey, url, token] = ['name', 'publicKey', 'url', 'token'].map((one) =>
    member(json, one),
  )
  const scheme = SCHEME_IDS.find((one) => one === member(json, 'scheme'))
  if (
    typeof name !== 'string' ||
    typeof publicKey !== 'string' ||
    typeof url !== 'string' ||
    typeof token !== 'string' ||
    scheme === undefined
  ) {
    throw usageError(`${path} names an operator that is none`, 'put the file back from a copy')
  }
  return {
    operator: { name, scheme, publicKey: bytesFromHex(publicKey) },
    address: { name, url, token, publicKey },
  }
}
