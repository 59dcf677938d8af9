/** One request as bytes, one answer as text: whatever the bytes are. */
import { Fault } from 'tallystick/base'
import { describe, expect, test } from 'vitest'
import { at, textAt } from '../look.ts'
import { createDispatch } from '../../../src/guardian/rpc/dispatch.ts'
import { rpcError } from '../../../src/guardian/rpc/error.ts'
import { type Answer, method } from '../../../src/guardian/rpc/method.ts'
import { number, text } from '../../../src/guardian/rpc/param.ts'

const failures: unknown[] = []
const words = { what: '', result: '', example: [], cost: 1 }

const dispatch = createDispatch({
  context: { base: 40 },
  bodyBytes: 500,
  workBytes: 5000,
  answerBytes: 300,
  onAnswer: () => undefined,
  onFailure: (error) => failures.push(error),
  methods: [
    method({
      ...words,
      name: 'a.Sum',
      params: { and: number('more') },
      run: ({ base }: { base: number }, { and }): Answer => base + Number(and),
    }),
    method({
      ...words,
      name: 'a.Waits',
      params: {},
      run: async ({ base }: { base: number }): Promise<Answer> => {
        await new Promise((resolve) => setTimeout(resolve, base / 2))
        return 'done'
      },
    }),
    method({
      ...words,
      name: 'a.Fails',
      params: { how: text('how') },
      run: (_: { base: number }, { how }): Answer => {
        if (how === 'known') throw rpcError('unknown-account', undefined, 'why')
        if (how === 'fault') throw new Fault('test/fault', 'bytes that are none')
        if (how === 'store') throw Object.assign(new Error('full'), { code: 'store/full' })
        if (how.startsWith('long')) return how
        throw new Error('a secret of ours')
      },
    }),
  ],
})

const ask = async (body: unknown, pay = true): Promise<unknown> => {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const caller = {
    connection: 'a',
    push: undefined,
    subscriptions: new Map(),
    pay: () => pay,
    owe: () => undefined,
  }
  const answer = await dispatch(bytes, caller)
  return answer === undefined ? undefined : (JSON.parse(answer) as unknown)
}
const request = (more: object): object => ({
  jsonrpc: '2.0',
  id: 7,
  method: 'a.Sum',
  params: [{ and: 2 }],
  ...more,
})

describe('A request', () => {
  test('is answered with its id as it came', async () => {
    expect(await ask(request({}))).toEqual({ jsonrpc: '2.0', id: 7, result: 42 })
    for (const id of ['7', 'a-b-c', 0, -1, null]) {
      expect(await ask(request({ id }))).toMatchObject({ id, result: 42 })
    }
  })

  test('without an id is done and not answered', async () => {
    expect(await ask(request({ id: undefined }))).toBeUndefined()
    expect(await ask(request({ id: undefined, method: 'b.Nothing' }))).toBeUndefined()
  })

  test('may give its parameters as a list of one object, or as the object', async () => {
    expect(await ask(request({ params: { and: '0x2' } }))).toMatchObject({ result: 42 })
    expect(await ask(request({ params: [{ and: '0X2' }] }))).toMatchObject({ result: 42 })
  })

  test('is refused for what is no request, with its id where there is one', async () => {
    for (const bad of [
      { jsonrpc: '1.0' },
      { jsonrpc: undefined },
      { method: 1 },
      { method: undefined },
      { params: 'x' },
    ]) {
      expect(await ask(request(bad))).toMatchObject({ id: 7, error: { code: -32600 } })
    }
    expect(await ask('[]')).toMatchObject({ id: null, error: { code: -32600 } })
    expect(await ask('7')).toMatchObject({ id: null, error: { code: -32600 } })
    expect(await ask(request({ id: {} }))).toMatchObject({ id: null, result: 42 })
  })

  test('is refused for what is no JSON in one reading', async () => {
    for (const bad of ['', '{', '{"a":1,"a":2}', '{"__proto__":{}}', '1.5', 'x'.repeat(501)]) {
      expect(await ask(bad)).toMatchObject({ id: null, error: { code: -32700 } })
    }
    const caller = {
      connection: 'a',
      push: undefined,
      subscriptions: new Map(),
      pay: () => true,
      owe: () => undefined,
    }
    expect(await dispatch(new Uint8Array([0xff]), caller)).toContain('parse error')
  })

  test('is refused for a method that nobody has, by its name', async () => {
    const nothing = await ask(request({ method: 'moi.Nothing' }))
    expect(at(nothing, 'error')).toMatchObject({
      code: -32601,
      message: 'the method moi.Nothing does not exist/is not available',
      data: { reason: 'unknown-method' },
    })
    const long = await ask(request({ method: 'x'.repeat(200) }))
    expect(textAt(long, 'error.message').length).toBeLessThan(130)
    expect(at(await ask(request({ method: 'constructor' })), 'error.code')).toBe(-32601)
  })

  test('is refused for parameters that do not fit', async () => {
    for (const params of [[], [null], [{}], [{ and: -1 }], [{ and: '2' }], [{ and: [] }], ['x']]) {
      expect(at(await ask(request({ params })), 'error.code')).toBe(-32602)
    }
  })

  test('is refused where whoever asks has nothing left', async () => {
    expect(at(await ask(request({}), false), 'error.data.reason')).toBe('too-many')
  })
})

