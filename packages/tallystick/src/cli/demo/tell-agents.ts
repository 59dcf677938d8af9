/**
 * Telling the agents' story: two agents do paid work with escrow. One job is accepted, one is disputed and divided by an
 * arbiter whose ruling is a certified fact on a machine of its own, one is never delivered and goes back on expiry,
 * by a time that the directory attests.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { TransitionId } from '../../base/brand.ts'
import type { Operation, Premise } from '../../kernel/interaction.ts'
import type { Prefix } from '../../kernel/logic.ts'
import { ledgerParams } from '../../logic/ledger-params.ts'
import { balanceOf } from '../../logic/ledger-record.ts'
import {
  depositOperations,
  noticeKey,
  operationOnVault,
  rulingValue,
  type Settlement,
  settleOperations,
  type Vault,
} from '../../logic/vault-operation.ts'
import { joinBundles } from '../../verify/join.ts'
import type { ExitCode, Output } from '../print.ts'
import type { Person } from './people.ts'
import { createRelation, type Outcome, type Relation } from './relation.ts'
import { tellFile } from './tell-file.ts'
import type { TellOptions } from './tell-market.ts'
import { type Account, createTown, type Town } from './town.ts'

type Office = {
  readonly town: Town
  readonly client: Person
  readonly worker: Person
  readonly desk: Relation
  readonly arbiter: Account
  readonly asset: Prefix
  readonly vaults: Prefix
}

type Job = { readonly title: string; readonly subject: Uint8Array; readonly vault: Vault }

export const tellAgents = (output: Output, options: TellOptions): ExitCode => {
  output.line('Two agents, paid work, a dispute', 'strong')
  output.line()
  const office = openOffice(options)
  const accepted = job(office, { title: 'translate 40 pages', amount: 120n })
  const disputed = job(office, { title: 'label 9,000 images', amount: 80n })
  const late = job(office, { title: 'summarise the archive', amount: 60n, expiresInMs: 1n })
  tellAccepted(output, office, accepted)
  tellDisputed(output, office, disputed)
  tellExpired(output, office, late)
  const { client, worker, desk, arbiter, asset, town } = office
  const held = (person: Person): bigint => balanceOf(desk.machine(person), asset, person.name)
  output.line(
    `In the end ${client.name} has ${held(client)} CRED, ${worker.name} has ${held(worker)} CRED.`,
  )
  output.line()
  const bundle = joinBundles([arbiter.bundle(), desk.bundle(client)])
  return tellFile(output, bundle, { out: options.out, town })
}

const openOffice = (options: TellOptions): Office => {
  const town = createTown(options.suite)
  const [client, worker, judge] = ['client', 'worker', 'arbiter'].map((name) => town.person(name))
  if (!client || !worker || !judge) throw new Error('an office has people')
  const desk = createRelation(town, [client, worker], {
    turn: { is: 'alternate' },
    logics: [
      {
        name: 'ledger/1',
        params: ledgerParams.encode({
          symbol: 'CRED',
          decimals: 0,
          cap: 500n,
          issuer: undefined,
          initial: [{ holder: 'client', amount: 500n }],
        }),
      },
      { name: 'vault/1', params: new Uint8Array(0) },
    ],
  })
  const machine = desk.genesis.id
  const arbiter = town.open(judge, { logics: [{ name: 'vault/1', params: new Uint8Array(0) }] })
  return {
    town,
    client,
    worker,
    desk,
    arbiter,
    asset: { machine, logic: 0 },
    vaults: { machine, logic: 1 },
  }
}

/** The client locks the money: for the worker on the client's word, to be divided by the arbiter, back on expiry. */
const job = (
  office: Office,
  of: { readonly title: string; readonly amount: bigint; readonly expiresInMs?: bigint },
): Job => {
  const { town, desk, asset, vaults, arbiter, client, worker } = office
  const subject = new Uint8Array(createHash('sha256').update(of.title).digest())
  const ruling = { suite: town.suite, logic: { machine: arbiter.genesis.id, logic: 0 } }
  const expiry =
    of.expiresInMs === undefined
      ? undefined
      : { clock: arbiter.genesis.id, at: BigInt(Date.now()) + of.expiresInMs }
  const vault: Vault = {
    logic: vaults,
    suite: town.suite,
    terms: {
      nonce: new Uint8Array(randomBytes(32)),
      machine: desk.genesis.id,
      asset,
      amount: of.amount,
      payer: client.name,
      payee: worker.name,
      release: { is: 'word', party: client.name },
      expiry,
      arbiter: {
        is: 'fact',
        machine: arbiter.genesis.id,
        key: noticeKey(ruling, arbiter.owner.name, subject),
      },
    },
  }
  done(desk.wish({ by: client, operations: depositOperations(vault) }))
  return { title: of.title, subject, vault }
}

