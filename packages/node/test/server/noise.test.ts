/** What is no request, and values that are none of those that belong there: thousands of each, a million in slow runs. */
import { expect, test } from 'vitest'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import { belowFrom, pourNoise } from './noise.ts'
import { ask, refusalOf, startsForTests } from './town.ts'

const start = startsForTests()

/** It answers, and has signed nothing. */
const expectWell = async (one: RunningOperator): Promise<void> => {
  expect((await ask(one, '/v1/checkpoint')).status).toBe(200)
  expect(await (await ask(one, '/metrics')).text()).toMatch(/^tally_vows\{[^}]*\} 0$/m)
}

const NOISE = process.env['TALLYSTICK_SLOW'] === '1' ? 1_000_000 : 2000
test(
  `F10: ${NOISE} requests made of noise, with upgrades and bodies, bring nobody down either`,
  { timeout: 3_600_000 },
  async () => {
    const one = await start({ limits: { budget: 1e9, strangers: 1000 } })
    const below = belowFrom(7)
    const [each, together] = [20, 10]
    for (let sent = 0; sent < NOISE; sent += each * together) {
      await Promise.all(
        Array.from({ length: together }, () =>
          pourNoise(Number(new URL(one.url).port), { token: one.token, below, count: each }),
        ),
      )
    }
    await expectWell(one)
  },
)

const WRONG = process.env['TALLYSTICK_SLOW'] === '1' ? 10_000 : 150
test(`E14: ${WRONG} values of a wrong type in addresses and queries are refused in words, and nothing is stored`, async () => {
  const one = await start({ limits: { budget: 1e9 } })
  const below = belowFrom(14)
  const pick = (from: readonly string[]): string => from[below(from.length)] ?? ''
  const id = 'a'.repeat(64)
  const words = ['[object Object]', 'null', 'undefined', 'NaN', 'true', '[]', '{}', '1,2']
  const numbers = ['0x10', '1e3', '-1', '1.0', '+1', '01', ' 1', '1 ', '\u0661', '9'.repeat(40)]
  const ids = [`${id}0`, id.slice(1), id.toUpperCase(), `0x${id}`, `${id},${id}`]
  const wrong = [...words, ...numbers, ...ids, '__proto__', 'constructor', '{"length":64}']
  const paths = ['machines/:', 'machines/:/charter', 'machines/:/steps', 'machines/:/agreed']
  const named = [...paths, 'inbox/:', 'evidence/:', 'identities/:']
  const counted = [
    ['log?from=', 'log?limit=', 'consistency?from=', 'consistency?to='],
    ['evidence?from=', 'inclusion?index=', `machines/${id}/steps?from=`],
  ].flat()
  const answers = new Set<string>()
  for (let at = 0; at < WRONG; at++) {
    const value = encodeURIComponent(pick(wrong))
    const isNamed = below(2) === 0
    const path = isNamed ? pick(named).replace(':', value) : `${pick(counted)}${value}`
    const response = await ask(one, `/v1/${path}`)
    const [, body] = await refusalOf(response)
    answers.add(`${response.status} ${body}`)
    expect([path, response.status < 500]).toEqual([path, true])
    if (isNamed) expect([path, body]).toEqual([path, 'id/malformed'])
    expect([path, response.status === 200]).toEqual([path, false])
  }
  expect(answers.has('400 request/bad-query')).toBe(true)
  await expectWell(one)
})
