/**
 * Telling the cheat: Alice runs two copies of her phone and pays the same money twice. Nobody can stop her offline. What
 * is shown is what follows: both stalls were told that it was provisional, the moment their files meet she is convicted
 * by her own two signatures, and the bond she put up pays them.
 */
import { writeFileSync } from 'node:fs'
import { consentDigest } from '../../kernel/consent.ts'
import { evidence, type Evidence } from '../../kernel/evidence.ts'
import { interactionId } from '../../kernel/interaction.ts'
import { operationOnLedger } from '../../logic/ledger-operation.ts'
import { ownerInteraction, type OwnerStep } from '../../models/directory/owner.ts'
import { pathKey } from '../../kernel/execute.ts'
import { recordPath, recordsIn } from '../../logic/ledger-record.ts'
import { prove } from '../../state/proof.ts'
import { fileFromBody } from '../../verify/file.ts'
import { fileFromBundle } from '../../verify/bundle.ts'
import { verify } from '../../verify/verify.ts'
import type { ExitCode, Output } from '../print.ts'
import {
  claimFor,
  claimIn,
  exposureIn,
  fileForAll,
  type Market,
  money,
  openMarket,
  sendTo,
} from './market.ts'
import type { Account } from './town.ts'
import type { TellOptions } from './tell-market.ts'
import type { Relation } from './relation.ts'

const BOND = 30_00n
const TWICE = 18_00n

export const tellCheat = (output: Output, options: TellOptions): ExitCode => {
  output.line('The same money, paid twice', 'strong')
  output.line()
  const market = openMarket(options.suite, 20_00n)
  bondAlice(market)
  output.line(
    `At home, alice puts up a bond of ${money(BOND)} and has ${money(20_00n)} on her phone.`,
  )
  output.line('She copies the phone: two devices, one key, one memory.')
  output.line()
  const copy = market.account.clone()
  const toBob = pay(output, market, { from: market.account, relation: market.withBob })
  const toCarol = pay(output, market, { from: copy, relation: market.withCarol })
  output.line()
  const found = meet(output, market, copy, options)
  if (!found) return 1
  const paid = slash(market, found, [
    { from: market.account, step: toBob },
    { from: copy, step: toCarol },
  ])
  output.line()
  output.line('The bond pays those she sent the same money to:', 'strong')
  for (const one of paid)
    output.line(`  ${one.name.padEnd(6)} ${money(one.amount)} of ${money(TWICE)}`)
  output.line('The rest of their loss stays theirs: this is what "provisional" meant.', 'quiet')
  output.result({ paid })
  output.next(`tally verify ${options.out}`)
  return 0
}

const pay = (
  output: Output,
  market: Market,
  of: { readonly from: Account; readonly relation: Relation },
): OwnerStep => {
  const payee = of.relation.people[1]
  const step = sendTo(market, of.from, { relation: of.relation, holder: payee.name, amount: TWICE })
  const outcome = claimIn(market, of.relation, of.from, step)
  const exposure = exposureIn(market, of.relation, payee)
  output.line(
    `With no signal, alice pays ${payee.name} ${money(TWICE)}: ${outcome.final ? 'both signed' : 'refused'}, ` +
      `provisional, ${payee.name} exposed by ${money(exposure)}`,
    'warn',
  )
  return step
}

/** Bob's file and Carol's file come together. */
const meet = (
  output: Output,
  market: Market,
  copy: Account,
  options: TellOptions,
): Evidence | undefined => {
  const file = fileFromBundle(fileForAll(market, [copy.bundle()]))
  writeFileSync(options.out, file)
  const report = verify(file, market.town.checks)
  const conviction = report.convictions[0]
  if (!conviction) {
    output.line('nobody was convicted, and somebody should have been', 'bad')
    return undefined
  }
  const proof = evidence.encode(conviction.evidence)
  const proofFile = options.out.replace(/\.tally$/, '-proof.tally')
  writeFileSync(proofFile, fileFromBody('evidence', proof))
  output.line("Bob's file and Carol's file meet:", 'strong')
  output.line(
    `  caught: ${conviction.name ?? conviction.signer} signed two different steps ${conviction.sequence} of her account`,
    'bad',
  )
  output.line(
    `  the proof is ${proof.length} bytes (${proofFile}): two steps, two signatures, her key`,
  )
  output.line(
    `  convicted: ${report.convictions.map((one) => one.name ?? one.signer).join(', ')}; nobody else`,
  )
  output.result({
    caught: conviction.name ?? conviction.signer,
    step: conviction.sequence,
    proofBytes: proof.length,
    file: options.out,
    proofFile,
  })
  return conviction.evidence
}

/** Alice's own money at the mint answers for the conduct of her key on her account. */
const bondAlice = (market: Market): void => {
  const { mint, account, alice, asset, town } = market
  const operation = operationOnLedger(asset, {
    is: 'bond',
    from: { machine: mint.genesis.id, holder: alice.name },
    at: mint.genesis.id,
    covers: account.genesis.id,
    signer: alice.signer,
    amount: BOND,
  })
  const wish = { operations: [operation], premises: [], beside: [] }
  const id = interactionId(ownerInteraction(mint.machine(), wish))
  const signature = alice.sign(consentDigest(town.suite, id))
  const consent = { machine: mint.genesis.id, party: 1, key: 0, form: 'raw', signature } as const
  mint.take({ operations: [operation], consents: [consent] })
  mint.certify()
}

/** The mint pays the victims from the bond, on the evidence alone. */
const slash = (
  market: Market,
  proof: Evidence,
  sends: readonly { readonly from: Account; readonly step: OwnerStep }[],
): readonly { readonly name: string; readonly amount: bigint }[] => {
  const { mint, asset } = market
  const victims = sends.map(({ from, step }) => {
    const { out } = claimFor(market, from, step)
    const machine = from.machine()
    const key = pathKey(machine.terms.suite, asset, recordPath(out))
    const { statement } = proof.first
    const isFirst =
      statement.is === 'vote' && statement.transition.interaction === step.transition.interaction
    return { key, victim: { child: isFirst ? 0 : 1, out, proof: prove(machine.state, key) } }
  })
  victims.sort((a, b) => (a.key < b.key ? -1 : 1))
  const step = mint.take({
    operations: [
      operationOnLedger(asset, {
        is: 'slash',
        at: mint.genesis.id,
        evidence: evidence.encode(proof),
        victims: victims.map((one) => one.victim),
      }),
    ],
  })
  mint.certify()
  return recordsIn(mint.machine(), asset)
    .filter((one) => one.is === 'out')
    .filter((one) => one.interaction === step.transition.interaction)
    .map((one) => ({ name: one.to.holder, amount: one.amount }))
}
