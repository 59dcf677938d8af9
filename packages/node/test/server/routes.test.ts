/** Which address is which route: paths of the table, word for word or part by part, and nothing else. */
import { describe, expect, test } from 'vitest'
import { machineId } from 'tallystick/kernel'
import { ask, charterFor, openAt, startsForTests, stepsOf, submitAt } from './town.ts'

const start = startsForTests()

describe('an address', () => {
  test('is a route with its parts and its query, and nothing that only looks like one', async () => {
    const one = await start()
    const charter = charterFor([one.card])
    await openAt(one, charter)
    await submitAt(one, stepsOf(charter, 2))
    const machine = machineId(charter)
    const statusOf = async (path: string, method = 'GET'): Promise<number> =>
      (await ask(one, path, { method })).status
    expect(await statusOf(`/v1/machines/${machine}`)).toBe(200)
    expect(await statusOf(`/v1/machines/${machine}?from=1`)).toBe(200)
    expect(await statusOf(`/v1/machines/${machine}/steps?from=1&limit=1`)).toBe(200)
    expect(await statusOf(`/v1/machines/${machine}/steps?from=one`)).toBe(400)
    expect(await statusOf('/readyz', 'HEAD')).toBe(200)
    for (const path of [
      '/',
      '/v1',
      '/v1/machines',
      '/v1/machines/',
      `/v1/machines/${machine}/`,
      `/v1/machines/${machine}/other`,
      `/v1/machines/${machine}/steps/1`,
      `/v1//machines/${machine}`,
      `//v1/machines/${machine}`,
      `/V1/machines/${machine}`,
      `/v1/machines/${machine}%2fsteps`.replace('machines', 'machine'),
      `/v1/${'/'.repeat(4000)}`,
      '/v1/machines/__proto__/steps/constructor',
    ]) {
      expect(await statusOf(path), path.slice(0, 80)).toBe(404)
    }
    expect(await statusOf('/v1/steps')).toBe(404)
    expect(await statusOf(`/v1/machines/${machine}`, 'DELETE')).toBe(404)
    expect(await statusOf('/v1/machines/__proto__')).toBe(400)
  })
})