const tellAccepted = (output: Output, office: Office, of: Job): void => {
  output.line(`Job 1, ${of.title}: ${of.vault.terms.amount} CRED in escrow`, 'strong')
  output.line('  the worker delivers, the client says so')
  const outcome = settle(office, of, { by: office.worker, how: { is: 'claim', secrets: [] } })
  output.line(`  paid in full: ${words(outcome)}`, 'good')
  output.line()
}

const tellDisputed = (output: Output, office: Office, of: Job): void => {
  const { arbiter } = office
  const ruling = { toPayee: 50n, toPayer: of.vault.terms.amount - 50n }
  output.line(`Job 2, ${of.title}: ${of.vault.terms.amount} CRED in escrow`, 'strong')
  output.line('  the worker delivers, the client says half of it is wrong')
  const value = rulingValue(ruling)
  const logic = { machine: arbiter.genesis.id, logic: 0 }
  const { name: party } = arbiter.owner
  const { subject } = of
  arbiter.take({
    operations: [
      operationOnVault(logic, { is: 'publish', machine: logic.machine, party, subject, value }),
    ],
  })
  const receipts = arbiter.certify()
  output.line(
    `  the arbiter rules ${ruling.toPayee} to ${ruling.toPayer}: ${receipts} of 4 operators vouch`,
  )
  const premise: Premise = {
    is: 'fact',
    machine: logic.machine,
    transition: arbiter.machine().headId,
    key: noticeKey({ suite: office.town.suite, logic }, party, subject),
    value,
  }
  const outcome = settle(office, of, {
    by: office.worker,
    how: { is: 'rule', outcome: ruling },
    premise,
  })
  output.line(`  paid as ruled: ${words(outcome)}`, 'good')
  output.line()
}

const tellExpired = (output: Output, office: Office, of: Job): void => {
  const { arbiter, town } = office
  output.line(`Job 3, ${of.title}: ${of.vault.terms.amount} CRED in escrow`, 'strong')
  output.line('  nothing is delivered; the time runs out')
  const logic = { machine: arbiter.genesis.id, logic: 0 }
  const { name: party } = arbiter.owner
  const operation: Operation = operationOnVault(logic, {
    is: 'publish',
    machine: logic.machine,
    party,
    subject: of.subject,
    value: new TextEncoder().encode('not delivered'),
  })
  arbiter.take({ operations: [operation] })
  arbiter.certify()
  const transition: TransitionId = arbiter.machine().headId
  const { expiry } = of.vault.terms
  const outcome = settle(office, of, {
    by: office.client,
    how: { is: 'refund' },
    premise: { is: 'time', machine: arbiter.genesis.id, transition, atLeast: expiry?.at ?? 0n },
  })
  output.line(`  back to the client, by the directory's clock: ${words(outcome)}`, 'good')
  output.line(
    `  (${town.policy.operators.length} operators; the median of their times counts)`,
    'quiet',
  )
  output.line()
}

type Settling = { readonly by: Person; readonly how: Settlement; readonly premise?: Premise }

const settle = (office: Office, of: Job, settling: Settling): Outcome => {
  const { desk, arbiter } = office
  const operations = settleOperations(of.vault, settling.how)
  if (!settling.premise) return done(desk.wish({ by: settling.by, operations }))
  return done(
    desk.wish({
      by: settling.by,
      operations,
      premises: [settling.premise],
      beside: [arbiter.genesis],
      support: [arbiter.bundle()],
    }),
  )
}

/** A step that this story cannot go on without. */
const done = (outcome: Outcome): Outcome => {
  if (!outcome.final) throw new Error(`the step was refused: ${outcome.refusal ?? 'no reason'}`)
  return outcome
}

const words = (outcome: Outcome): string =>
  `both signed in ${outcome.messages} messages, ${outcome.bytes} bytes`
