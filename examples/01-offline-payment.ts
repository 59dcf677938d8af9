// Alice pays Bob with nobody in between, and somebody else checks the file that they made.
// Change the amount, or let them answer `yes: false`, and run it again.
import { randomBytes } from 'node:crypto'
import { isFault } from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import { type Charter, eraseModel, machineId, soleController } from 'tallystick/kernel'
import { ledgerParams, operationOnLedger, STANDARD_LOGICS as logics } from 'tallystick/logic'
import * as models from 'tallystick/models'
import * as files from 'tallystick/verify'

const verifier = createNativeEngine()
const person = (name: string) => {
  const { publicKey, secret } = verifier.fromSeed('ml-dsa-44', randomBytes(32))
  return { name, secret, controller: soleController('ml-dsa-44', publicKey) }
}
const people = [person('alice'), person('bob')] as const

// What the two agree on before the first step. Its hash is the name of their machine.
const initial = [{ holder: 'alice', amount: 100n }]
const money = { symbol: 'NOTCH', decimals: 0, cap: 100n, issuer: undefined, initial }
const participants = people.map(({ name, controller }) => ({ name, controller }))
const turn = { is: 'leader', party: 0 } as const
const charter: Charter = {
  network: 'example',
  nonce: randomBytes(32),
  terms: { suite: 'quantum', participants, turn, policy: models.BILATERAL_TERMS },
  logics: [{ name: 'ledger/1', params: ledgerParams.encode(money) }],
  state: { is: 'tree' },
}

// A role neither signs nor asks anybody. It says what it wants, and its shell answers.
const seat = (party: 0 | 1): models.Seat => {
  const { name, secret } = people[party]
  const role = models.createParty({ charter, party, keys: [0], logics, verifier })
  if (isFault(role)) throw role
  const answer: models.Seat['answer'] = (wanted) => {
    if (wanted.is === 'prove') return undefined
    if (wanted.is === 'sign') {
      const signature = verifier.sign('ml-dsa-44', secret, wanted.digest)
      return { is: 'signed', digest: wanted.digest, key: wanted.key, signature }
    }
    console.log(`${name}, do you agree? ${wanted.described.join()}`)
    return { is: 'decide', interaction: wanted.interactionId, yes: true }
  }
  return { party: role, state: role.begin(), answer }
}
const machine = machineId(charter)
const [from, to] = [{ machine, holder: 'alice' } as const, { machine, holder: 'bob' } as const]
const pay = operationOnLedger({ machine, logic: 0 }, { is: 'transfer', from, to, amount: 12n })
const ask = { by: 0, input: models.createWish([pay]) } as const
const [, bob] = models.talkAtTable([seat(0), seat(1)], ask, { now: 0n, random: randomBytes(32) })

// Bob's copy becomes a file. Whoever has it needs neither of the two to check it.
const steps = models.stepsOf(bob.state).map((one) => files.bundleStepFrom(one, () => undefined))
const file = files.fileFromBundle({ ...files.EMPTY_BUNDLE, charters: [charter], steps })
const known = files.createModelRegistry(eraseModel(models.bilateral))
const { outcome, machines } = files.verify(file, { models: known, logics, verifier })
console.log(`${outcome}: step ${machines[0]?.head.sequence}, ${machines[0]?.head.standing}`)
// prints: valid: step 1, final
