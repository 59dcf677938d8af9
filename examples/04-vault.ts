// Alice sets 40 aside for Bob until he shows a secret. With the words of both she could have it back instead.
// Show another secret, or leave out Alice's word at the start, and the step is refused with a reason.
// Signatures are left out here: `words` says who has consented. The first example has them.
import { randomBytes } from 'node:crypto'
import { isFault } from 'tallystick/base'
import { createPortableEngine } from 'tallystick/engine'
import * as kernel from 'tallystick/kernel'
import * as logic from 'tallystick/logic'

const engine = createPortableEngine()
const participants = ['alice', 'bob'].map((name) => {
  const { publicKey } = engine.fromSeed('ed25519', randomBytes(32))
  return { name, controller: kernel.soleController('ed25519', publicKey) }
})
const policy = { kind: 'bilateral', params: new Uint8Array() }
const initial = [{ holder: 'alice', amount: 100n }]
const money = { symbol: 'NOTCH', decimals: 0, cap: 100n, issuer: undefined, initial }
const charter: kernel.Charter = {
  network: 'example',
  nonce: randomBytes(32),
  terms: { suite: 'classic', participants, turn: { is: 'alternate' }, policy },
  logics: [
    { name: 'ledger/1', params: logic.ledgerParams.encode(money) },
    { name: 'vault/1', params: new Uint8Array() },
  ],
  state: { is: 'tree' },
}
const machine = kernel.machineId(charter)
const asset = { machine, logic: 0 }

// What has to be shown, who pays, who is paid. The terms' hash names the vault; nobody can change them later.
const secret = randomBytes(32)
const people = { payer: 'alice', payee: 'bob' }
const release = { is: 'secret', digest: logic.digestOfSecret(secret) } as const
const until = { expiry: undefined, arbiter: undefined }
const terms = { nonce: randomBytes(32), machine, asset, amount: 40n, ...people, release, ...until }
const vault: logic.Vault = { logic: { machine, logic: 1 }, suite: 'classic', terms }

/** The machine after some operations, or the fault that kept it where it is. */
const after = (
  head: kernel.Machine,
  operations: readonly kernel.Operation[],
  words: readonly string[],
): kernel.Machine => {
  const legs = [{ machine, access: 'write', parent: head.headId }] as const
  const interaction = { suite: 'classic', legs, operations, premises: [] } as const
  const consents = (_: string, party: number) => words.includes(participants[party]?.name ?? '')
  const run = { interaction, consents, proven: [], verifier: engine, logics: logic.STANDARD_LOGICS }
  const done = kernel.execute({ ...run, machines: new Map([[machine, head]]) })
  if (isFault(done) || !done.written[0]) throw done
  return done.written[0]
}
const begun = kernel.openMachine(charter, logic.STANDARD_LOGICS)
if (isFault(begun)) throw begun
const waiting = after(begun, logic.depositOperations(vault), ['alice'])
const paid = after(waiting, logic.settleOperations(vault, { is: 'claim', secrets: [secret] }), [])
const all = [begun, waiting, paid].map((one) => logic.balanceOf(one, asset, 'bob'))
console.log(`bob has ${all.join(', then ')}`)
// prints: bob has 0, then 0, then 40