describe('What is large', () => {
  const long = (size: number): Promise<unknown> =>
    ask(request({ method: 'a.Fails', params: [{ how: 'long'.padEnd(size, 'x') }] }))

  test('is answered up to what an answer may have, and then told as too large', async () => {
    const rest = '{"jsonrpc":"2.0","id":7,"result":""}'.length
    expect(at(await long(300 - rest), 'error')).toBeUndefined()
    expect(at(await long(301 - rest), 'error.data.reason')).toBe('too-large')
  })

  test('is refused while as much is in work as may be', async () => {
    // Each has some seventy bytes; what is in work at once has five thousand.
    const all = await Promise.all(
      Array.from({ length: 200 }, () => ask(request({ method: 'a.Waits', params: [{}] }))),
    )
    const refused = all.filter((one) => at(one, 'error.data.reason') === 'later')
    expect(refused.length).toBeGreaterThan(50)
    expect(refused.length).toBeLessThan(200)
    expect(at(await ask(request({})), 'result')).toBe(42)
  })
})

describe('What goes wrong', () => {
  const failing = (how: string): Promise<unknown> =>
    ask(request({ method: 'a.Fails', params: [{ how }] }))

  test('with what was asked is told', async () => {
    expect(at(await failing('known'), 'error')).toEqual({
      code: -32000,
      message: 'account not found',
      data: { reason: 'unknown-account', detail: 'why' },
    })
    expect(at(await failing('fault'), 'error')).toMatchObject({
      code: -32602,
      data: { detail: 'test/fault' },
    })
    expect(at(await failing('store'), 'error.data.reason')).toBe('later')
    expect(failures).toHaveLength(0)
  })

  test('with us is told as that and nothing of it', async () => {
    expect(at(await failing('else'), 'error')).toEqual({
      code: -32603,
      message: 'internal error',
      data: { reason: 'failed' },
    })
    expect(failures.map(String)).toEqual(['Error: a secret of ours'])
  })
})

describe('A long answer', () => {
  const letters = createDispatch({
    context: {},
    bodyBytes: 500,
    workBytes: 5000,
    answerBytes: 50_000,
    onAnswer: () => undefined,
    onFailure: () => undefined,
    methods: [
      method({
        ...words,
        name: 'a.Letters',
        params: { count: number('how many') },
        run: (_, { count }): Answer => 'a'.repeat(Number(count)),
      }),
    ],
  })
  const owedFor = async (count: number): Promise<{ owed: number; text: string | undefined }> => {
    let owed = 0
    const body = Buffer.from(JSON.stringify(request({ method: 'a.Letters', params: [{ count }] })))
    const text = await letters(body, {
      connection: 'a',
      push: undefined,
      subscriptions: new Map(),
      pay: () => true,
      owe: (units) => {
        owed += units
      },
    })
    return { owed, text }
  }

  test('costs what it is long, and is refused beyond what an answer may have', async () => {
    expect((await owedFor(10_000)).owed).toBe(0)
    expect((await owedFor(40_000)).owed).toBe(40)
    expect((await owedFor(60_000)).text).toContain('the answer is too large')
  })
})
