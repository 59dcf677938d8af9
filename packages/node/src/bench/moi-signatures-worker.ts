/** A thread that checks signatures of MOI and does nothing else, for the limit that they set. */
import { parentPort, workerData } from 'node:worker_threads'
import { createPortableEngine } from 'tallystick/engine'
import { createNativeEngine } from 'tallystick/engine-native'
import { verifiesMoiDigest } from 'tallystick/moi'
import type { SignatureCheck, SignatureOrder } from './moi-signatures.ts'

const native = createNativeEngine()
const portable = createPortableEngine()

const isChecks = (of: unknown): of is readonly SignatureCheck[] => Array.isArray(of)

const main = (checks: unknown): void => {
  if (parentPort === null || !isChecks(checks)) throw new Error('started as no thread')
  const port = parentPort
  port.on('message', ({ rounds, isPortable }: SignatureOrder) => {
    const engine = isPortable ? portable : native
    for (let round = 0; round < rounds; round += 1) {
      for (const { publicKey, digest, signature } of checks) {
        if (!verifiesMoiDigest(engine, publicKey, digest, signature))
          throw new Error('a transfer is signed wrongly')
      }
    }
    port.postMessage('done')
  })
}

main(workerData)
