/**
 * A directory in small, for tests of healing: operators that vow, owners that hand anything to anybody, liars that sign whatever
 * they are handed, and one operator that is set back at some moment and heals. Numbers stand for signatures: the rules under
 * test are those of `healing.ts`, and what they must bring about is that nobody honest signs twice in one place.
 */
import { isFault } from '../../../src/base/fault.ts'
import type { SignerKey } from '../../../src/base/signer.ts'
import {
  aheadFault,
  healingFault,
  isEnoughForHealing,
  peersNeeded,
} from '../../../src/models/directory/healing.ts'
import type { DirectoryPolicy } from '../../../src/models/directory/policy.ts'
import { createStreams, type Stream } from '../../../src/sim/random.ts'
import { anId } from '../../kernel/sample.ts'

/** What a test gets wrong on purpose. */
export type Mistake =
  | 'none'
  | 'asks one too few'
  | 'is told less than it asks for'
  | 'vows any number ahead'
  | 'forgets how far ahead it was'
  | 'does not ask'

type Vows = Map<string, number>

type Op = {
  readonly at: number
  readonly isLiar: boolean
  vows: Vows
  /** Newest certified step that it was shown, by machine. */
  shown: Map<number, number>
  /** After it has healed: the highest number that others showed. */
  floors: ((machine: number) => number) | undefined
}

export type Outcome = {
  /** Places at which an honest operator has signed for two children. */
  readonly twice: readonly string[]
  readonly certifiedTwice: boolean
  /** Whether the operator that was set back has lost a vow, and whether it has signed something new since. */
  readonly hasLost: boolean
  readonly goesOn: boolean
  readonly isHealed: boolean
}

const SIZES: readonly Pick<DirectoryPolicy, 'threshold' | 'faulty'>[] = [
  { threshold: 3, faulty: 1 },
  { threshold: 5, faulty: 2 },
  { threshold: 4, faulty: 1 },
]
const COUNTS = [4, 7, 5]
const MACHINES = [0, 1, 2]
const ids = MACHINES.map((at) => anId<'machine'>(`machine ${at}`))

const policyOf = (size: number): DirectoryPolicy => ({
  operators: Array.from({ length: COUNTS[size] ?? 4 }, (_, at) => ({
    name: `o${at}`,
    scheme: 'ed25519',
    publicKey: new Uint8Array(32).fill(at + 1),
  })),
  ...(SIZES[size] ?? { threshold: 3, faulty: 1 }),
})

const name = (machine: number, sequence: number): string => `${machine}/${sequence}`

/** One life of a directory, up to an operator's loss, its healing, and what comes after. */
export const livedThrough = (seed: number, mistake: Mistake): Outcome => {
  const draw = createStreams(seed)('healing')
  const policy = policyOf(seed % SIZES.length)
  const { operators, threshold, faulty } = policy
  const ahead = 1 + draw.below(3)
  const all = operators.map((_, at): Op => ({
    at,
    isLiar: at >= operators.length - faulty,
    vows: new Map(),
    shown: new Map(),
    floors: undefined,
  }))
  const world: World = {
    policy,
    all,
    ahead,
    mistake,
    signed: new Map(),
    newest: new Map(),
    certified: new Map(),
  }
  const [victim] = all
  if (!victim) throw new Error('an operator')
  const before = 4 + draw.below(40)
  let copy = { vows: new Map(victim.vows), shown: new Map(victim.shown) }
  const copyAt = draw.below(before)
  for (let at = 0; at < before; at++) {
    if (at === copyAt) copy = { vows: new Map(victim.vows), shown: new Map(victim.shown) }
    act(world, draw, threshold)
  }
  const had = victim.vows.size
  victim.vows = copy.vows
  victim.shown = copy.shown
  const isHealed = heal(world, draw, victim)
  const hasLost = victim.vows.size < had
  const kept = world.signed.get(0)?.size ?? 0
  // A victim that could not heal stays in quarantine, and signs nothing.
  for (let at = 0; at < 40; at++) act(world, draw, threshold, isHealed ? undefined : victim)
  const twice = all
    .filter((one) => !one.isLiar)
    .flatMap((one) =>
      [...(world.signed.get(one.at) ?? [])].flatMap(([place, children]) =>
        children.size > 1 ? [`${one.at} ${place}`] : [],
      ),
    )
  return {
    twice,
    certifiedTwice: [...world.certified.values()].some((children) => children.size > 1),
    hasLost,
    goesOn: (world.signed.get(0)?.size ?? 0) > kept,
    isHealed,
  }
}

type World = {
  readonly policy: DirectoryPolicy
  readonly all: readonly Op[]
  readonly ahead: number
  readonly mistake: Mistake
  /** Children that an operator has signed for, by place. */
  readonly signed: Map<number, Map<string, Set<number>>>
  readonly certified: Map<string, Set<number>>
  /** The highest certified number of a machine. */
  readonly newest: Map<number, number>
}

