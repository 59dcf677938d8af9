/**
 * An oracle as a process: one controller, who certifies a machine of its own over a store, and hands out files in which its answers are
 * shown.
 *
 * Promise. What it has signed is durable before anybody sees it, as with every custodian (`desk.ts`), so that a restart leads to no
 * second answer. A question that was answered is not answered again, with other words or the same.
 *
 * Not promised. That two stores with one key agree. Whoever signs two answers by them has convicted the key.
 */
import { isFault, type Signer, type Verifier } from 'tallystick/base'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import { bundleFromAgreed } from 'tallystick/command'
import {
  type Charter,
  consentDigest,
  interactionId,
  type Machine,
  openMachine,
  type Operation,
  soleController,
} from 'tallystick/kernel'
import { operationOnOracle } from 'tallystick/logic'
import { type AgreedStep, applicationAt, custodianTerms, policyOf } from 'tallystick/models'
import { fileFromBundle, withProver } from 'tallystick/verify'
import type { Store } from '../store/store.ts'
import { openDesk } from './desk.ts'
import { ROUND_MS } from './limits.ts'
import { storedSteps } from './steps.ts'

export type RunningOracle = {
  readonly machine: () => Machine
  /** Raises `oracle/answered` for a question that was answered, and `member/…` where the store holds another line of vows. */
  readonly say: (question: string, answer: string) => Promise<void>
  /** A step that says nothing: its certificate attests the time. */
  readonly tick: () => Promise<void>
  /** Everything up to now. */
  readonly file: () => Promise<Uint8Array>
  readonly close: () => Promise<void>
}

/** One machine for each key: whoever has more to say than a file may hold takes another key. */
export const oracleCharter = (name: string, { scheme, publicKey }: Signer): Charter => ({
  network: 'nostr',
  nonce: new Uint8Array(32),
  terms: {
    suite: 'nostr',
    participants: [{ name, controller: soleController(scheme, publicKey) }],
    turn: { is: 'anyone' },
    policy: custodianTerms(policyOf([{ name, scheme, publicKey }])),
  },
  logics: [{ name: 'oracle/1', params: new Uint8Array() }],
  state: { is: 'tree' },
})

export const openOracle = async (options: {
  readonly store: Store
  readonly name: string
  readonly signer: Signer
  readonly verifier: Verifier
  readonly clock: () => bigint
}): Promise<RunningOracle> => {
  const { store, signer, verifier, clock } = options
  const charter = oracleCharter(options.name, signer)
  const genesis = openMachine(charter, STANDARD_LOGICS)
  if (isFault(genesis)) throw genesis
  const desk = await openDesk({
    store,
    genesis,
    custodian: {
      ...withProver({ logics: STANDARD_LOGICS, models: STANDARD_MODELS, verifier }),
      publicKey: signer.publicKey,
      patience: BigInt(ROUND_MS),
      heartbeat: 0n,
    },
    sign: signer.sign,
    clock,
    onStored: () => undefined,
    onKept: () => undefined,
    perform: () => undefined,
  })
  const machine = (): Machine => desk.state().member.followed.machine
  const take = async (operations: readonly Operation[]): Promise<void> => {
    const interaction = applicationAt(machine(), { operations, beside: [] })
    const id = interactionId(interaction)
    const signature = signer.sign(consentDigest('nostr', id))
    const consents = [{ machine: genesis.id, party: 0, key: 0, form: 'raw', signature } as const]
    const candidate = { interaction, consents, beside: [], attachments: [] }
    const { member } = await desk.take({ is: 'candidate', candidate })
    if (member.followed.machine.head.interaction === id) return
    throw member.refusals.at(-1) ?? new Error('the oracle did not certify its own step')
  }
  return {
    machine,
    say: (question, answer) =>
      take([operationOnOracle({ machine: genesis.id, logic: 0 }, { question, answer })]),
    tick: () => take([]),
    file: async () => {
      const steps: AgreedStep[] = []
      for (;;) {
        const page = await storedSteps(store, genesis.id, BigInt(steps.length) + 1n)
        if (page.length === 0) return fileFromBundle(bundleFromAgreed(charter, steps))
        steps.push(...page)
      }
    },
    close: desk.close,
  }
}
