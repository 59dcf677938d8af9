import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { convict, type Evidence } from '../../src/kernel/evidence.ts'
import { signerOf } from '../../src/kernel/controller.ts'
import { statementDigest } from '../../src/kernel/statement.ts'
import { ownerVote } from '../../src/models/directory/owner.ts'
import { AMEND } from '../../src/kernel/interaction.ts'
import { terms } from '../../src/kernel/charter.ts'
import { type Machine, openMachine } from '../../src/kernel/execute.ts'
import {
  answerKey,
  answerPath,
  answerValue,
  operationOnOracle,
  oracle,
  oracleOperation,
} from '../../src/logic/oracle.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import { read } from '../../src/state/tree.ts'
import {
  type Books,
  charterOf,
  codeOf,
  engine,
  machineIn,
  openBooks,
  pairOf,
  participantOf,
  take,
  taken,
} from './books.ts'

const SCORES = charterOf(['weatherman'], [{ name: 'oracle/1', params: new Uint8Array() }])
const start = openBooks([SCORES])
const [id] = [...start.machines.keys()]
if (id === undefined) throw new Error('there is a machine')

const answering = (question: string, answer: string, by: readonly string[] = ['weatherman']) => ({
  write: [id],
  operations: [operationOnOracle({ machine: id, logic: 0 }, { question, answer })],
  by,
})
const answerIn = (books: Books, question: string): Uint8Array | undefined =>
  read(
    machineIn(books, id).state,
    answerKey({ suite: 'classic', logic: { machine: id, logic: 0 } }, question),
  )

describe('an oracle', () => {
  test('answers a question, and another one', () => {
    const one = taken(start, answering('rain in Oslo', 'yes'))
    const two = taken(one, answering('rain in Rome', 'no'))
    expect(answerIn(two, 'rain in Oslo')).toEqual(answerValue('yes'))
    expect(answerIn(two, 'rain in Rome')).toEqual(answerValue('no'))
    expect(answerIn(one, 'rain in Rome')).toBeUndefined()
    expect(answerPath('rain in Oslo')).toEqual(['answer', 'rain in Oslo'])
  })

  test('answers a question once, whatever the answer', () => {
    const one = taken(start, answering('rain in Oslo', 'yes'))
    expect(codeOf(take(one, answering('rain in Oslo', 'no')))).toBe('oracle/answered')
    expect(codeOf(take(one, answering('rain in Oslo', 'yes')))).toBe('oracle/answered')
    const both = {
      ...answering('a', 'yes'),
      operations: ['yes', 'no'].flatMap((answer) => answering('a', answer).operations),
    }
    expect(codeOf(take(start, both))).toBe('oracle/answered')
  })

  test('answers with its controller’s consent alone', () => {
    expect(codeOf(take(start, answering('rain', 'yes', [])))).toBe('oracle/no-consent')
    expect(codeOf(take(start, answering('rain', 'yes', ['alice'])))).toBe('oracle/no-consent')
    expect(codeOf(take(start, answering('rain', 'yes')))).toBe('done')
  })

  test('has one controller, at the beginning and ever after', () => {
    const shared = charterOf(['a', 'b'], SCORES.logics)
    expect(openMachine(shared, STANDARD_LOGICS)).toMatchObject({ code: 'oracle/not-sole' })
    const grown = {
      ...SCORES.terms,
      participants: [...SCORES.terms.participants, participantOf('friend')],
    }
    const amended = taken(start, {
      ...answering('', ''),
      operations: [{ machine: id, logic: AMEND, argument: terms.encode(grown) }],
    })
    expect(codeOf(take(amended, answering('rain', 'yes')))).toBe('oracle/not-sole')
  })

  test('takes no parameters', () => {
    const [use] = SCORES.logics
    if (!use) throw new Error('it has a logic')
    const odd = { ...SCORES, logics: [{ ...use, params: new Uint8Array(1) }] }
    expect(openMachine(odd, STANDARD_LOGICS)).toMatchObject({ code: 'oracle/bad-params' })
  })

  test('writes its own machine alone', () => {
    const other = charterOf(['weatherman'], [], 9)
    const books = openBooks([SCORES, other])
    const [, elsewhere] = [...books.machines.keys()]
    if (elsewhere === undefined) throw new Error('there are two')
    const step = { ...answering('rain', 'yes'), write: [elsewhere], refer: [id] }
    expect(codeOf(take(books, step))).toBe('oracle/not-written')
  })

  test('keeps questions short and answers to a page', () => {
    const coded = (question: string, answer: string): string => {
      const done = faultFrom(() => oracleOperation.encode({ question, answer }))
      return isFault(done) ? done.code : 'done'
    }
    expect(coded('q'.repeat(128), 'a'.repeat(1024))).toBe('done')
    expect(coded('q'.repeat(129), 'a')).toBe('codec/too-long')
    expect(coded('q', 'a'.repeat(1025))).toBe('codec/too-long')
    expect(coded('two\nlines', 'a')).toBe('text/control-character')
    expect(coded('q', 'two\nlines')).toBe('done')
  })

  test('is described with its marks spelled out', () => {
    const argument = oracleOperation.encode({ question: 'rain', answer: 'a\nb' })
    expect(oracle.describe(argument, new Uint8Array(), SCORES.terms)).toBe(
      'answers "rain" with "a\\nb"',
    )
  })
})

describe('an oracle that gives two answers', () => {
  const [use] = SCORES.terms.participants
  const key = use?.controller.keys[0]
  if (!key) throw new Error('it has a key')
  const branch = (answer: string, question = 'rain'): Machine =>
    machineIn(taken(start, answering(question, answer)), id)
  const signed = (of: Machine): Evidence['first'] => {
    const statement = ownerVote(of.head)
    const digest = statementDigest('classic', statement)
    return { statement, signature: engine.sign('ed25519', pairOf('weatherman').secret, digest) }
  }
  const evidenceOf = (first: Machine, second: Machine): Evidence => ({
    suite: 'classic',
    scheme: key.scheme,
    publicKey: key.publicKey,
    first: signed(first),
    second: signed(second),
  })

  test('has signed two children of one parent, which convicts it', () => {
    const found = convict(evidenceOf(branch('yes'), branch('no')), engine)
    if (isFault(found)) throw found
    expect(found).toMatchObject({ kind: 'fork', machine: id, sequence: 1n })
    expect(found.signer).toBe(signerOf('classic', key))
  })

  test('is not convicted for one answer that it signed twice', () => {
    const found = convict(evidenceOf(branch('yes'), branch('yes')), engine)
    expect(isFault(found) && found.code).toBe('evidence/no-conflict')
  })
})
