/**
 * Signs and checks in a process of its own, for measurements. Each message is a number of milliseconds to work for; the answer
 * is the processor time of one signature and of one check.
 */
import { randomBytes } from 'node:crypto'
import { createNativeEngine } from 'tallystick/engine-native'
import { secondsOf } from './processor.ts'
import type { SignatureCost } from './signers.ts'

/** Signatures that differ, as those of many owners do: one that is checked again and again costs less. */
const SIGNATURES = 96
const engine = createNativeEngine()
const fresh = (): Uint8Array => new Uint8Array(randomBytes(32))
const owners = Array.from({ length: SIGNATURES }, () => {
  const { publicKey, secret } = engine.fromSeed('ed25519', fresh())
  const message = fresh()
  return { publicKey, secret, message, signature: engine.sign('ed25519', secret, message) }
})

const sign = (): void => {
  for (const { secret, message } of owners) engine.sign('ed25519', secret, message)
}

const check = (): void => {
  for (const { publicKey, message, signature } of owners)
    if (!engine.verify('ed25519', publicKey, message, signature))
      throw new Error('a signature that was made here is good')
}

const measure = (ms: number): SignatureCost => {
  const until = performance.now() + ms
  let signing = 0
  let checking = 0
  let count = 0
  while (performance.now() < until) {
    const before = secondsOf(process.cpuUsage())
    sign()
    const between = secondsOf(process.cpuUsage())
    check()
    signing += between - before
    checking += secondsOf(process.cpuUsage()) - between
    count += SIGNATURES
  }
  return { signSeconds: signing / count, checkSeconds: checking / count }
}

process.on('message', (ms) => process.send?.(measure(Number(ms))))
process.once('disconnect', () => process.exit(0))