/** Somebody submits something somewhere, or shows a certificate to somebody. */
const act = (world: World, draw: Stream, threshold: number, absent?: Op): void => {
  const machine = draw.pick(MACHINES) ?? 0
  const top = world.newest.get(machine) ?? 0
  const reachable = world.all.filter((one) => one !== absent)
  if (draw.chance(30)) {
    const to = draw.pick(reachable)
    if (to && top > 0)
      to.shown.set(machine, Math.max(to.shown.get(machine) ?? 0, 1 + draw.below(top)))
    return
  }
  const sequence = 1 + draw.below(top + world.ahead + 1)
  const child = draw.below(2)
  // To one alone, to some, or to all.
  const share = draw.pick([20, 60, 100]) ?? 100
  for (const one of reachable) {
    if (!draw.chance(share)) continue
    // An operator that is behind is shown the newest certificate first, as clients do.
    if (draw.chance(70)) one.shown.set(machine, Math.max(one.shown.get(machine) ?? 0, top))
    submit(world, one, { machine, sequence, child })
  }
  const receipts = world.all.filter((one) =>
    world.signed.get(one.at)?.get(name(machine, sequence))?.has(child),
  )
  if (receipts.length < threshold) return
  const place = name(machine, sequence)
  world.certified.set(place, (world.certified.get(place) ?? new Set()).add(child))
  world.newest.set(machine, Math.max(top, sequence))
}

type Step = { readonly machine: number; readonly sequence: number; readonly child: number }

const submit = (world: World, one: Op, { machine, sequence, child }: Step): void => {
  const place = name(machine, sequence)
  const taken = one.vows.get(place)
  if (!one.isLiar && taken === undefined) {
    const id = ids[machine]
    if (!id) throw new Error('a machine')
    const step = { machine: id, sequence: BigInt(sequence) }
    const known = BigInt(one.shown.get(machine) ?? 0)
    const ahead = BigInt(world.ahead)
    if (world.mistake !== 'vows any number ahead' || one.at !== 0) {
      if (isFault(aheadFault(step, known, ahead))) return
    } else if (isFault(aheadFault(step, known, ahead + 3n))) return
    if (one.floors) {
      const margin = world.mistake === 'forgets how far ahead it was' ? 0n : ahead
      if (healingFault(step, BigInt(one.floors(machine)), margin)) return
    }
  }
  if (!one.isLiar && taken !== undefined && taken !== child) return
  one.vows.set(place, child)
  const signed = world.signed.get(one.at) ?? new Map<string, Set<number>>()
  world.signed.set(one.at, signed)
  signed.set(place, (signed.get(place) ?? new Set()).add(child))
}

/** Asks some of the others. What honest ones show is all they have; liars show what they like. */
const heal = (world: World, draw: Stream, victim: Op): boolean => {
  const { policy, all, mistake } = world
  const others = all.filter((one) => one !== victim)
  const self = keyOf(policy, victim)
  const needed = peersNeeded(policy)
  const fewer = mistake === 'asks one too few' ? 1 : mistake === 'does not ask' ? needed : 0
  const least = needed - fewer
  const shuffled = [...others].sort(() => draw.below(3) - 1)
  const count = least + draw.below(others.length - least + 1)
  const answered = fewer > 0 ? shuffled.slice(0, least) : shuffled.slice(0, count)
  if (
    fewer === 0 &&
    !isEnoughForHealing(
      policy,
      self,
      answered.map((one) => keyOf(policy, one)),
    )
  ) {
    return false
  }
  const floors = new Map<number, number>()
  for (const one of answered) {
    const isMuted = mistake === 'is told less than it asks for' && !one.isLiar
    for (const place of one.vows.keys()) {
      const [machine = 0, sequence = 0] = place.split('/').map(Number)
      if (isMuted || (one.isLiar && draw.chance(70))) continue
      floors.set(machine, Math.max(floors.get(machine) ?? 0, sequence))
    }
  }
  // Its own receipts, out of certificates that the others keep.
  for (const [place, children] of world.certified) {
    for (const child of children) {
      const isHeld = answered.some((one) => !one.isLiar && one.vows.get(place) === child)
      const isOwn = world.signed.get(victim.at)?.get(place)?.has(child) === true
      if (isHeld && isOwn && draw.chance(60)) victim.vows.set(place, child)
    }
  }
  victim.floors = (machine) => floors.get(machine) ?? 0
  return true
}

const keyOf = ({ operators }: DirectoryPolicy, { at }: Op): SignerKey => {
  const key = operators[at]
  if (!key) throw new Error('an operator')
  return key
}
