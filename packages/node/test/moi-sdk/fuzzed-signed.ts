/**
 * Interactions that were changed at random and then signed by their sender, so that they get past the signatures: what they do is up
 * to the rules. Each is refused, or has a receipt; the guardian goes on, its counters say what was executed, and no KMOI comes into
 * being or gets lost.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import {
  amountRecord,
  balanceOf,
  interactionHash,
  KMOI_ASSET,
  lockupOf,
  lockupsOf,
  type MoiId,
  type MoiInteraction,
  type MoiLock,
  PATH,
  readInteraction,
  writeInteraction,
  writeSignatures,
} from 'tallystick/moi'
import { DEV_WORDS } from '../../src/moi/hd-keys.ts'
import { type MoiSigner, signerOfSecret, signerOfWords } from '../../src/moi/signer.ts'
import type { GuardianContext } from '../../src/guardian/methods/context.ts'
import { changeBytes, createRandom, type Random } from './mutate.ts'
import { done, idOf, type Scene } from './node.ts'
import type { RecordedCall } from './record.ts'
import { ASSET, LOGIC, manifestOf } from './town.ts'

export type FuzzedSigned = {
  readonly refused: number
  readonly done: number
  readonly failed: number
  readonly bad: readonly string[]
}

export const fuzzSigned = async (
  scene: Scene,
  of: { readonly seed: number; readonly count: number },
): Promise<FuzzedSigned> => {
  const { context } = scene.running
  const random = createRandom(of.seed)
  const before = await kmoiIn(context)
  const bad: string[] = []
  const told = { refused: 0, done: 0, failed: 0 }
  let { signer, corpus } = await somebodyOn(scene)
  for (let at = 0; at < of.count; at += 1) {
    // By then it may have spent what it had, or revoked its key.
    if (at % EACH === EACH - 1) ({ signer, corpus } = await somebodyOn(scene))
    const sequence = await nextOf(context, signer.id)
    const changed = changedBy(random, random.pick(corpus))
    const args = writeInteraction({ ...changed, sender: { id: signer.id, sequence, keyId: 0 } })
    const digest = interactionHash(args)
    const signatures = writeSignatures([
      { id: signer.id, keyId: 0, signature: signer.sign(digest) },
    ])
    const where = `interaction ${at} of seed ${of.seed}: ${Buffer.from(args).toString('hex')}`
    try {
      const hash = await context.submissions.submit(args, signatures)
      const entry = await settled(context, hash, digest)
      if (!entry) bad.push(`no receipt: ${where}`)
      else if ((await nextOf(context, signer.id)) !== sequence + 1n)
        bad.push(`not counted: ${where}`)
      const { status } = await scene.provider.getInteractionReceipt(`0x${hash}`)
      told[status === 0 ? 'done' : 'failed'] += 1
    } catch (error) {
      told.refused += 1
      if (!(error instanceof Error) || error.name !== 'RpcError')
        bad.push(`${String(error)}: ${where}`)
    }
    if (bad.length > 10) break
  }
  const after = await kmoiIn(context)
  if (after !== before) bad.push(`${before} KMOI before, and ${after} after`)
  return { ...told, bad }
}

const nextOf = (context: GuardianContext, id: MoiId): Promise<bigint> =>
  context.views.ask([], (read) => {
    const value = read(id, ['sequence', '0'])
    return value === undefined ? 0n : Buffer.from(value).readBigUInt64LE(0)
  })

const settled = async (context: GuardianContext, hash: string, digest: Uint8Array) => {
  for (let tries = 0; tries < 30; tries += 1) {
    const found = await context.lattice.entryByHash(digest)
    if (found) return found
    if (context.submissions.droppedFor(hash) !== undefined) return undefined
    await context.waits.wait(hash)
  }
  return undefined
}

const EACH = 200
const KMOI = 10_000_000

/** Somebody new, and what was recorded as if they had sent it, about an asset and a logic of theirs. */
const somebodyOn = async (
  scene: Scene,
): Promise<{ readonly signer: MoiSigner; readonly corpus: readonly MoiInteraction[] }> => {
  const { sdk } = scene
  const wallet = await scene.newcomer(KMOI)
  const own = await idOf(wallet)
  const gold = await sdk.MAS0AssetLogic.newAsset(wallet, 'GOLD', 1_000_000, own, true)
  await done(gold.mint(own, 5000))
  const factory = new sdk.LogicFactory(manifestOf('tokenledger'), wallet)
  const { logic_id: logic = '' } = await (await factory.deploy('Seed', 'MOI', 1000).send()).result()
  const recorder = `0x${signerOfWords(DEV_WORDS, { number: 0 }).id}`
  const named = new Map([
    [ASSET, gold.assetId],
    [LOGIC, logic],
    [recorder, own],
  ])
  const there = (hex: string): Buffer => {
    let text = hex
    for (const [one, other] of named) text = text.replaceAll(one.slice(2), other.slice(2))
    return Buffer.from(text, 'hex')
  }
  const secret = Buffer.from(wallet.privateKey.padStart(64, '0'), 'hex')
  return { signer: signerOfSecret(new Uint8Array(secret)), corpus: corpusFrom(there) }
}

