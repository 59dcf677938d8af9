// Alice signs two different steps in one place of her machine. The two signatures together convict her key.
// Let both steps say the same thing, or sign one with another key, and there is no evidence.
import { randomBytes } from 'node:crypto'
import { bytesFromUtf8, hash, isFault, TAGS } from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import * as kernel from 'tallystick/kernel'
import { operationOnVault, STANDARD_LOGICS as logics } from 'tallystick/logic'
import { directoryTerms, ownerVote } from 'tallystick/models'

const engine = createNativeEngine()
const [alice, north] = [randomBytes(32), randomBytes(32)].map((seed) =>
  engine.fromSeed('ed25519', seed),
)
if (!alice || !north) throw new Error('two keys')

// Her own machine: she alone proposes, and an operator would vouch that each step is the only one.
const operators = [{ name: 'north', scheme: 'ed25519' as const, publicKey: north.publicKey }]
const controller = kernel.soleController('ed25519', alice.publicKey)
const charter: kernel.Charter = {
  network: 'example',
  nonce: randomBytes(32),
  terms: {
    suite: 'classic',
    participants: [{ name: 'alice', controller }],
    turn: { is: 'owner', party: 0 },
    policy: directoryTerms({ operators, threshold: 1, faulty: 0 }),
  },
  logics: [{ name: 'vault/1', params: new Uint8Array() }],
  state: { is: 'tree' },
}
const machine = kernel.openMachine(charter, logics)
if (isFault(machine)) throw machine

// What she would tell one friend, and what she would tell another.
const signedStep = (words: string): kernel.SignedStatement => {
  const { id, headId } = machine
  const value = bytesFromUtf8(words)
  const subject = hash('classic', TAGS.secret, bytesFromUtf8('where I was'))
  const publish = { is: 'publish', machine: id, party: 'alice', subject, value } as const
  const operations = [operationOnVault({ machine: id, logic: 0 }, publish)]
  const legs = [{ machine: id, access: 'write', parent: headId }] as const
  const interaction = { suite: 'classic', legs, operations, premises: [] } as const
  const machines = new Map([[id, machine]])
  const consents = () => true
  const run = { interaction, machines, logics, consents, proven: [], verifier: engine }
  const done = kernel.execute(run)
  if (isFault(done) || !done.written[0]) throw new Error('the step is refused')
  const statement = ownerVote(done.written[0].head)
  const digest = kernel.statementDigest('classic', statement)
  return { statement, signature: engine.sign('ed25519', alice.secret, digest) }
}
const [first, second] = [signedStep('at home'), signedStep('at the market')]
const { publicKey } = alice
const found: kernel.Evidence = { suite: 'classic', scheme: 'ed25519', publicKey, first, second }
const judged = kernel.convict(found, engine)
const size = kernel.evidence.encode(found).length
console.log(
  isFault(judged) ? judged.code : `${judged.kind} at step ${judged.sequence}, ${size} bytes`,
)
// prints: fork at step 1, 546 bytes
