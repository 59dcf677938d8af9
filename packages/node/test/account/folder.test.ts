import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hexFromBytes } from 'tallystick/base'
import { directoryTerms } from 'tallystick/models'
import { joinAddresses, readAddresses, writeAddresses } from '../../src/account/folder.ts'
import { createDirectoryClient, seatsOf } from '../../src/client/directory.ts'
import type { OperatorAddress } from '../../src/client/operator.ts'
import { accountCharter, createNet, engine, person, policy } from '../client/town.ts'

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'tallystick-addresses-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

const keyOf = (name: string): string => hexFromBytes(person(name).publicKey)

const before: readonly OperatorAddress[] = policy.operators.map(({ name }) => ({
  name,
  url: `http://${name}`,
  token: 'old',
  publicKey: keyOf(name),
}))
/** Four others, with the very same names. */
const after: readonly OperatorAddress[] = before.map(({ name }) => ({
  name,
  url: `http://other-${name}`,
  token: 'new',
  publicKey: keyOf(`other ${name}`),
}))
const policyAfter = {
  ...policy,
  operators: policy.operators.map((one) => ({
    ...one,
    publicKey: person(`other ${one.name}`).publicKey,
  })),
}

const { terms } = accountCharter(person('alice'))
const urlsAt = (addresses: readonly OperatorAddress[], of: typeof policy) =>
  seatsOf(createDirectoryClient(addresses, { ...createNet(), verifier: engine }), {
    terms: { ...terms, policy: directoryTerms(of) },
  }).map((one) => one.client?.url)

const urlsOf = (addresses: readonly OperatorAddress[]) => addresses.map((one) => one.url)

describe('addresses of operators', () => {
  test('are kept of both who have one name, and each is asked at its own', () => {
    writeAddresses(path, before)
    writeAddresses(path, joinAddresses(readAddresses(path), after, policy.operators))
    const kept = readAddresses(path)
    expect(kept).toHaveLength(8)
    expect(urlsAt(kept, policy)).toEqual(urlsOf(before))
    expect(urlsAt(kept, policyAfter)).toEqual(urlsOf(after))
  })

  test('of folders that say no keys are told apart as well', () => {
    const bare = before.map(({ name, url, token }) => ({ name, url, token }))
    expect(urlsAt(bare, policy)).toEqual(urlsOf(before))
    const kept = joinAddresses(bare, after, policy.operators)
    expect(urlsAt(kept, policy)).toEqual(urlsOf(before))
    expect(urlsAt(kept, policyAfter)).toEqual(urlsOf(after))
  })

  test('are replaced where an operator is reached elsewhere with the same key', () => {
    const moved = before.map((one) => ({ ...one, url: `${one.url}:81` }))
    expect(joinAddresses(before, moved, policy.operators)).toEqual(moved)
  })

  test('with the name of an operator and the key of another are not asked in its stead', () => {
    expect(urlsAt(before, policyAfter)).toEqual([undefined, undefined, undefined, undefined])
  })
})
