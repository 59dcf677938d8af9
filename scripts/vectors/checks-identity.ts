/** Checks of key logs, key heads, device proofs and evidence against keys. */
import { bytesFromHex, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { signerKey } from '../../packages/tallystick/src/base/signer.ts'
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import { gatherShares, shareFromText } from '../../packages/tallystick/src/forms/guardian-share.ts'
import { deviceProof, judgeDeviceProof } from '../../packages/tallystick/src/kernel/device-proof.ts'
import { activeDevices, deviceTreeRoot } from '../../packages/tallystick/src/kernel/device-tree.ts'
import { signedKeyEvent } from '../../packages/tallystick/src/kernel/key-event.ts'
import { convictKey, keyEvidence } from '../../packages/tallystick/src/kernel/key-evidence.ts'
import {
  certifiedKeyHead,
  checkAgainstHead,
  judgeKeyHead,
  keyHead,
} from '../../packages/tallystick/src/kernel/key-head.ts'
import { judgeKeyLog } from '../../packages/tallystick/src/kernel/key-log.ts'
import {
  recoverySeed,
  type RecoveryWay,
} from '../../packages/tallystick/src/kernel/recovery-seed.ts'
import { evenQuorum } from '../../packages/tallystick/src/kernel/quorum.ts'
import { type Check, type JsonObject, unless } from './finding.ts'
import { bytesAt, idAt, numberAt, plain, suiteAt, textAt, textsAt } from './read.ts'

const verifier = createPortableEngine()

const RECOVERY_WAYS: readonly RecoveryWay[] = ['words', 'guardians']

const logAt = (input: JsonObject) =>
  textsAt(input, 'log').map((one) => signedKeyEvent.decode(bytesFromHex(one)))

const checkLog: Check = (input) => {
  const state = unless(judgeKeyLog(logAt(input), verifier))
  const { identity, sequence, head, keys, next, recovery, recoveries, devices } = state
  return {
    expected: plain({
      identity,
      sequence,
      head,
      keys,
      next,
      recovery,
      recoveries,
      tree: deviceTreeRoot(devices),
      devices: activeDevices(devices).map((one) => one.name),
    }),
  }
}

const checkHead: Check = (input) => {
  const signers = textsAt(input, 'operators').map((one, at) => ({
    name: `operator ${at}`,
    ...signerKey.decode(bytesFromHex(one)),
  }))
  const bounds = { threshold: numberAt(input, 'threshold'), faulty: numberAt(input, 'faulty') }
  const of = certifiedKeyHead.decode(bytesAt(input, 'head'))
  return { expected: plain(unless(judgeKeyHead(of, evenQuorum(signers, bounds), verifier))) }
}

export const identityChecks: Readonly<Record<string, Check>> = {
  'key-log': checkLog,
  'key-head': checkHead,
  'log-beside-head': (input) => {
    const fault = checkAgainstHead(logAt(input), keyHead.decode(bytesAt(input, 'head')))
    if (fault) throw fault
    return {}
  },
  'key-evidence': (input) => ({
    expected: plain(unless(convictKey(keyEvidence.decode(bytesAt(input, 'evidence')), verifier))),
  }),
  'recovery-seed': (input) => {
    const way = RECOVERY_WAYS.find((one) => one === textAt(input, 'way'))
    if (!way) throw new Error('no such way')
    const [secret, identity] = [bytesAt(input, 'secret'), idAt<'key-event'>(input, 'identity')]
    const seed = recoverySeed({ way, secret, identity, turn: numberAt(input, 'turn') })
    return { expected: hexFromBytes(seed) }
  },
  shares: (input) => {
    const shares = textsAt(input, 'shares').map(shareFromText)
    const gathered = gatherShares(idAt(input, 'identity'), shares)
    return { expected: plain(gathered.map(({ position, value }) => ({ position, value }))) }
  },
  'device-proof': (input) => {
    const known = { ...keyHead.decode(bytesAt(input, 'head')), suite: suiteAt(input) }
    const of = deviceProof.decode(bytesAt(input, 'proof'))
    return { expected: plain(unless(judgeDeviceProof(of, known, idAt(input, 'device')))) }
  },
}
