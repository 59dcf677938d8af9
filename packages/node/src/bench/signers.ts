/**
 * What the signatures of a step cost on this machine, and how many steps that allows.
 *
 * Every core signs and checks at once while it is measured. Two processors of a system may be threads of one core, as on most
 * rented machines; then a signature costs a good part more when the other one works too, and the price that one core asks
 * alone would promise more than the machine has.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { askProcess, numberIn } from './processor.ts'

/** Seconds of processor time of one Ed25519 signature, and of one check of it. */
export type SignatureCost = { readonly signSeconds: number; readonly checkSeconds: number }

export type Signers = {
  /** The price that each core asks while all of them work. */
  readonly measure: () => Promise<readonly SignatureCost[]>
  readonly close: () => void
}

const MEASURED_MS = 1500

/** A process for each core. They rest between measurements. */
export const startSigners = async (): Promise<Signers> => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const program = fileURLToPath(new URL(`./bench-signer.${extension}`, import.meta.url))
  const children = Array.from({ length: availableParallelism() }, (): ChildProcess =>
    spawn(process.execPath, [...process.execArgv, program], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  )
  const measure = (ms: number): Promise<readonly SignatureCost[]> =>
    Promise.all(
      children.map(async (child): Promise<SignatureCost> => {
        const answer = await askProcess(child, ms)
        const signSeconds = numberIn(answer, 'signSeconds')
        return { signSeconds, checkSeconds: numberIn(answer, 'checkSeconds') }
      }),
    )
  // So that all have started and are warm when it counts.
  await measure(MEASURED_MS / 3)
  return {
    measure: () => measure(MEASURED_MS),
    close: () => {
      for (const child of children) child.disconnect()
    },
  }
}

/** Processor time of the signatures of one step: what its owner and client do, and what all n operators do. */
export type SignaturesOfStep = { readonly client: number; readonly operators: number }

/**
 * For each step the owner signs, n operators check that and sign, and the client checks the k receipts that make a
 * certificate.
 */
export const signaturesOfStep = (
  { signSeconds, checkSeconds }: SignatureCost,
  n: number,
  k: number,
): SignaturesOfStep => ({
  client: signSeconds + k * checkSeconds,
  operators: n * (signSeconds + checkSeconds),
})

/** Certified steps in a second if signatures were all that there is to do, and what takes `moreSeconds` of each step. */
export const signatureLimit = (
  costs: readonly SignatureCost[],
  n: number,
  k: number,
  moreSeconds = 0,
): number => {
  const rates = costs.map((cost) => {
    const { client, operators } = signaturesOfStep(cost, n, k)
    return 1 / (client + operators + moreSeconds)
  })
  return rates.reduce((sum, rate) => sum + rate, 0)
}

/** The mean over cores and measurements. */
export const meanCost = (costs: readonly SignatureCost[]): SignatureCost => ({
  signSeconds: meanOf(costs.map((one) => one.signSeconds)),
  checkSeconds: meanOf(costs.map((one) => one.checkSeconds)),
})

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length
