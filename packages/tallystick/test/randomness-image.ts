/** What a process draws that is started from an image of another one. Bundled and made into an image by `randomness.test.ts`. */
import { randomBytes } from 'node:crypto'
import { startupSnapshot } from 'node:v8'
import { hexFromBytes } from '../src/base/bytes.ts'
import { createNativeEngine } from '../src/engine/native.ts'

export type Drawn = {
  /** Drawn before the image was made, and from a generator that goes on from a seed of then. */
  readonly before: string
  readonly seeded: number
  /** Drawn after the image was started. */
  readonly token: string
  readonly web: string
  readonly publicKey: string
  readonly signature: string
}

const engine = createNativeEngine()
const before = new Uint8Array(randomBytes(32))
let state = randomBytes(4).readUInt32LE()
const seeded = (): number => (state = (state * 1_103_515_245 + 12_345) % 4_294_967_296)
seeded()

startupSnapshot.setDeserializeMainFunction(() => {
  const { publicKey } = engine.fromSeed('ed25519', new Uint8Array(randomBytes(32)))
  const signature = engine.sign('bip340', before, new Uint8Array(32))
  const drawn: Drawn = {
    before: hexFromBytes(before),
    seeded: seeded(),
    token: randomBytes(32).toString('hex'),
    web: hexFromBytes(crypto.getRandomValues(new Uint8Array(32))),
    publicKey: hexFromBytes(publicKey),
    signature: hexFromBytes(signature),
  }
  process.stdout.write(JSON.stringify(drawn))
})