const corpusFrom = (there: (hex: string) => Buffer): readonly MoiInteraction[] => {
  const folder = join(import.meta.dirname, 'recorded')
  return readdirSync(folder).flatMap((name) => {
    const calls = JSON.parse(readFileSync(join(folder, name), 'utf8')) as RecordedCall[]
    return calls.flatMap(({ requests }) =>
      requests.flatMap(({ method, params }) => {
        if (method !== 'moi.SendInteractions') return []
        const [{ ix_args: hex }] = params as [{ ix_args: string }]
        const read = readInteraction(there(hex))
        return isFault(read) ? [] : [read]
      }),
    )
  })
}

const AMOUNTS = [0n, 1n, 99n, 100n, 101n, 10_000n, (1n << 63n) - 1n, (1n << 64n) - 1n]
const LOCKS: readonly MoiLock[] = ['mutate', 'read', 'none']

const changedBy = (random: Random, of: MoiInteraction): MoiInteraction => {
  const operations = of.operations.map(({ type, payload }) => ({
    type: random.below(40) === 0 ? random.below(20) : type,
    payload: random.below(3) === 0 ? new Uint8Array(changeBytes(random, payload, 1)) : payload,
  }))
  const again = random.below(8) === 0 ? [...operations, ...operations] : operations
  const participants = of.participants
    .filter(() => random.below(24) > 0)
    .map((one) => ({ ...one, lock: random.below(12) === 0 ? random.pick(LOCKS) : one.lock }))
  return {
    ...of,
    operations: again,
    participants,
    fuelLimit: random.below(6) === 0 ? random.pick(AMOUNTS) : of.fuelLimit,
    fuelPrice: random.below(30) === 0 ? random.pick(AMOUNTS) : of.fuelPrice,
    funds:
      random.below(10) === 0 ? [{ assetId: KMOI_ASSET, amount: random.pick(AMOUNTS) }] : of.funds,
    perception: random.below(20) === 0 ? new Uint8Array(random.below(500)) : undefined,
  }
}

/** All there is of it: balances, lockups, and what was spent on fuel. */
const kmoiIn = async ({ lattice, views }: GuardianContext): Promise<bigint> => {
  let sum = 0n
  let after: MoiId | undefined
  for (;;) {
    const page = await lattice.accounts(after, 100)
    const last = page.at(-1)
    if (!last) return sum
    for (const { account } of page) {
      sum += await views.ask([], (read) => {
        const held = { account, asset: KMOI_ASSET, token: 0n }
        const fuel = read(account, PATH.fuel)
        const locked = lockupsOf(read, account)
          .filter((one) => one.asset === KMOI_ASSET)
          .reduce((total, one) => total + lockupOf(read, held, one.for), 0n)
        return balanceOf(read, held) + locked + (fuel ? amountRecord.decode(fuel) : 0n)
      })
    }
    after = last.account
  }
}
